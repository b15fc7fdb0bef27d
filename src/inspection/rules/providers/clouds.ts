// What the large clouds hand out, but for Microsoft's (azure.ts).

import { alnum, base64, byName, hex, of, ofBlock, upper, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const aws = of("AWS");
const google = of("Google");
const digitalocean = of("DigitalOcean");
const yandex = of("Yandex Cloud");

export const clouds: readonly Rule[] = [
  // docs.aws.amazon.com, IAM identifiers, unique identifiers: the ones that name a key
  aws("aws-key-id", "access key id", `(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}`, {
    keywords: ["akia", "asia", "abia", "acca"],
  }),
  // without a mark: 40 of base64 at the name the command line and the SDKs use
  byName("AWS")(
    "aws-secret-key",
    "secret access key",
    ["aws_secret_access_key", "aws_secret_key", "secretaccesskey", "secret_access_key"],
    base64(40),
  ),
  // session tokens begin with base64 of a fixed header
  aws("aws-session-token", "session token", `(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)${base64("100,1600")}={0,2}`, {
    keywords: ["iqojb3jpz2lu", "fwogzxivyxdz", "fqogzxivyxdz"],
  }),
  // docs.aws.amazon.com/bedrock, API keys
  aws("aws-bedrock-key", "Bedrock API key, long-term", `ABSKQmVkcm9ja0FQSUtleS${base64("80,260")}={0,2}`),
  aws(
    "aws-bedrock-short-key",
    "Bedrock API key, short-term",
    `bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t${base64("100,1600")}={0,2}`,
  ),
  // Amazon's marketplace web service
  of("Amazon")("amazon-mws-token", "marketplace token", `amzn\\.mws\\.${uuid}`),
  // cloud.google.com/docs, API keys
  google("google-api-key", "API key", `AIza${url(35)}`),
  // developers.google.com/identity: client secrets, access and refresh tokens
  google("google-client-secret", "OAuth client secret", `GOCSPX-${url(28)}`),
  google("google-access-token", "OAuth access token", `ya29\\.${url("60,1500")}`),
  google("google-refresh-token", "OAuth refresh token", `1//0[0-9A-Za-z]${url("50,120")}`),
  // cloud.google.com/storage, HMAC keys
  google("google-hmac-id", "storage HMAC access id of a service account", `GOOG1E${upper(55)}`),
  // firebase.google.com, legacy server keys
  google("google-fcm-key", "cloud messaging server key", `AAAA${url(7)}:APA91b${url(134)}`, {
    keywords: [":apa91b"],
    at: [11],
  }),
  // cloud.google.com/iam, service account keys: the file names its key beside the key itself
  ofBlock("Google")(
    "google-service-account",
    "key id in a service account's file",
    `private_key_id\\\\?" ?: ?\\\\?"(${hex(40)})\\\\?"`,
    {
      keywords: ["private_key_id"],
      group: 1,
    },
  ),
  // docs.digitalocean.com, tokens
  digitalocean("digitalocean-token", "personal access token", `dop_v1_${hex(64)}`),
  digitalocean("digitalocean-oauth-token", "OAuth token", `doo_v1_${hex(64)}`),
  digitalocean("digitalocean-refresh-token", "OAuth refresh token", `dor_v1_${hex(64)}`),
  // alibabacloud.com/help, AccessKey pairs
  of("Alibaba Cloud")("alibaba-key-id", "AccessKey id", `LTAI${alnum(20)}`),
  byName("Alibaba Cloud")(
    "alibaba-key-secret",
    "AccessKey secret",
    ["alibaba_cloud_access_key_secret", "aliyun_access_key_secret", "accesskeysecret"],
    alnum(30),
  ),
  // cloud.tencent.com, API keys
  of("Tencent Cloud")("tencent-secret-id", "secret id", `AKID${alnum(32)}`),
  // yandex.cloud/docs: API keys, static keys, IAM tokens
  yandex("yandex-api-key", "API key", `AQVN${url("35,38")}`),
  yandex("yandex-static-key", "static access key", `YCP${url(37)}`),
  yandex("yandex-iam-token", "IAM token", `t1\\.[0-9A-Z]${url("30,400")}={0,2}\\.${url(86)}={0,2}`),
  // scaleway.com/en/docs; oracle, linode, hetzner, ibm: without a mark of the secret
  byName("Scaleway")("scaleway-secret-key", "secret key", ["scw_secret_key", "scaleway_secret_key"], uuid),
  byName("Linode")(
    "linode-token",
    "personal access token",
    ["linode_token", "linode_cli_token", "linode_api_token"],
    hex(64),
  ),
  byName("Hetzner")(
    "hetzner-token",
    "cloud API token",
    ["hcloud_token", "hetzner_token", "hetzner_api_token"],
    alnum(64),
  ),
  byName("IBM Cloud")("ibm-key", "API key", ["ibmcloud_api_key", "ic_api_key", "ibm_api_key"], url(44)),
  byName("OVHcloud")(
    "ovh-secret",
    "application secret or consumer key",
    ["ovh_application_secret", "ovh_consumer_key"],
    alnum(32),
  ),
  // developers.cloudflare.com: origin CA keys have a mark; tokens and the global key have none
  of("Cloudflare")("cloudflare-origin-key", "origin CA key", `v1\\.0-${hex(24)}-${hex(146)}`),
  // developers.cloudflare.com, token formats: since 2025 with a mark and a checksum whose making is not told
  of("Cloudflare")("cloudflare-user-token", "API token of a user", `cfut_${url("40,64")}`),
  of("Cloudflare")("cloudflare-account-token", "API token of an account", `cfat_${url("40,64")}`),
  byName("Cloudflare")("cloudflare-token", "API token", ["cloudflare", "cf_api_token"], url(40)),
  byName("Cloudflare")(
    "cloudflare-global-key",
    "global API key",
    ["cloudflare_api_key", "cf_api_key", "x-auth-key"],
    hex(37),
  ),
  // techdocs.akamai.com, EdgeGrid
  of("Akamai")("akamai-token", "EdgeGrid access or client token", `akab-${lowerOf(16)}-${lowerOf(16)}`),
  byName("Fastly")(
    "fastly-token",
    "API token",
    ["fastly_api_token", "fastly_api_key", "fastly_key", "fastly-key"],
    url(32),
  ),
];

function lowerOf(count: number): string {
  return `[0-9a-z]{${count}}`;
}
