// Audit passes on what no grant covers, says of each what enforce would have done, and never opens the person's own
// machine and network. The measure is what came outside. Needs the boundary's tools, and namespaces.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import { Stage } from "./stage.ts";

/** By URL: what the tool is told. */
const cases: readonly [url: string, status: number][] = [
  ["http://93.184.216.34/", 200],
  ["http://public.example.net/", 200],
  ["http://[2606:2800:220:1::34]:8080/", 200],
  ["http://nowhere.example.net/", 502],
  ["http://93.184.216.34:9/", 502],
  ["http://rebound.example.net/", 403],
  ["http://metadata.example.net/", 403],
  ["http://10.1.2.3/", 403],
  ["http://192.168.0.1:8080/", 403],
  ["http://169.254.169.254/", 403],
  ["http://[fd00::1]/", 403],
  ["http://[::ffff:10.1.2.3]/", 421],
  ["http://metadata.google.internal/", 403],
];

test("real boundary: audit passes public hosts on, and nothing private (needs namespaces)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async (t) => {
  using stage = new Stage();
  const names = {
    "public.example.net": ["93.184.216.40"],
    "rebound.example.net": ["10.0.0.5"],
    "metadata.example.net": ["169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
  };
  await using outside = await openOutside({ directory: stage.base, names });
  const lines = cases.map(([url]) => `curl -s -o /dev/null -w '%{http_code}\\n' '${url}'`);
  const raw = "(exec 3<>/dev/tcp/93.184.216.41/25; echo EHLO >&3; read -u 3 line); true";
  const { code, output, errors, summary } = await stage.run(["bash", "-c", [...lines, raw].join("\n")], {
    before: outside.enter,
    flags: ["--mode", "audit"],
    policy: { mode: undefined },
  });
  assert.equal(code, 0, errors);
  assert.deepEqual(
    output.trim().split("\n").map(Number),
    cases.map(([, status]) => status),
  );

  const seen = await outside.seen();
  const dialled = seen.flatMap((one) => (one.kind === "connection" ? [`${one.ip} ${one.port}`] : []));
  assert.deepEqual(dialled, ["93.184.216.34 80", "93.184.216.40 80", "2606:2800:220:1::34 8080"]);
  const asked = new Set(seen.flatMap((one) => (one.kind === "question" ? [one.name] : [])));
  assert.deepEqual(
    asked,
    new Set(["public.example.net", "nowhere.example.net", "rebound.example.net", "metadata.example.net"]),
  );

  const log = await stage.log();
  const passed = log.filter((entry) => entry.kind === "request");
  assert.deepEqual(
    passed.map((entry) => [entry.verdict, entry.rule]),
    Array.from({ length: 7 }, () => ["allow", "audit"]),
  );
  assert.ok(
    passed.every((entry) => /^no grant covers .*; enforce would refuse it$/.test(String(entry.sealed["reason"]))),
  );
  const refused = log.filter((entry) => entry.kind === "refusal").map((entry) => [entry.rule, entry.sealed["host"]]);
  assert.deepEqual(refused, [
    ["gateway:special-address", "rebound.example.net"],
    ["gateway:special-address", "metadata.example.net"],
    ...["10.1.2.3", "192.168.0.1", "169.254.169.254", "fd00::1"].map((host) => ["default", host]),
    ["gateway:disagreement", "10.1.2.3"],
    ["default", "metadata.google.internal"],
  ]);
  const smtp = log.find((entry) => entry.sealed["ip"] === "93.184.216.41");
  assert.deepEqual([smtp?.kind, smtp?.verdict, smtp?.rule], ["connection", "refuse", "gateway:not-http"]);
  assert.deepEqual([summary?.mode, summary?.network.requests, summary?.network.refused], ["audit", 13, 9]);
  assert.match(errors, /^audit .*passed on/m);
  t.diagnostic(`${dialled.length} of ${cases.length} dialled outside, each entered with what enforce would have done`);
});

/** In the world outside of a test: a copy of /etc with the organisation's file, bound over it, and then the command. */
const asOrganisation = `mkdir "$0" && { cp -a /etc/. "$0" 2>/dev/null || true; } && mkdir -p "$0/postern" &&
  printf '%s' "$1" > "$0/postern/policy.yaml" && mount --bind "$0" /etc && shift && exec "$@"`;

test("real boundary: what the organisation lets nobody reach is refused in audit too (needs namespaces)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const names = { "within.example.org": ["93.184.216.40"], "beyond.example.net": ["93.184.216.41"] };
  await using outside = await openOutside({ directory: stage.base, names });
  const organisation = 'version: 1\nlimits: { hosts: ["*.example.org"] }\n';
  const urls = ["http://within.example.org/", "http://beyond.example.net/", "http://93.184.216.34/"];
  const { output, errors, summary } = await stage.run(
    ["bash", "-c", urls.map((url) => `curl -s -o /dev/null -w '%{http_code}\\n' '${url}'`).join("\n")],
    {
      before: [...outside.enter, "sh", "-c", asOrganisation, `${stage.base}/etc`, organisation],
      flags: ["--mode", "audit"],
      policy: { mode: undefined },
    },
  );
  assert.equal(summary?.mode, "audit", errors);
  assert.deepEqual(output.trim().split("\n"), ["200", "403", "403"]);
  const seen = await outside.seen();
  const dialled = seen.flatMap((one) => (one.kind === "connection" ? [`${one.ip} ${one.port}`] : []));
  assert.deepEqual(dialled, ["93.184.216.40 80"]);
  assert.ok(seen.every((one) => one.kind !== "question" || one.name === "within.example.org"));
  const refused = (await stage.log()).filter((entry) => entry.kind === "refusal");
  assert.deepEqual(
    refused.map(({ rule, sealed }) => [rule, sealed["reason"]]),
    ["beyond.example.net", "93.184.216.34"].map((host) => [
      "default",
      `${host} is beyond the hosts the organisation allows`,
    ]),
  );
});
