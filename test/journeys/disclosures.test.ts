// The disclosure map after a real session: what a published agent read, plainly, numbered, by range, quoted and re-indented, against what
// its script told it to read. Ground truth: the script, the files, and what the vendor received.

import assert from "node:assert/strict";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo, demoCommand } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { withoutCurl } from "./missing.ts";
import { judgeMap, readFiles, readMap, readScript, type Told } from "./read-scene.ts";
import { Stage } from "./stage.ts";

const pi = new URL("../../node_modules/.bin/pi", import.meta.url).pathname;
const key = "sk-lab-real-4711";
test("real boundary, real pi: the disclosure map is what was read, and nothing else", {
  skip: withoutCurl,
  timeout: 120_000,
}, async (context) => {
  using stage = new Stage({ files: readFiles, git: true });
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script: readScript, key, tls });
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
  const listed = await stage.call(["disclosures", "--json"]);
  assert.equal(listed.code, 0, listed.errors);
  const told = readMap(listed.output);
  const bodies = vendor.requests.map(({ body }) => String(body));
  const judged = judgeMap({ told, work: stage.work, host: demo.host, bodies });
  context.diagnostic(JSON.stringify(judged));

  const { files: left, lines: many } = ran.summary?.disclosures ?? assert.fail("no summary");
  const sum = (of: (one: Told) => number): number => told.reduce((all, one) => all + of(one), 0);
  assert.deepEqual([left, many], [told.filter(({ count }) => count > 0).length, sum(({ count }) => count)]);

  // each range has its entry, and a conversation says again what it said
  const whole = told.find(({ file }) => file.endsWith("whole.ts")) ?? assert.fail("not told");
  const log = await stage.log();
  const first = log.find(({ index }) => index === whole.lines[0]?.entry);
  assert.equal(first?.kind, "request");
  assert.ok((first?.counts["source-lines"] ?? 0) >= 60);
  assert.ok(whole.requests >= 5, `${whole.requests}`);
  const table = await stage.call(["disclosures", "src/part.ts", "--lines"]);
  assert.match(table.output, /11-29 {2}\S+part\.ts {2}- +api\.anthropic\.com/);
  const nothing = await stage.call(["disclosures", "src/untouched.ts"]);
  assert.match(nothing.output, /nothing of .* is on the record/);
});
