// What services hand out that build, deploy and watch programs.

import { grafanaTail, sentryToken } from "../checks.ts";
import { alnum, anyHex, base64, byName, hex, lower, of, ofBlock, upper, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const newrelic = of("New Relic");
const sentry = of("Sentry");
const grafana = of("Grafana");
const buildkite = of("Buildkite");
const circleci = of("CircleCI");
const sonar = of("SonarQube");
const posthog = of("PostHog");
const prefect = of("Prefect");
const axiom = of("Axiom");
const honeycomb = of("Honeycomb");
const launchdarkly = of("LaunchDarkly");
const dbt = of("dbt");

export const operations: readonly Rule[] = [
  // docs.newrelic.com, API keys
  newrelic("newrelic-user-key", "user key", `NRAK-${upper(27)}`),
  newrelic("newrelic-insert-key", "insert key", `NRII-${url(32)}`),
  newrelic("newrelic-query-key", "query key", `NRIQ-${url(32)}`),
  newrelic("newrelic-admin-key", "administration key", `NRAA-${hex(27)}`),
  newrelic("newrelic-licence-key", "licence key", `${hex(36)}NRAL`, { keywords: ["nral"], at: [36] }),
  // docs.sentry.io, auth tokens
  sentry("sentry-organisation-token", "organisation token", `sntrys_eyJ${base64("60,400")}={0,2}_${base64(43)}`, {
    check: sentryToken,
  }),
  sentry("sentry-user-token", "user token", `sntryu_${hex(64)}`),
  // grafana.com/docs, service accounts; the checksum as in Grafana's source, satokengen
  grafana("grafana-service-token", "service account token", `glsa_${alnum(32)}_${hex(8)}`, { check: grafanaTail }),
  grafana("grafana-cloud-token", "cloud access policy token", `glc_eyJ${base64("40,400")}={0,2}`),
  grafana("grafana-api-key", "API key of the first kind", `eyJrIjoi${base64("50,200")}={0,2}`),
  // docs.dynatrace.com, access tokens: public part and secret part
  of("Dynatrace")("dynatrace-token", "access token", `dt0[a-z]\\d{2}\\.[A-Z2-7]{24}\\.[A-Z2-7]{64}`, {
    keywords: ["dt0c", "dt0s"],
  }),
  // posthog.com/docs: personal keys; project keys are public
  posthog("posthog-personal-key", "personal API key", `phx_${alnum("40,56")}`),
  // axiom.co/docs, tokens
  axiom("axiom-api-token", "API token", `xaat-${uuid}`),
  axiom("axiom-personal-token", "personal access token", `xapt-${uuid}`),
  // docs.honeycomb.io, API keys
  honeycomb("honeycomb-ingest-key", "ingest key", `hc[a-z]ik_${lower(58)}`, {
    keywords: ["hcaik_", "hcxik_", "hcbik_"],
  }),
  honeycomb("honeycomb-management-key", "management key", `hc[a-z]mk_${lower("26,58")}`, {
    keywords: ["hcamk_", "hcxmk_", "hcbmk_"],
  }),
  // launchdarkly.com/docs: SDK keys of servers and API tokens
  launchdarkly("launchdarkly-sdk-key", "SDK key of a server", `sdk-${uuid}`),
  launchdarkly("launchdarkly-token", "API access token", `api-${uuid}`),
  // docs.statsig.com, keys
  of("Statsig")("statsig-secret-key", "server secret key", `secret-${alnum(43)}`, { entropy: 3.8 }),
  byName("Datadog")(
    "datadog-key",
    "API or application key",
    ["datadog", "dd_api_key", "dd_app_key", "dd-api-key", "dd-application-key"],
    `${hex(40)}|${hex(32)}`,
  ),
  byName("Rollbar")("rollbar-token", "access token", ["rollbar"], hex(32)),
  byName("Bugsnag")("bugsnag-key", "API key", ["bugsnag"], hex(32)),
  byName("Splunk")("splunk-hec-token", "event collector token", ["splunk_hec_token", "splunk_token"], uuid),
  byName("PagerDuty")("pagerduty-key", "REST API key", ["pagerduty"], "(?:[0-9A-Za-z+_-]{20}|[0-9a-f]{32})"),
  byName("Opsgenie")("opsgenie-key", "API key", ["opsgenie"], uuid),
  byName("Sumo Logic")("sumologic-key", "access key", ["sumologic", "sumo_access_key", "sumo_logic"], alnum(64)),
  // buildkite.com/docs, API and agent tokens
  buildkite("buildkite-token", "API access token", `bkua_${hex(40)}`),
  buildkite("buildkite-agent-token", "agent token", `bkct_${alnum("40,80")}`),
  // circleci.com/docs, managing API tokens
  circleci("circleci-personal-token", "personal API token", `CCIPAT_${alnum("20,24")}_${hex(40)}`),
  byName("CircleCI")("circleci-legacy-token", "API token of before 2023", ["circleci", "circle_token"], hex(40)),
  circleci("circleci-project-token", "project API token", `CCIPRJ_${alnum("20,24")}_${hex(40)}`),
  // docs.sonarsource.com, token kinds
  sonar("sonar-user-token", "user token", `squ_${hex(40)}`),
  sonar("sonar-project-token", "project analysis token", `sqp_${hex(40)}`),
  sonar("sonar-global-token", "global analysis token", `sqa_${hex(40)}`),
  byName("Snyk")("snyk-token", "API token", ["snyk"], uuid),
  byName("Codecov")("codecov-token", "upload token", ["codecov_token", "codecov-token"], uuid),
  byName("Code Climate")(
    "codeclimate-reporter",
    "test reporter id",
    ["cc_test_reporter_id", "codeclimate_repo_token"],
    hex(64),
  ),
  byName("Codacy")(
    "codacy-token",
    "project token",
    ["codacy_project_token", "codacy_api_token"],
    `${hex(32)}|${alnum(20)}`,
  ),
  byName("Jenkins")("jenkins-token", "API token", ["jenkins"], `11${hex(32)}`),
  // developer.harness.io, API keys
  of("Harness")(
    "harness-token",
    "personal or service account token",
    `[ps]at\\.${url(22)}\\.${hex(24)}\\.${alnum(20)}`,
    {
      keywords: ["pat.", "sat."],
    },
  ),
  // octopus.com/docs, API keys
  of("Octopus Deploy")("octopus-key", "API key", `API-[A-Z0-9]{25,32}`, { entropy: 3.2 }),
  // jetbrains.com/help/teamcity: a JWT-like token with a header of its own
  of("TeamCity")("teamcity-token", "access token", `eyJ0eXAiOiAiVENWMiJ9\\.${url(36)}\\.${url(48)}`),
  // infracost.io/docs, scalingo, prefect, airbyte
  of("Infracost")("infracost-key", "API key", `ico-${alnum(32)}`),
  of("Scalingo")("scalingo-token", "API token", `tk-us-${url(48)}`),
  prefect("prefect-user-key", "user API key", `pnu_${alnum(36)}`),
  prefect("prefect-service-key", "service account API key", `pnb_${alnum(36)}`),
  // docs.getdbt.com, authentication
  dbt("dbt-cloud-token", "service token", `dbtc_${url("40,64")}`),
  dbt("dbt-user-token", "personal access token", `dbtu_${url("40,64")}`),
  // docs.stackhawk.com, checklyhq.com/docs, uptimerobot.com/api
  of("StackHawk")("stackhawk-key", "API key", `hawk\\.${url(20)}\\.${url(20)}`),
  of("Checkly")("checkly-key", "user API key", `cu_${hex(32)}`),
  of("Uptime Robot")("uptimerobot-key", "account key", `ur\\d{5,8}-${hex(24)}`, {
    keywords: [..."123456789"].map((digit) => `ur${digit}`),
  }),
  // trigger.dev/docs and inngest.com/docs
  of("Trigger.dev")("trigger-key", "secret key", `tr_(?:prod|dev|stg|preview|pat)_${alnum("20,40")}`, {
    keywords: ["tr_prod_", "tr_dev_", "tr_stg_", "tr_preview_", "tr_pat_"],
  }),
  of("Inngest")("inngest-signing-key", "signing key", `signkey-(?:prod|test|branch)-${hex("32,64")}`, {
    keywords: ["signkey-"],
  }),
  // contribsys.com: a name and a password in the address of a package server
  ofBlock("Sidekiq")(
    "sidekiq-address",
    "package server's credentials",
    `${anyHex(8)}:${anyHex(8)}@(?:gems|enterprise)\\.contribsys\\.com`,
    {
      keywords: ["@gems.contribsys.com", "@enterprise.contribsys.com"],
      at: [17],
      entropy: 2.5,
    },
  ),
];
