// What registries of packages and images hand out.

import { basicPair, crcTail, pypiMacaroon } from "../checks.ts";
import { alnum, byName, hex, lower, of, ofBlock, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const pypi = of("PyPI");
const docker = of("Docker");
const jfrog = of("JFrog");
const packagist = of("Packagist");

export const packages: readonly Rule[] = [
  // github.blog, "npm's new access token format" (2021): GitHub's checksum
  of("npm")("npm-token", "access token", `npm_${alnum(36)}`, { check: crcTail }),
  // docs.npmjs.com, .npmrc: tokens of before 2021 are UUIDs
  byName("npm")("npm-legacy-token", "access token of before 2021", ["_authtoken", "npm_token"], uuid),
  // pypi.org/help, API tokens: macaroons behind a prefix
  pypi("pypi-token", "API token", `pypi-AgEIcHlwaS5vcmc${url("50,1000")}`, { check: pypiMacaroon }),
  pypi("testpypi-token", "API token of the test index", `pypi-AgENdGVzdC5weXBpLm9yZ${url("50,1000")}`),
  // guides.rubygems.org, API keys
  of("RubyGems")("rubygems-token", "API key", `rubygems_${hex(48)}`),
  // doc.rust-lang.org/cargo; crates.io's source: "cio" and 32 letters and digits
  of("crates.io")("crates-token", "API token", `cio${alnum(32)}`),
  // learn.microsoft.com/nuget, API keys: base 32 in which some places hold few values
  of("NuGet")(
    "nuget-key",
    "API key",
    `oy2[a-p][0-9a-z]{15}[aq][0-9a-z]{11}[eu][bdfhjlnprtvxz357][a-p][0-9a-z]{11}[aeimquy4]`,
  ),
  // docs.docker.com, access tokens
  docker("docker-personal-token", "personal access token", `dckr_pat_${url(27)}`),
  docker("docker-organisation-token", "organisation access token", `dckr_oat_${url("27,32")}`),
  // docs.docker.com, config.json: `auth` is base64 of name and password
  ofBlock("Docker")(
    "docker-config-auth",
    "registry password in a configuration",
    '"auth" ?: ?"([0-9A-Za-z+/]{16,1500}={0,2})"',
    {
      keywords: ['"auth"'],
      group: 1,
      check: basicPair,
    },
  ),
  // github.com/clojars, deploy tokens
  of("Clojars")("clojars-token", "deploy token", `CLOJARS_${hex(60)}`),
  // jfrog.com/help: API keys are base58-like behind a mark; reference tokens are base64 of "reftkn:"
  jfrog("jfrog-api-key", "API key", `AKCp[0-9A-Za-z]{69}`),
  jfrog("jfrog-reference-token", "reference token", `cmVmdGtuO${alnum("54,58")}`),
  // packagist.com/docs, tokens
  packagist("packagist-token", "organisation or user token", `packagist_[ou][ru]t_${hex(68)}`, {
    keywords: ["packagist_"],
  }),
  // developer.hashicorp.com/terraform, tokens of HCP Terraform
  of("HashiCorp")("terraform-token", "HCP Terraform token", `${alnum(14)}\\.atlasv1\\.${url("60,70")}`, {
    keywords: ["atlasv1"],
    at: [15],
  }),
  // docs.cloudsmith.com, and gemfury: without a mark
  byName("Cloudsmith")("cloudsmith-key", "API key", ["cloudsmith_api_key"], hex(40)),
  // hex.pm: without a mark
  byName("Hex")("hex-key", "API key", ["hex_api_key"], hex(32)),
  // docs.postman.com and docs.readme.com
  of("Postman")("postman-key", "API key", `PMAK-${hex(24)}-${hex(34)}`),
  of("ReadMe")("readme-key", "API key", `rdme_${lower(70)}`),
  // docs.dependencytrack.org
  of("Dependency-Track")("dependencytrack-key", "API key", `odt_(?:[0-9A-Za-z]{8}_)?${alnum(32)}`),
  // ionic.io/docs
  of("Ionic")("ionic-token", "personal access token", `ion_${lower(42)}`),
];
