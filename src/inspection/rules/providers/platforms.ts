// What platforms of hosting, data stores, networks and keepers of secrets hand out.

import { confluentTail, crcTail, servicePassword } from "../checks.ts";
import { alnum, base64, byName, hex, lower, of, ofBlock, upper, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const vercel = of("Vercel");
const supabase = of("Supabase");
const planetscale = of("PlanetScale");
const doppler = of("Doppler");
const vault = of("HashiCorp");
const tailscale = of("Tailscale");
const fly = of("Fly.io");
const onepassword = of("1Password");
const settlemint = of("SettleMint");

export const platforms: readonly Rule[] = [
  // vercel.com/docs, token formats of 2025: GitHub's checksum behind 50 random characters
  vercel("vercel-personal-token", "personal access token", `vcp_${url(50)}${alnum(6)}`, { check: crcTail }),
  vercel("vercel-integration-token", "integration token", `vci_${url(50)}${alnum(6)}`, { check: crcTail }),
  vercel("vercel-app-token", "app access token", `vca_${url(50)}${alnum(6)}`, { check: crcTail }),
  vercel("vercel-refresh-token", "app refresh token", `vcr_${url(50)}${alnum(6)}`, { check: crcTail }),
  vercel("vercel-gateway-key", "AI gateway key", `vck_${url(50)}${alnum(6)}`, { check: crcTail }),
  byName("Vercel")(
    "vercel-legacy-token",
    "access token of before 2025",
    ["vercel_token", "vercel_api_token", "vercel_access_token"],
    alnum(24),
  ),
  // docs.deno.com, Deploy's tokens
  of("Deno")("deno-personal-token", "personal access token", `ddp_${alnum(36)}`),
  of("Deno")("deno-organisation-token", "organisation token", `ddo_${alnum(36)}`),
  // docs.netlify.com, access tokens
  of("Netlify")("netlify-token", "access token", `nfp_${alnum("36,48")}`),
  // devcenter.heroku.com, platform API keys
  of("Heroku")("heroku-key", "platform API key", `HRKU-AA${url(58)}`),
  byName("Heroku")("heroku-legacy-key", "platform API key of the first kind", ["heroku"], uuid),
  // api-docs.render.com
  of("Render")("render-key", "API key", `rnd_${alnum(28)}`),
  byName("Railway")("railway-token", "API token", ["railway_token", "railway_api_token"], uuid),
  // fly.io/docs, access tokens: macaroons
  fly("fly-macaroon", "macaroon", `fm2_${base64("100,2000")}={0,2}`),
  fly("fly-oauth-token", "OAuth token", `fo1_${url(43)}`),
  // supabase.com/docs, API keys and access tokens
  supabase("supabase-access-token", "personal access token", `sbp_${hex(40)}`),
  supabase("supabase-oauth-token", "OAuth token", `sbp_oauth_${hex(40)}`),
  supabase("supabase-secret-key", "secret API key", `sb_secret_${url(31)}`),
  // planetscale.com/docs, service tokens and passwords
  planetscale("planetscale-token", "service token", `pscale_tkn_[0-9A-Za-z_.-]{32,64}`),
  planetscale("planetscale-oauth-token", "OAuth token", `pscale_oauth_[0-9A-Za-z_.-]{32,64}`),
  planetscale("planetscale-password", "branch password", `pscale_pw_[0-9A-Za-z_.-]{32,64}`),
  // neon.com/docs, API keys
  of("Neon")("neon-key", "API key", `napi_${lower(64)}`),
  // docs.databricks.com, personal access tokens
  of("Databricks")("databricks-token", "personal access token", `dapi${hex(32)}(?:-\\d)?`),
  of("Databricks")("databricks-client-secret", "OAuth client secret", `dose[0-9A-Za-z_.-]{32}`, { entropy: 3.4 }),
  // docs.confluent.io, API secrets of 2025: CRC-32 in base64 at the end
  of("Confluent")("confluent-secret", "API secret", `cflt${base64(60)}`, { check: confluentTail }),
  byName("Confluent")("confluent-legacy-secret", "API secret of the first kind", ["confluent", "ccloud"], base64(64)),
  // mongodb.com/docs/atlas, service accounts
  of("MongoDB")("mongodb-service-secret", "service account secret", `mdb_sa_sk_${url(40)}`),
  byName("MongoDB")("mongodb-private-key", "API private key", ["mongodb_atlas_private_key", "atlas_private_key"], uuid),
  // aiven.io/docs: passwords of services
  of("Aiven")("aiven-password", "service password", `AVNS_${url(19)}`),
  // clickhouse.com/docs/cloud, API keys
  of("ClickHouse")("clickhouse-secret", "cloud API secret", `4b1d${alnum(38)}`),
  // cockroachlabs.com/docs, API access
  of("CockroachDB")("cockroachdb-secret", "cloud API secret", `CCDB1_${alnum(22)}_${alnum(40)}`),
  // turso, upstash, algolia, elastic: without a mark
  byName("Upstash")(
    "upstash-token",
    "REST token",
    ["upstash_redis_rest_token", "upstash_vector_rest_token", "kv_rest_api_token"],
    "[0-9A-Za-z_=-]{40,140}",
  ),
  byName("Algolia")(
    "algolia-key",
    "administration key",
    ["algolia_admin_key", "algolia_admin_api_key", "algolia_write_key"],
    hex(32),
  ),
  byName("Elastic")("elastic-key", "API key", ["elastic_api_key", "elasticsearch_api_key"], "[0-9A-Za-z_-]{58}=="),
  // pulumi.com/docs, access tokens
  of("Pulumi")("pulumi-token", "access token", `pul-${hex(40)}`),
  // developer.hashicorp.com/vault, tokens
  vault("vault-service-token", "Vault service token", `hvs\\.${url("24,300")}`),
  vault("vault-batch-token", "Vault batch token", `hvb\\.${url("100,400")}`),
  vault("vault-recovery-token", "Vault recovery token", `hvr\\.${url("24,300")}`),
  byName("HashiCorp")(
    "vault-legacy-token",
    "Vault token of before 1.10",
    ["vault_token", "x-vault-token"],
    `[sbr]\\.${alnum(24)}`,
  ),
  byName("HashiCorp")(
    "consul-token",
    "Consul or Nomad token",
    ["consul_http_token", "nomad_token", "x-consul-token"],
    uuid,
  ),
  // docs.doppler.com, token formats
  doppler("doppler-cli-token", "CLI token", `dp\\.ct\\.${alnum("40,44")}`),
  doppler("doppler-personal-token", "personal token", `dp\\.pt\\.${alnum("40,44")}`),
  doppler("doppler-service-token", "service token", `dp\\.st\\.(?:[0-9a-z_-]{2,35}\\.)?${alnum("40,44")}`),
  doppler("doppler-account-token", "service account token", `dp\\.sa\\.${alnum("40,44")}`),
  doppler("doppler-scim-token", "SCIM token", `dp\\.scim\\.${alnum("40,44")}`),
  doppler("doppler-audit-token", "audit token", `dp\\.audit\\.${alnum("40,44")}`),
  // developer.1password.com: service accounts; support.1password.com: secret keys
  onepassword("onepassword-service-token", "service account token", `ops_eyJ${url("250,1500")}={0,2}`, {
    check: servicePassword,
  }),
  onepassword(
    "onepassword-secret-key",
    "secret key",
    `A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}`,
    {
      keywords: ["a3-"],
      entropy: 3.4,
    },
  ),
  // infisical.com/docs, service tokens
  of("Infisical")("infisical-token", "service token", `st\\.${hex(24)}\\.${hex(32)}\\.${hex(32)}`),
  // tailscale.com/kb, key prefixes
  tailscale("tailscale-auth-key", "auth key", `tskey-auth-${alnum("8,24")}-${alnum("20,40")}`),
  tailscale("tailscale-api-key", "API access token", `tskey-api-${alnum("8,24")}-${alnum("20,40")}`),
  tailscale("tailscale-client-secret", "OAuth client secret", `tskey-client-${alnum("8,24")}-${alnum("20,40")}`),
  tailscale("tailscale-scim-key", "SCIM or webhook key", `tskey-(?:scim|webhook)-${alnum("8,24")}-${alnum("20,40")}`, {
    keywords: ["tskey-scim-", "tskey-webhook-"],
  }),
  byName("ngrok")(
    "ngrok-token",
    "agent's token",
    ["ngrok_authtoken", "ngrok_auth_token", "authtoken"],
    `${alnum("25,30")}_${alnum("18,24")}`,
  ),
  // identity: Okta and Auth0 have no mark; Clerk's is Stripe's; Authress, Unkey, Zuplo in apps.ts
  byName("Okta")("okta-token", "API token", ["okta", "ssws"], `00${url(40)}`),
  byName("Auth0")("auth0-secret", "client secret", ["auth0"], url(64)),
  // settlemint.com, access tokens
  settlemint("settlemint-application-token", "application access token", `sm_aat_${alnum(16)}`),
  settlemint("settlemint-personal-token", "personal access token", `sm_pat_${alnum(16)}`),
  settlemint("settlemint-service-token", "service access token", `sm_sat_${alnum(16)}`),
  // docs.snowflake, temporal, prefect's neighbours: JWTs, found as such. Convex: an instance, a bar, base64
  ofBlock("Convex")(
    "convex-deploy-key",
    "deploy key",
    `(?:prod|preview|dev|project):[0-9a-z:_-]{3,60}\\|eyJ[0-9A-Za-z+/]{40,300}={0,2}`,
    {
      keywords: ["prod:", "preview:", "dev:", "project:"],
    },
  ),
  of("MaxMind")("maxmind-key", "licence key", `${alnum(6)}_${alnum(29)}_mmk`, { keywords: ["_mmk"], at: [36] }),
  of("Scale")("scale-key", "API key", `live_${hex(32)}`),
  of("Tigris")("tigris-secret", "access key secret", `tsec_${alnum("30,66")}|tsec_[0-9A-Za-z_+/-]{40,66}`),
  of("Cloudinary")(
    "cloudinary-address",
    "credentials in an address",
    `cloudinary://[0-9]{10,18}:${url("20,40")}@[0-9a-z_-]{2,40}`,
  ),
  of("Snowflake")(
    "snowflake-token",
    "programmatic or session token",
    `ver:1-hint:[0-9]{4,20}-ETMsDgAAA[0-9A-Za-z+/=]{60,400}`,
  ),
  byName("Pinecone")("pinecone-legacy-key", "API key of the first kind", ["pinecone_api_key"], uuid),
  byName("Bunny")("bunny-key", "API key", ["bunny_api_key", "bunnycdn_api_key"], `${uuid}${hex(12)}|${uuid}`),
  byName("Vultr")("vultr-key", "API key", ["vultr_api_key"], upper(36)),
];
