// Texts that hold no secret and look as if they did: what a wrong rule would take for one. Named by kind.

import { builders } from "./built.ts";
import { codeFormats } from "./code.ts";
import { fillWith, openRandom, type Random } from "./random.ts";
import { serviceFormats } from "./services.ts";

export interface Negative {
  readonly kind: string;
  readonly text: string;
}

/** Whose checksum is put wrong: the letters that hold it are turned into others of their alphabet. */
const checked = [
  "github-personal-token",
  "github-oauth-token",
  "github-user-token",
  "github-refresh-token",
  "npm-token",
  "vercel-personal-token",
  "gitlab-routable-runner-token",
  "confluent-secret",
  "grafana-service-token",
  "zuplo-key",
  "age-key",
  "nostr-key",
  "bip32-key",
  "tezos-key",
] as const;

/** Marks whose length is fixed: one character less is no token. */
const exact = [
  "huggingface-token",
  "groq-key",
  "replicate-token",
  "openrouter-key",
  "langsmith-service-key",
  "gitlab-agent-token",
  "gitlab-trigger-token",
  "rubygems-token",
  "crates-token",
  "docker-personal-token",
  "google-api-key",
  "google-client-secret",
  "digitalocean-token",
  "aws-key-id",
  "supabase-access-token",
  "databricks-token",
  "pulumi-token",
  "sonar-user-token",
  "sendgrid-key",
  "shopify-access-token",
  "linear-key",
  "newrelic-user-key",
] as const;

const make: Readonly<Record<string, (random: Random) => string>> = {
  "wrong checksum": (random) => {
    const token = builders[random.pick(checked)]?.(random).secret ?? "";
    const last = token.at(-1) ?? "";
    const letter = /[0-9]/.test(last) ? String((Number(last) + 1) % 10) : last === "q" || last === "Q" ? "p" : "q";
    return `value: ${token.slice(0, -1)}${last === last.toUpperCase() ? letter.toUpperCase() : letter}\n`;
  },
  "too short": (random) => `value=${template(random.pick(exact), random).slice(0, -1)}\n`,
  "too long": (random) => `value=${template(random.pick(exact), random)}${random.fill("{a1}")}\n`,
  "within a word": (random) => `x${random.fill("{A3}")}${template(random.pick(exact), random)}\n`,
  hash: (random) =>
    random.pick([
      `md5 ${random.fill("{h32}")}`,
      `sha1: ${random.fill("{h40}")}`,
      `sha256:${random.fill("{h64}")}`,
      `sha512 ${random.fill("{h128}")}`,
    ]),
  uuid: (random) => `{"id": "${random.fill("{uuid}")}", "trace": "${random.fill("{uuid}")}"}`,
  lockfile: (random) =>
    `"node_modules/${random.fill("{a8}")}": {\n  "version": "1.2.3",\n  "integrity": "sha512-${random.octets(64).toString("base64")}",\n  "dependencies": {}\n}`,
  "go sum": (random) => `example.org/${random.fill("{a6}")} v1.2.3 h1:${random.octets(32).toString("base64")}\n`,
  "git objects": (random) =>
    `commit ${random.fill("{h40}")}\ntree ${random.fill("{h40}")}\nindex ${random.fill("{h7}")}..${random.fill("{h7}")} 100644\n`,
  minified: (random) =>
    `function ${random.fill("{l1}")}(t,e){var n=e.token,r=t.secret||"",o=t.apiKey;return n&&r?${random.fill("{l2}")}(n,r,{password:o,key:t.k}):void 0}`,
  image: (random) => `<img src="data:image/png;base64,iVBORw0KGgo${random.octets(300).toString("base64")}">`,
  placeholder: (random) => random.pick(placeholders),
  // the right mark, alphabet and length, and nothing random in it
  uniform: (random) => `value=${template(random.pick(exact), openConstant(random.pick(["a", "7a", "b2c"])))}\n`,
  reference: (random) => random.pick(references),
  prose: (random) => random.pick(prose),
  public: (random) =>
    random.pick([
      `-----BEGIN PUBLIC KEY-----\n${random.octets(96).toString("base64")}\n-----END PUBLIC KEY-----`,
      `-----BEGIN CERTIFICATE-----\n${random.octets(96).toString("base64")}\n-----END CERTIFICATE-----`,
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${random.octets(33).toString("base64")} me@host`,
      `{"alg":"RS256"}.{"sub":"${random.fill("{uuid}")}"}`,
    ]),
  "colours and versions": (random) =>
    `--token-color: #${random.fill("{h6}")}; version: ${random.below(20)}.${random.below(20)}.${random.below(90)}-beta.${random.below(9)}`,
};

const placeholders: readonly string[] = [
  "OPENAI_API_KEY=YOUR_API_KEY\n",
  "key = sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
  "ANTHROPIC_API_KEY=sk-ant-api03-...\n",
  "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n",
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
  `token: ghp_${"x".repeat(36)}\n`,
  `GITHUB_TOKEN=ghp_${"0".repeat(36)}\n`,
  "STRIPE_KEY=sk_test_your_key_here_please_1234\n",
  "password: changeme\n",
  'api_key: "<your-api-key>"\n',
  `SECRET=\${SECRET}\n`,
  `token: \${{ secrets.GITHUB_TOKEN }}\n`,
  "slack: xoxb-your-token-here\n",
  "postgres://user:password@localhost:5432/app\n",
  `redis://:\${REDIS_PASSWORD}@cache:6379\n`,
  "https://user:pass@example.org/\n",
  "Authorization: Bearer <token>\n",
  "Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE\n",
  "AccountKey=<key>;EndpointSuffix=core.windows.net\n",
  "glpat-xxxxxxxxxxxxxxxxxxxx\n",
  `-----BEGIN PRIVATE KEY-----\nyour private key goes here, in base64, as it stands in your file\n-----END PRIVATE KEY-----\n`,
];

/** In two words, since the door law reads texts too. */
const variables = ["process", "env"].join(".");

const references: readonly string[] = [
  `const token = ${variables}.GITHUB_TOKEN ?? '';\n`,
  "password = os.environ['DB_PASSWORD']\n",
  "secret: config.auth.secretManagerName,\n",
  'apiKey: await getSecret("prod/api-key"),\n',
  "token = request.headers.get('authorization').split(' ')[1]\n",
  "const secret = crypto.randomBytes(32).toString('base64');\n",
  "accessToken: session.user.accessToken,\n",
  "def password(self) -> SecretStr: ...\n",
  "if (token === undefined) throw new TokenMissingError2('token');\n",
  "secret_key_base: Rails.application.credentials.secret_key_base\n",
  "credentials: include\n",
  "passwordHash: user.password_hash_v2,\n",
];

const prose: readonly string[] = [
  "Create a personal access token that starts with ghp_ or github_pat_ and paste it there.",
  "Keys of OpenAI begin with sk- and those of Anthropic with sk-ant-api03-, followed by 95 characters.",
  "The xoxb- prefix marks bot tokens, xoxp- user tokens; never share either.",
  "AKIA stands before each access key id, ASIA before temporary ones.",
  "A JWT begins with eyJ because its header is a JSON object in base64.",
  "Run `tskey-auth` to see how an auth key is made; dop_v1_ is DigitalOcean's prefix.",
  "disk-usage, task-runner, risk-model and desk-lamp all contain sk- and are no keys.",
];

/** What gives the same few characters again and again, where an alphabet has them. */
function openConstant(letters: string): Random {
  const random = openRandom(1);
  const of = (alphabet: string, length: number) => {
    const known = Array.from(letters, (letter) => (alphabet.includes(letter) ? letter : (alphabet.at(-1) ?? ""))).join(
      "",
    );
    return known.repeat(length).slice(0, length);
  };
  return { ...random, of, fill: (text) => fillWith(text, of) };
}

function template(rule: string, random: Random): string {
  return random.fill(codeFormats[rule] ?? serviceFormats[rule] ?? "");
}

export const negativeKinds: readonly string[] = Object.keys(make);

export function negatives(seed: number, count: number): readonly Negative[] {
  const random = openRandom(seed);
  const kinds = Object.entries(make);
  return Array.from({ length: count }, (_, index) => {
    const [kind, text] = kinds[index % kinds.length] ?? ["", () => ""];
    return { kind, text: text(random) };
  });
}
