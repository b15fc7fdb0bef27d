// The same boundary for somebody who is not root and whom no account file knows, as in many a container: caught, kept,
// recorded, undone. Needs root to become such a user; as an ordinary user the other journeys have shown all of this already.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { become, enterAs } from "../../src/boundary/linux/covered-room.ts";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo, demoCommand } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import { Stage } from "./stage.ts";

/** In no account file, and beyond the numbers such files hold. */
const uid = 1_234_567;
const root = process.getuid?.() === 0;
const another = root ? enterAs(become(uid)) : [];
const pi = new URL("../../node_modules/.bin/pi", import.meta.url).pathname;

const skip = root ? false : "not root: the other journeys run as an ordinary user already";

test("real boundary, ordinary user: ways out are caught, the checkout is written and taken back (needs root to try)", {
  skip: skip || withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ files: { "kept.txt": "as it was\n" }, git: true });
  await using outside = await openOutside({ directory: stage.base });
  stage.give(uid);
  const before = [...outside.enter, ...another];
  const script = [
    "echo changed > kept.txt; id -u > id.txt",
    "curl -s --noproxy '*' http://93.184.216.34:8080/ > /dev/null",
    "curl -s 'http://[2606:2800:220:1::34]:40000/' > /dev/null",
    "(exec 3<>/dev/tcp/93.184.216.35/25; echo EHLO >&3; read -u 3 line)",
    "getent hosts canary.example.org > /dev/null",
    "cat /proc/1/environ /etc/shadow; curl -s http://127.0.0.1:9099/; exit 9",
  ].join("\n");
  const ran = await stage.run(["bash", "-c", script], { before });
  assert.equal(ran.code, 9, ran.errors);
  assert.equal(ran.summary?.grade, "full");
  assert.deepEqual(await outside.seen(), []);
  assert.equal(readFileSync(`${stage.work}/kept.txt`, "utf8"), "changed\n");
  assert.equal(readFileSync(`${stage.work}/id.txt`, "utf8"), "1000\n");

  const log = await stage.log({ before });
  const connections = log.filter((entry) => entry.kind === "connection" || entry.kind === "name");
  const by = (entry: (typeof log)[number]) => (entry.sealed["process"] as { executable?: string }).executable;
  assert.deepEqual(
    connections.map((entry) => [entry.sealed["ip"] ?? entry.sealed["name"], entry.sealed["port"], by(entry)]),
    [
      ["93.184.216.34", 8080, "/usr/bin/curl"],
      ["2606:2800:220:1::34", 40_000, "/usr/bin/curl"],
      ["93.184.216.35", 25, "/usr/bin/bash"],
      ["canary.example.org", undefined, "/usr/bin/getent"],
    ],
  );
  assert.equal(log[0]?.person, `uid-${uid}`);
  for (const words of [
    ["undo", ran.summary?.session ?? ""],
    ["verify", "--contents"],
  ])
    assert.equal((await stage.call(words, { before })).code, 0, words.join(" "));
  assert.equal(readFileSync(`${stage.work}/kept.txt`, "utf8"), "as it was\n");
});

test("real boundary, ordinary user, real pi: the agent does its work (needs root to try)", {
  skip,
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ files: demo.files });
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script: demo.script, key: "sk-real-key-of-the-test", tls });
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", tls.ca) };
  const policy = {
    network: { allow: [{ host: demo.host, upstream }] },
    credentials: { vendor: { from: { env: "REAL" }, to: { host: demo.host, header: "x-api-key" }, as: demo.variable } },
  };
  stage.give(uid);
  const ran = await stage.run(demoCommand(pi), {
    policy,
    before: another,
    environment: { REAL: "sk-real-key-of-the-test" },
  });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(readFileSync(`${stage.work}/${demo.mended.path}`, "utf8"), demo.mended.text);
  assert.deepEqual(new Set(vendor.requests.map((request) => request.status)), new Set([200]));
});
