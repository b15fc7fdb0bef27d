// Names: what is granted is resolved outside and nowhere else, however its answers change; what is not never leaves, in
// whatever form it is asked. The measure is the name server outside. Needs the boundary's tools, and namespaces.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import type { Seen } from "./outside-listener.ts";
import { client, types, writeQuestion } from "./question.ts";
import { Stage } from "./stage.ts";

const node = process.execPath;
const labelled = (name: string): readonly string[] => name.split(".");
const only = <Kind extends Seen["kind"]>(seen: readonly Seen[], kind: Kind) =>
  seen.filter((one): one is Extract<Seen, { kind: Kind }> => one.kind === kind);

/** Code and data of each answer; one record at most is ever given. */
function readAnswers(output: string, questions: readonly Buffer[]): readonly string[] {
  return output
    .trim()
    .split("\n")
    .map((line, index) => {
      if (!/^(?:[0-9a-f]{2})+$/.test(line)) return line;
      const bytes = Buffer.from(line, "hex");
      const data =
        bytes.readUInt16BE(6) === 0 ? "" : bytes.subarray((questions[index]?.length ?? 0) + 12).toString("hex");
      return `${(bytes[3] ?? 0) & 0xf} ${data}`.trim();
    });
}

test("real boundary: two names on one upstream, one name twice, answers of TTL 0 (needs namespaces)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async (t) => {
  using stage = new Stage();
  await using outside = await openOutside({
    directory: stage.base,
    names: { "moving.example.com": ["93.184.216.34", "93.184.216.35"] },
    certified: ["one.example.com", "two.example.com"],
  });
  const ca = stage.write("ca.pem", outside.ca);
  const upstream = { address: "127.0.0.1:8443", ca };
  const allow = [
    { host: "one.example.com", upstream, paths: ["/a/**"] },
    { host: "two.example.com", upstream },
    { host: "one.example.com", upstream, paths: ["/b/**"] },
    { host: "moving.example.com", methods: ["GET"] },
  ];
  const asked = [
    "https://one.example.com/a/1",
    "https://two.example.com/2",
    "https://one.example.com/b/3",
    "https://ONE.example.com./a/4",
  ];
  const moving = ["http://moving.example.com/5", "http://moving.example.com/6", "http://moving.example.com/7"];
  const lines = [...asked, ...moving].map((url) => `curl -sS -H 'connection: close' ${url}`);
  const long = `${"a.".repeat(299)}example`;
  const otherHost = `curl -sS -o /dev/null -w '%{http_code}\\n' -H 'Host: ${long}' https://one.example.com/a/8`;
  const refused = ["https://one.example.com/c/", "https://three.example.com/"].map(
    (url) => `curl -sS -o /dev/null -w '%{http_code}\\n' ${url}`,
  );
  const script = [...lines, ...refused, otherHost, "getent hosts one.example.com two.example.com one.example.com"].join(
    "\n",
  );
  const { code, output, errors, summary } = await stage.run(["bash", "-c", script], {
    before: outside.enter,
    policy: { network: { allow } },
  });
  assert.equal(code, 0, errors + output);
  const said = output.trim().split("\n");
  assert.deepEqual(said.slice(0, 10), [...Array(7).fill("answered from outside"), "403", "403", "400"]);
  const given = said.slice(10).map((line) => line.split(/\s+/));
  assert.deepEqual(
    given.map((words) => words[1]),
    ["one.example.com", "two.example.com", "one.example.com"],
  );
  assert.deepEqual(
    [given[0]?.[0] === given[2]?.[0], given[0]?.[0] === given[1]?.[0]],
    [true, false],
    "an address for each name, the same each time",
  );

  const seen = await outside.seen();
  const requests = only(seen, "request").map(({ port, headers, target }) => `${port} ${headers[1]} ${target}`);
  assert.deepEqual(requests, [
    "8443 one.example.com /a/1",
    "8443 two.example.com /2",
    "8443 one.example.com /b/3",
    "8443 ONE.example.com. /a/4",
    "80 moving.example.com /5",
    "80 moving.example.com /6",
    "80 moving.example.com /7",
  ]);
  assert.deepEqual(
    only(seen, "request")
      .slice(4)
      .map(({ ip }) => ip),
    ["93.184.216.34", "93.184.216.35", "93.184.216.34"],
  );
  const names = new Set(only(seen, "question").map(({ name }) => name));
  assert.deepEqual(names, new Set(["moving.example.com"]), "an upstream's name is not resolved, a refused one never");
  assert.deepEqual(
    summary?.network.hosts.map(({ host, requests: made, refused: not }) => [host, made, not]),
    [
      ["one.example.com", 5, 2],
      ["two.example.com", 1, 0],
      ["moving.example.com", 3, 0],
      ["three.example.com", 1, 1],
    ],
  );
  const log = await stage.log();
  const rules = log.filter((entry) => entry.kind === "request").map((entry) => entry.rule);
  assert.deepEqual(
    rules,
    [0, 1, 2, 0, 3, 3, 3].map((at) => `user:network.allow[${at}]`),
  );
  t.diagnostic(
    `${requests.length} requests answered; ${only(seen, "question").length} questions outside, all of one granted name`,
  );
});

test("real boundary: every type of question, and names that are none, are answered inside (needs namespaces)", {
  timeout: 60_000,
}, async (t) => {
  using stage = new Stage({ files: { "client.cjs": client } });
  await using outside = await openOutside({
    directory: stage.base,
    names: { "granted.example.com": ["93.184.216.34"] },
  });
  const long = Array.from({ length: 300 }, (_, index) => "abcdefghij"[index % 10] ?? "");
  const cases: readonly [name: readonly string[], type: keyof typeof types, answer: RegExp][] = [
    ...["granted.example.com", "stranger.example.org"].flatMap((name): (typeof cases)[number][] => [
      [labelled(name), "A", /^0 c61[23][0-9a-f]{4}$/],
      [labelled(name), "AAAA", /^0 fd00007000010{9,13}/],
      [labelled(name), "HTTPS", /^0$/],
      [labelled(name), "TXT", /^0$/],
      [labelled(name), "ANY", /^4$/],
    ]),
    [long, "A", /^1$/],
    [["x".repeat(64)], "A", /^1$/],
    [["with space", "example", "org"], "A", /^3$/],
    [["1", "2", "3", "4"], "A", /^3$/],
    [["localhost"], "A", /^0 7f000001$/],
  ];
  const questions = cases.map(([name, type]) => writeQuestion(name, types[type]));
  const asked = [
    ...questions.map((bytes) => ["100.64.0.53", 53, bytes.toString("hex"), "udp"]),
    ...questions.map((bytes) => ["8.8.8.8", 53, bytes.toString("hex"), "udp"]),
    ...questions.map((bytes) => ["2001:4860:4860::8888", 53, bytes.toString("hex"), "tcp"]),
  ];
  const { code, output, errors, summary } = await stage.run([node, "client.cjs", JSON.stringify(asked)], {
    before: outside.enter,
    policy: { network: { allow: [{ host: "granted.example.com" }] } },
  });
  assert.equal(code, 0, errors);
  const answers = readAnswers(output, [...questions, ...questions, ...questions]);
  assert.equal(answers.length, asked.length, output);
  for (const [index, answer] of answers.entries()) {
    const [name, type, expected] = cases[index % cases.length] ?? [];
    assert.match(
      answer,
      expected ?? /never/,
      `${name?.slice(0, 3).join(".")} ${type}, by ${asked[index]?.[3]} to ${asked[index]?.[0]}`,
    );
  }
  const third = answers.length / 3;
  assert.deepEqual(
    [answers.slice(third, 2 * third), answers.slice(2 * third)],
    [answers.slice(0, third), answers.slice(0, third)],
    "whoever is asked",
  );
  assert.deepEqual(await outside.seen(), []);
  const log = await stage.log();
  const entered = new Set(
    log.filter((entry) => entry.kind === "name").map((entry) => entry.sealed["name"] ?? entry.rule),
  );
  assert.deepEqual(
    entered,
    new Set(["stranger.example.org", "with\\032space.example.org", "1.2.3.4", "gateway:no-question"]),
  );
  assert.deepEqual(summary?.network.namesRefused, ["stranger.example.org", "with\\032space.example.org", "1.2.3.4"]);
  t.diagnostic(`${answers.length} questions answered inside, none outside`);
});
