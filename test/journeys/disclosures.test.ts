// The disclosure map after a real session: what a published agent read, plainly, numbered, by range, quoted and re-indented, against what
// its script told it to read. Ground truth: the script, the files, and what the vendor received.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo, demoCommand } from "../../src/vendor/demo.ts";
import type { Script } from "../../src/vendor/script.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const pi = new URL("../../node_modules/.bin/pi", import.meta.url).pathname;
const key = "sk-lab-real-4711";
const lines = 60;

/** Lines nobody else has, as source has them. */
const sourceOf = (name: string): string =>
  `${Array.from({ length: lines }, (_, at) => {
    const number = at + 1;
    if (number % 10 === 0) return "";
    const own = createHash("sha256").update(`${name} ${number}`).digest("hex");
    return `${" ".repeat((number % 3) * 2)}const ${name}${number} = "${own.slice(0, 40)}";`;
  }).join("\n")}\n`;

const names = ["whole", "part", "numbered", "quoted", "indented", "untouched"] as const;
const files = Object.fromEntries(names.map((name) => [`src/${name}.ts`, sourceOf(name)]));

const bash = (command: string) => ({ say: undefined, call: { tool: "bash" as const, arguments: { command } } });
const script: Script = {
  ...demo.script,
  steps: [
    { say: "I read it.", call: { tool: "read", arguments: { path: "src/whole.ts" } } },
    bash("sed -n '11,29p' src/part.ts"),
    bash("cat -n src/numbered.ts | sed -n '21,49p'"),
    bash(
      'node -e \'process.stdout.write(JSON.stringify({ file: require("fs").readFileSync("src/quoted.ts", "utf8") }))\'',
    ),
    bash("sed -e 's/^/\\t\\t/' src/indented.ts"),
    { say: "Written.", call: { tool: "write", arguments: { path: "src/made.ts", content: sourceOf("made") } } },
  ],
  final: "Done.",
};

interface Told {
  readonly file: string;
  readonly host: string;
  readonly lines: readonly {
    readonly from: number;
    readonly to: number;
    readonly times: number;
    readonly entry: number;
  }[];
  readonly count: number;
  readonly requests: number;
}

test("real boundary, real pi: the disclosure map is what was read, and nothing else", {
  skip: withoutCurl,
  timeout: 120_000,
}, async (context) => {
  using stage = new Stage({ files: { ...demo.files, ...files }, git: true });
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script, key, tls });
  const ca = stage.write("ca.pem", tls.ca);
  const policy = {
    network: {
      allow: [
        { host: demo.host, methods: ["POST"], paths: ["/v1/messages**"], upstream: { address: vendor.address, ca } },
      ],
    },
    credentials: {
      anthropic: {
        from: { file: stage.write("key", key) },
        to: { host: demo.host, header: "x-api-key" },
        as: demo.variable,
      },
    },
  };
  const ran = await stage.run(demoCommand(pi), { policy });
  assert.equal(ran.code, 0, ran.errors);
  const bodies = vendor.requests.map(({ body }) => String(body));
  for (const name of ["whole", "part", "numbered", "quoted", "indented"])
    assert.ok(
      bodies.some((body) => body.includes(`${name}21 = `)),
      `the vendor never had ${name}`,
    );
  assert.ok(!bodies.some((body) => body.includes("untouched21 = ")));

  const listed = await stage.call(["disclosures", "--json"]);
  assert.equal(listed.code, 0, listed.errors);
  const told = listed.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
  const of = (name: string): ReadonlySet<number> => {
    const own = told.find(({ file }) => file === `${stage.work}/src/${name}.ts`);
    assert.ok(own === undefined || own.host === demo.host);
    return new Set(own?.lines.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at)));
  };
  const missed = (found: ReadonlySet<number>, from: number, to: number): number =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at).filter((line) => !found.has(line)).length;
  const exact = { whole: [1, lines], part: [11, 29] } as const;
  for (const [name, [from, to]] of Object.entries(exact)) {
    const found = of(name);
    assert.deepEqual([missed(found, from, to), found.size], [0, to - from + 1], name);
  }
  const near = { numbered: [21, 49], quoted: [1, lines], indented: [1, lines] } as const;
  let [all, lost] = [0, 0];
  for (const [name, [from, to]] of Object.entries(near)) {
    const found = of(name);
    assert.ok(
      [...found].every((line) => line >= from && line <= to),
      `${name}: ${[...found].join()}`,
    );
    [all, lost] = [all + to - from + 1, lost + missed(found, from, to)];
  }
  context.diagnostic(`${all - lost} of ${all} lines read in other ways are told`);
  assert.ok(lost <= all * 0.05, `${lost} of ${all}`);
  assert.equal(of("untouched").size, 0);
  assert.equal(of("made").size, 0, "the model wrote it");

  const { files: left, lines: many } = ran.summary?.disclosures ?? assert.fail("no summary");
  const sum = (of: (one: Told) => number): number => told.reduce((all, one) => all + of(one), 0);
  assert.deepEqual([left, many], [told.filter(({ count }) => count > 0).length, sum(({ count }) => count)]);

  // each range has its entry, and a conversation says again what it said
  const whole = told.find(({ file }) => file.endsWith("whole.ts")) ?? assert.fail("not told");
  const log = await stage.log();
  const first = log.find(({ index }) => index === whole.lines[0]?.entry);
  assert.equal(first?.kind, "request");
  assert.ok((first?.counts["source-lines"] ?? 0) >= lines);
  assert.ok(whole.requests >= 5, `${whole.requests}`);
  const table = await stage.call(["disclosures", "src/part.ts", "--lines"]);
  assert.match(table.output, /11-29 {2}\S+part\.ts {2}api\.anthropic\.com/);
  const nothing = await stage.call(["disclosures", "src/untouched.ts"]);
  assert.match(nothing.output, /nothing of .* is on the record/);
});
