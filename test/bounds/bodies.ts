// Bodies that whoever looks into what leaves must be able to bear: large, many, deep, long, packed, written to stall it. Each has a
// secret at its very end, and what must become of it.

import { gzipSync } from "node:zlib";
import { token } from "../holes/stand.ts";

export interface Bound {
  readonly name: string;
  readonly body: () => string | Buffer;
  readonly target?: string;
  readonly headers?: string;
  /** What is entered of it, and to whom it leaves: with the secret taken out, as it is, or not at all. */
  readonly verdict: "redact" | "allow" | "refuse";
  /** Of a refusal. */
  readonly rule?: "built-in:secrets" | "default";
  readonly reason?: RegExp;
  /** What is told as left closed. */
  readonly closed?: readonly string[];
  /** Steps of each kind beyond what every octet may cost. */
  readonly opened?: number;
}

const ask = (content: unknown): string =>
  JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content }] });

const filled = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

const deep = (levels: number): string =>
  `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"metadata":${"[".repeat(levels)}"${token}"${"]".repeat(levels)}}`;

const many = <Item>(count: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => item(at));

function packed(times: number): string {
  let text = `cat .env: the token is ${token}`;
  for (let time = 0; time < times; time += 1)
    text = (time % 2 === 0 ? Buffer.from(text) : gzipSync(text)).toString("base64");
  return text;
}

const source = "const value = compute(alpha, beta) + offset; // and so on\n";
const bomb = gzipSync(Buffer.alloc(400_000_000, "a"));
/** Under 4 KB, and four million characters each. */
const bombs = many(400, (at) => gzipSync(`${at} ${"a ".repeat(1_900_000)}`).toString("base64")).join(" ");

const large: readonly Bound[] = [
  { name: "32 MB of source", body: () => ask(`${filled(source, 31_500_000)} ${token}`), verdict: "redact" },
  {
    name: "100,000 spans",
    body: () => ask(many(100_000, (at) => ({ type: "text", text: at === 99_999 ? token : `text ${at} of many` }))),
    verdict: "redact",
  },
  {
    name: "a million tiny keys",
    body: () =>
      `{"metadata":{${many(1_000_000, (at) => `"k${at}":0`).join(",")}},"messages":[{"role":"user","content":"${token}"}]}`,
    verdict: "redact",
  },
  {
    name: "more values than are taken apart",
    body: () => `{"messages":[{"role":"user","content":"x"}],"metadata":[${filled("0,", 6_000_000)}"${token}"]}`,
    verdict: "refuse",
    rule: "default",
    reason: /its JSON is too many values at octet \d+/,
  },
  { name: "64 levels of nesting", body: () => deep(64), verdict: "redact" },
  {
    name: "10,000 levels of nesting",
    body: () => deep(10_000),
    verdict: "refuse",
    rule: "default",
    reason: /its JSON is too deep at octet \d+/,
  },
  {
    name: "10,000 levels of nesting over as many lines",
    body: () => deep(10_000).replaceAll("[", "[\n"),
    verdict: "refuse",
    rule: "default",
    reason: /its JSON is too deep at octet \d+/,
  },
];

const long: readonly Bound[] = [
  {
    name: "10 MB of one word",
    body: () => ask(`${"a".repeat(10_000_000)} ${token}`),
    verdict: "redact",
    closed: ["codings"],
  },
  {
    name: "10 MB of one line of a program",
    body: () => ask(filled("function a(b,c){return b+c*d[e].f(g)};", 10_000_000).concat(" ", token)),
    verdict: "redact",
  },
  {
    name: "10 MB of base64 in lines",
    body: () => ask(`${filled(`${"QUFB".repeat(19)}\n`, 10_000_000)}\n\n${token}`),
    verdict: "redact",
    closed: ["codings"],
  },
  {
    name: "five million escapes of its own",
    body: () => ask("").replace('""', `"${"\\n".repeat(5_000_000)}${token}"`),
    verdict: "redact",
  },
  {
    name: "five million escapes in a text",
    body: () => ask(`${"\\n".repeat(5_000_000)} ${token}`),
    verdict: "redact",
    closed: ["codings"],
  },
];

const coded: readonly Bound[] = [
  { name: "base64 and gzip, three deep", body: () => ask(packed(3)), verdict: "redact", opened: 3 },
  {
    name: "base64 and gzip, deeper than is opened",
    body: () => ask(packed(9)),
    verdict: "allow",
    closed: ["codings"],
    opened: 5,
  },
  {
    name: "behind a large coded text, a small one",
    body: () => ask(`${filled("QUJD", 5_000_000)} ${Buffer.from(`the token is ${token}`).toString("base64")}`),
    verdict: "redact",
    closed: ["codings"],
    opened: 1,
  },
  {
    name: "a bomb of 400 MB in base64",
    body: () => ask(`${bomb.toString("base64")} ${token}`),
    verdict: "redact",
    closed: ["codings"],
    opened: 1,
  },
  {
    name: "400 bombs of 4 MB each",
    body: () => ask(`${bombs} ${token}`),
    verdict: "redact",
    closed: ["codings"],
    opened: 2,
  },
  {
    name: "a body that is a bomb",
    body: () => bomb,
    headers: "Content-Encoding: gzip\r\n",
    verdict: "refuse",
    rule: "default",
    reason: /decode|bomb|larger|more/,
  },
];

const stalling: readonly Bound[] = [
  ["beginnings of secrets without ends", "ghp_ AKIA sk-ant- xoxb- password= "],
  ["beginnings of keys in PEM", "-----BEGIN RSA PRIVATE KEY-----\n"],
  ["digits of cards", "4111 1111 1111 1112, "],
  ["beginnings of mail addresses", "a.b+c-"],
  ["letters a backtracking engine multiplies", `${"a".repeat(15)}!`],
].map(([name = "", unit = ""]) => ({
  name,
  body: () => ask(`${filled(unit, 4_000_000)} ${token}`),
  verdict: "redact",
}));

const crowded: readonly Bound[] = [
  {
    name: "more personal data than is told",
    body: () => ask(filled("e-mail: a.b@acme.co, ", 2_000_000).concat(" ", token)),
    verdict: "redact",
    closed: ["mail"],
  },
  {
    name: "more secrets than are told",
    body: () => ask(`${token} `.repeat(20_000)),
    verdict: "refuse",
    rule: "built-in:secrets",
    reason: /there may be more of them than were looked for/,
    closed: ["github-personal-token"],
  },
  {
    name: "texts full of personal data, and one secret behind them",
    body: () =>
      ask(
        many(40, (at) => ({
          type: "text",
          text: at === 39 ? token : `${at} ${filled("e-mail: a.b@acme.co, ", 20_000)}`,
        })),
      ),
    verdict: "redact",
  },
];

/** Where another protocol makes a difference: arguments that are a text of JSON, lines, a body nobody has described. */
const elsewhere: readonly Bound[] = [
  {
    name: "a history of 30,000 replies that begin alike, and as many calls",
    body: () => {
      const reply = (at: number): object => ({
        role: "assistant",
        content: [
          { type: "text", text: `${filled("alike ", 60)}${at % 7}` },
          { type: "tool_use", id: `c${at}`, name: "edit", input: { at } },
        ],
      });
      const result = (at: number): object => ({
        role: "user",
        content: [{ type: "tool_result", tool_use_id: `c${at}`, content: at === 29_999 ? token : "ok" }],
      });
      const told = many(30_000, (at) => [reply(at), result(at)]).flat();
      return JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "x" }, ...told] });
    },
    verdict: "redact",
  },
  {
    name: "Responses: 50,000 calls with arguments",
    target: "/v1/responses",
    body: () =>
      JSON.stringify({
        model: "m",
        input: many(50_000, (at) => ({
          type: "function_call",
          call_id: `c${at}`,
          name: "look",
          arguments: JSON.stringify({ path: at === 49_999 ? token : `file ${at}` }),
        })),
      }),
    verdict: "redact",
  },
  {
    name: "Gemini: 10 MB of one line as a tool's result",
    target: "/v1beta/models/m:streamGenerateContent?alt=sse",
    body: () =>
      JSON.stringify({
        contents: [
          {
            role: "user",
            parts: [{ functionResponse: { name: "read", response: { output: "x=1;".repeat(2_500_000) + token } } }],
          },
        ],
      }),
    verdict: "redact",
  },
  {
    name: "nobody's protocol: 100,000 lines of JSON",
    target: "/ingest",
    body: () => many(100_000, (at) => JSON.stringify({ at, text: at === 99_999 ? token : "line" })).join("\n"),
    verdict: "refuse",
    rule: "built-in:secrets",
    reason: /no conversation in a protocol known here/,
  },
  {
    name: "nobody's protocol: lines of JSON, and one that is too deep",
    target: "/ingest",
    body: () => `{"a":1}\n${"[".repeat(200)}"${token}"${"]".repeat(200)}`,
    verdict: "refuse",
    rule: "default",
    reason: /its JSON is too deep at octet \d+/,
  },
];

export const bounds: readonly Bound[] = [...large, ...long, ...coded, ...stalling, ...crowded, ...elsewhere];
