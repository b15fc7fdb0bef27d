// What servers of source code hand out. GitHub's short tokens carry a checksum, GitLab's routable ones too.

import { crcTail, githubHash, githubJwt, gitlabTail } from "../checks.ts";
import { alnum, anyHex, base64, byName, hex, lower, of, url } from "../make.ts";
import type { Rule } from "../rule.ts";

const github = of("GitHub");
const gitlab = of("GitLab");
const atlassian = of("Atlassian");
const sourcegraph = of("Sourcegraph");

export const hosting: readonly Rule[] = [
  // github.blog, "Behind GitHub's new authentication token formats" (2021): prefix, 30 random, 6 of CRC-32 in base 62
  github("github-personal-token", "personal access token, classic", `ghp_${alnum(36)}`, { check: crcTail }),
  github("github-oauth-token", "OAuth access token", `gho_${alnum(36)}`, { check: crcTail }),
  github("github-user-token", "user-to-server token of an app", `ghu_${alnum(36)}`, { check: crcTail }),
  github("github-server-token", "server-to-server token of an app", `ghs_${alnum(36)}`, { proof: crcTail }),
  // docs.github.com, refreshing user access tokens: 76 characters
  github("github-refresh-token", "refresh token of an app", `ghr_${alnum(76)}`, { check: crcTail }),
  // docs.github.com, authenticating as an installation: stateless tokens
  github(
    "github-stateless-token",
    "server-to-server token of an app, stateless",
    `ghs_[0-9]{1,20}_eyJ${url("10,1000")}\\.eyJ${url("10,2000")}\\.${url("20,1500")}`,
    { check: githubJwt },
  ),
  byName("GitHub")(
    "github-legacy-token",
    "token or client secret of before 2021",
    ["github_token", "github_secret", "github_client_secret", "gh_token"],
    hex(40),
  ),
  // docs.github.com, fine-grained personal access tokens
  github("github-fine-token", "personal access token, fine-grained", `github_pat_${alnum(22)}_${alnum(59)}`, {
    proof: githubHash,
  }),
  // docs.gitlab.com, token overview, token prefixes
  gitlab("gitlab-personal-token", "personal, project or group access token", `glpat-${url(20)}(?!-|\\.[0-9a-z])`),
  gitlab("gitlab-routable-token", "access token, routable", `glpat-${url("27,300")}(?:\\.\\d\\d)?\\.${lower(9)}`, {
    check: gitlabTail,
  }),
  gitlab("gitlab-deploy-token", "deploy token", `gldt-${url("20,40")}`),
  gitlab("gitlab-runner-token", "runner authentication token", `glrt-${url(20)}(?!-|\\.[0-9a-z])`),
  gitlab(
    "gitlab-routable-runner-token",
    "runner authentication token, routable",
    `glrt-t\\d_${url("27,300")}(?:\\.\\d\\d)?\\.${lower(9)}`,
    {
      check: gitlabTail,
    },
  ),
  gitlab("gitlab-job-token", "CI job token", `glcbt-[0-9A-Za-z]{1,5}_${url(20)}`),
  gitlab("gitlab-trigger-token", "pipeline trigger token", `glptt-${anyHex(40)}`),
  gitlab("gitlab-feed-token", "feed token", `glft-${url(20)}`),
  gitlab("gitlab-mail-token", "incoming mail token", `glimt-${url(25)}`),
  gitlab("gitlab-agent-token", "Kubernetes agent token", `glagent-${url(50)}`),
  gitlab("gitlab-scim-token", "SCIM token", `glsoat-${url(20)}`),
  gitlab("gitlab-flags-token", "feature flags client token", `glffct-${url(20)}`),
  gitlab("gitlab-oauth-secret", "OAuth application secret", `gloas-${url(64)}`),
  gitlab("gitlab-registration-token", "runner registration token", `GR1348941${url(20)}`),
  gitlab("gitlab-session", "session cookie", `_gitlab_session=${lower(32)}`),
  // support.atlassian.com, API tokens: marks of what they belong to, CRC-32 in hexadecimal at the end
  atlassian("atlassian-api-token", "API token", `ATATT3xFfGF0${url("100,250")}=[0-9A-F]{8}`),
  atlassian(
    "atlassian-scoped-token",
    "administration key or Bitbucket repository token",
    `ATCTT3xFfGN0${url("100,250")}=[0-9A-F]{8}`,
  ),
  atlassian("bitbucket-app-password", "Bitbucket app password", `ATBB${alnum(24)}[0-9A-F]{8}`),
  // sourcegraph.com/docs, access tokens
  sourcegraph("sourcegraph-token", "access token", `sgp_(?:(?:${anyHex(16)}|local)_)?${anyHex(40)}`),
  sourcegraph("sourcegraph-licence-token", "licence gateway key", `slk_${hex(64)}`),
  // learn.microsoft.com, Azure DevOps personal access tokens: 84 characters with a mark
  of("Azure DevOps")("azure-devops-token", "personal access token", `${alnum(76)}AZDO${alnum(4)}`, {
    keywords: ["azdo"],
    at: [76],
  }),
  // gitea and forgejo: without a mark
  byName("Gitea")("gitea-token", "access token", ["gitea_token", "gitea_access_token", "forgejo_token"], hex(40)),
  byName("Bitbucket")(
    "bitbucket-oauth-secret",
    "OAuth consumer secret",
    ["bitbucket_secret", "bitbucket_client_secret"],
    alnum(32),
  ),
  // openshift's token of a session
  of("OpenShift")("openshift-token", "user token", `sha256~${url(43)}`),
  // docs.docker.com, swarm join tokens
  of("Docker")("docker-swarm-token", "swarm join token", `SWMTKN-1-${lower(50)}-${lower(25)}`),
  // rancher's API keys: name and 54 random letters and digits
  of("Rancher")("rancher-token", "API token", `token-[0-9a-z]{5}:${lower(54)}`),
  // kubeconfig(5): a client's key in base64, which begins as a PEM block does
  of("Kubernetes")(
    "kubeconfig-key",
    "client key in a kubeconfig",
    `client-key-data: ?["']?LS0tLS1CRUdJTi${base64("100,8000")}={0,2}`,
    {
      keywords: ["client-key-data"],
    },
  ),
];
