// Secrets that prove themselves, and those that stand in a context of their own: built as their makers build them, with
// right checksums. One function a rule; what it gives is a text and the secret in it.

import { base36, base58Check, base62, bech32Tail, crc32, digitsOf, hashLetters, littleEndian } from "../checksum.ts";
import type { Random } from "./random.ts";

export interface Built {
  readonly secret: string;
  /** Where it stands: undefined where it may stand anywhere. */
  readonly text?: string;
}

type Build = (random: Random) => Built;

const crcToken =
  (prefix: string, body: string): Build =>
  (random) => {
    const middle = random.fill(body);
    return { secret: `${prefix}_${middle}${digitsOf(crc32(middle), base62, 6)}` };
  };

const routable =
  (prefix: string): Build =>
  (random) => {
    const head = random.fill(`${prefix}{u36}.01.{a2}`);
    return { secret: head + digitsOf(crc32(head), base36, 7) };
  };

/** Octets in base64 with a mark in a fixed place, and no bits set that a decoder would drop. */
const marked =
  (count: number, mark: string): Build =>
  (random) => {
    const ahead = count === 32 ? 33 : 76;
    const letters = random.octets(count).toString("base64");
    const tail =
      count === 32 ? `${random.pick([..."ABCDEFGHIJKLMNOP"])}${letters.slice(ahead + 5)}` : letters.slice(ahead + 4);
    return { secret: letters.slice(0, ahead) + mark + tail };
  };

const bech32 =
  (prefix: string): Build =>
  (random) => {
    const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const data = Array.from({ length: 52 }, () => random.below(32));
    return { secret: `${prefix}1${data.map((value) => letters[value]).join("")}${bech32Tail(prefix, data)}` };
  };

const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const opensshStart = "openssh-key-v1\0";

function pem(random: Random): Built {
  const [kind, start] = random.pick([
    ["RSA PRIVATE KEY", [0x30, 0x82, 0x04, 0xa4]],
    ["PRIVATE KEY", [0x30, 0x82, 0x04, 0xbe]],
    ["EC PRIVATE KEY", [0x30, 0x77]],
    ["ENCRYPTED PRIVATE KEY", [0x30, 0x82, 0x05, 0x0e]],
    ["OPENSSH PRIVATE KEY", [...Buffer.from(opensshStart)]],
  ] as const);
  const body = Buffer.concat([Buffer.from(start), random.octets(400 + random.below(900))]).toString("base64");
  const end = random.pick(["\n", "\\n", "\r\n"]);
  const lines = body.match(/.{1,64}/g) ?? [];
  const secret = [`-----BEGIN ${kind}-----`, ...lines, `-----END ${kind}-----`].join(end);
  return { secret, text: random.pick([`${secret}\n`, `{"private_key": "${secret}"}`, `KEY="${secret}"\nA=1\n`]) };
}

function pypi(random: Random): Built {
  const index = "pypi.org";
  const location = Buffer.concat([Buffer.from([2, 1, 8]), Buffer.from(index)]);
  const identifier = Buffer.concat([Buffer.from([2, 36]), Buffer.from(random.fill("{uuid}"))]);
  const tail = Buffer.concat([Buffer.from([0, 0, 6, 32]), random.octets(32)]);
  return { secret: `pypi-${Buffer.concat([location, identifier, tail]).toString("base64url")}` };
}

function jwt(random: Random): Built {
  const header = json({ alg: random.pick(["HS256", "RS256", "ES256"]), typ: "JWT" });
  const payload = json({ sub: random.fill("{uuid}"), iat: 1_700_000_000 + random.below(10_000_000), role: "admin" });
  return { secret: `${header}.${payload}.${random.octets(32).toString("base64url")}` };
}

function inside(before: string, secret: (random: Random) => string, after: string): Build {
  return (random) => {
    const value = secret(random);
    return { secret: value, text: random.fill(before) + value + after };
  };
}

const basic = (random: Random): string => Buffer.from(random.fill("robot-{a6}:{A20}")).toString("base64");
const password = (random: Random): string => random.fill("{A9}!{A6}");

export const builders: Readonly<Record<string, Build>> = {
  "github-personal-token": crcToken("ghp", "{A30}"),
  "github-oauth-token": crcToken("gho", "{A30}"),
  "github-user-token": crcToken("ghu", "{A30}"),
  "github-server-token": crcToken("ghs", "{A30}"),
  "github-refresh-token": crcToken("ghr", "{A70}"),
  "github-fine-token": (random) => {
    const head = random.fill("github_pat_1{A21}_{A43}");
    return { secret: `${head}${hashLetters(head)}${random.fill("{A8}")}` };
  },
  "github-stateless-token": (random) => ({ secret: `ghs_${random.fill("{d8}")}_${jwt(random).secret}` }),
  "npm-token": crcToken("npm", "{A30}"),
  "vercel-personal-token": crcToken("vcp", "{u50}"),
  "vercel-integration-token": crcToken("vci", "{u50}"),
  "vercel-app-token": crcToken("vca", "{u50}"),
  "vercel-refresh-token": crcToken("vcr", "{u50}"),
  "vercel-gateway-key": crcToken("vck", "{u50}"),
  "gitlab-routable-token": routable("glpat-"),
  "gitlab-routable-runner-token": routable("glrt-t1_"),
  "pypi-token": pypi,
  "nuget-key": nuget,
  "azure-storage-key": marked(64, "+ASt"),
  "azure-cosmos-key": marked(64, "ACDb"),
  "azure-batch-key": marked(64, "+ABa"),
  "azure-ml-key": marked(64, "+AMC"),
  "azure-apim-key": marked(64, "APIM"),
  "azure-redis-key": marked(32, "AzCa"),
  "azure-eventhub-key": marked(32, "+AEh"),
  "azure-servicebus-key": marked(32, "+ASb"),
  "azure-relay-key": marked(32, "+ARm"),
  "azure-iot-key": marked(32, "AIoT"),
  "azure-eventgrid-key": marked(32, "AZEG"),
  "azure-account-key": inside(
    "DefaultEndpointsProtocol=https;AccountName=store{a6};AccountKey=",
    (random) => random.octets(64).toString("base64"),
    ";EndpointSuffix=core.windows.net",
  ),
  "azure-shared-access-key": inside(
    "Endpoint=sb://bus{a6}.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=",
    (random) => random.octets(32).toString("base64"),
    "\n",
  ),
  "azure-appconfig-secret": inside(
    "Endpoint=https://conf{a6}.azconfig.io;Id={A4}-l9-s0:{A20};Secret=",
    (random) => random.octets(32).toString("base64"),
    "\n",
  ),
  "azure-shared-access-signature": inside(
    "https://store{a6}.blob.core.windows.net/c/f?sv=2023-11-03&se=2027-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=",
    (random) => encodeURIComponent(random.octets(32).toString("base64")),
    "\n",
  ),
  "confluent-secret": (random) => {
    const middle = random.fill("{b54}");
    return { secret: `cflt${middle}${littleEndian(crc32(middle)).toString("base64").slice(0, 6)}` };
  },
  "onepassword-service-token": (random) => ({
    secret: `ops_${json({ signInAddress: "my.1password.com", userAuth: { method: "SRPg-4096" }, email: random.fill("{a20}@1passwordserviceaccounts.com"), srpX: random.fill("{h64}"), muk: {}, secretKey: random.fill("A3-{U6}-{U6}"), deviceUuid: random.fill("{a26}") })}`,
  }),
  "sentry-organisation-token": (random) => {
    const body = {
      iat: 1_700_000_000 + random.below(1e6),
      url: "https://sentry.io",
      region_url: "https://us.sentry.io",
      org: random.fill("{a8}"),
    };
    return { secret: `sntrys_${Buffer.from(JSON.stringify(body)).toString("base64")}_${random.fill("{b43}")}` };
  },
  "grafana-service-token": (random) => {
    const head = random.fill("glsa_{A32}");
    return { secret: `${head}_${littleEndian(crc32(head)).toString("hex")}` };
  },
  "discord-bot-token": (random) => ({
    secret: `${Buffer.from(random.fill("1{d17}")).toString("base64url")}.${random.fill("{u6}.{u38}")}`,
  }),
  "zuplo-key": (random) => {
    const middle = random.fill("{a32}");
    return { secret: `zpka_${middle}_${crc32(middle).toString(16).padStart(8, "0")}` };
  },
  "docker-config-auth": inside('{"auths": {"r.example": {"auth": "', basic, '"}}}'),
  "google-service-account": inside(
    '{"type": "service_account", "private_key_id": "',
    (random) => random.fill("{h40}"),
    '"}',
  ),
  "private-key": pem,
  "private-key-base64": (random) => ({
    secret: Buffer.from(`-----BEGIN RSA PRIVATE KEY-----\n${random.octets(300).toString("base64")}\n`).toString(
      "base64",
    ),
  }),
  "putty-key": (random) => {
    const lines = (count: number) => Array.from({ length: count }, () => random.fill("{b64}")).join("\n");
    const secret = `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: key\nPublic-Lines: 2\n${lines(2)}\nPrivate-Lines: 1\n${lines(1)}\nPrivate-MAC: ${random.fill("{h64}")}`;
    return { secret, text: `${secret}\n` };
  },
  "wireguard-key": inside(
    "[Interface]\nPrivateKey = ",
    (random) => random.octets(32).toString("base64"),
    "\nListenPort = 51820\n",
  ),
  "age-key": (random) => ({ secret: bech32("age-secret-key-")(random).secret.toUpperCase() }),
  "nostr-key": bech32("nsec"),
  "bip32-key": (random) => ({
    secret: base58Check(Buffer.concat([Buffer.from([0x04, 0x88, 0xad, 0xe4]), random.octets(74)])),
  }),
  "tezos-key": (random) => ({ secret: base58Check(Buffer.concat([Buffer.from([13, 15, 58, 7]), random.octets(32)])) }),
  jwt,
  "address-password": inside("git clone https://robot:", password, "@git.example.org/a.git\n"),
  "database-password": inside("DATABASE_URL=postgres://app:", password, "@db.example.org:5432/app\n"),
  "basic-authorization": inside("Authorization: Basic ", basic, "\r\n"),
  "bearer-authorization": inside(
    "curl -H 'Authorization: Bearer ",
    (random) => random.fill("{A40}"),
    "' https://a.example\n",
  ),
  "netrc-password": inside("machine git.example.org\n  login robot\n  password ", password, "\n"),
};

function nuget(random: Random): Built {
  const any = "abcdefghijklmnopqrstuvwxyz0123456789";
  const parts: readonly (readonly [string, number])[] = [
    ["abcdefghijklmnop", 1],
    [any, 15],
    ["aq", 1],
    [any, 11],
    ["eu", 1],
    ["bdfhjlnprtvxz357", 1],
    ["abcdefghijklmnop", 1],
    [any, 11],
    ["aeimquy4", 1],
  ];
  return { secret: `oy2${parts.map(([alphabet, length]) => random.of(alphabet, length)).join("")}` };
}
