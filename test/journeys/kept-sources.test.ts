// Two real sessions and more on one checkout: what the first one read of its source is kept for the next, where nothing inside sees it; and
// whatever becomes of it, the same is told. Ground truth: the files of the state directory, and what the server received.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { host, openCollector, textOf } from "./collector.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

/** Of each part that is kept: which file it is, and what it holds. */
function kept(stage: Stage): ReadonlyMap<string, string> {
  const directory = join(stage.state, "sources");
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const paths = names.map((name) => join(directory, name)).filter((path) => statSync(path).isFile());
  return new Map(paths.map((path) => [path, `${statSync(path).ino} ${statSync(path).mode & 0o777}`]));
}

test("real boundary: a session begins with what another one read, of which nothing is visible inside", {
  skip: withoutCurl,
  timeout: 180_000,
}, async () => {
  const files = { "src/a.ts": textOf("a"), "src/b.ts": textOf("b"), "c.ts": textOf("c") };
  using stage = new Stage({ files, git: true });
  await using collector = await openCollector();
  const policy = {
    network: {
      allow: [{ host, upstream: { address: collector.address, ca: stage.write("ca.pem", collector.ca) } }],
    },
    labels: { restricted: ["src/**"] },
  };
  const lines = [
    `curl -sSf --data-binary @src/a.ts https://${host}/collect >/dev/null`,
    // what is kept lies beside the keys, and no name of either is there, wherever one looks
    'for name in "$1" "$1/sources" "$1/vault/sources.key"; do ! test -e "$name"; done',
    "! grep -q -e /sources/ -e /vault/ /proc/self/mountinfo",
    'test -z "$(find / -xdev \\( -name sources.key -o -path "*/sources/[0-9a-f]*/[0-9a-f]" \\) -print -quit 2>/dev/null)"',
    // as long as it may take to be written
    "sleep 2",
  ];
  const run = () => stage.run(["sh", "-ec", lines.join("\n"), "sh", stage.state], { policy });
  const told = async () => {
    const requests = (await stage.log()).filter(({ kind }) => kind === "request");
    const { counts } = requests.at(-1) ?? assert.fail("no request");
    return [counts["findings-source"], counts["source-lines.restricted"]];
  };
  // what was changed a moment before it is read is not kept
  await pause(2_500);
  const first = await run();
  assert.equal(first.code, 0, first.errors);
  assert.deepEqual(await told(), [1, 20]);
  const before = kept(stage);
  assert.ok(before.size > 0);
  for (const what of before.values()) assert.match(what, / 384$/);
  assert.equal(statSync(join(stage.state, "vault/sources.key")).mode & 0o777, 0o600);
  const content = Buffer.concat([...before.keys()].map((path) => readFileSync(path)));
  for (const word of ["src/a.ts", "let a", stage.work]) assert.equal(content.includes(word), false);

  const second = await run();
  assert.equal(second.code, 0, second.errors);
  assert.deepEqual(await told(), [1, 20]);
  // nothing was read, so nothing was written
  assert.deepEqual(kept(stage), before);

  for (const path of before.keys()) {
    const octets = readFileSync(path);
    octets[octets.length - 20] = (octets[octets.length - 20] ?? 0) ^ 4;
    writeFileSync(path, octets);
  }
  const third = await run();
  assert.equal(third.code, 0, third.errors);
  assert.deepEqual(await told(), [1, 20]);
  for (const [path, what] of before) assert.notEqual(kept(stage).get(path), what);
  assert.equal(collector.bodies.length, 3);
});
