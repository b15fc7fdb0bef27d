// The decisive probes of the battery: each is blocked by the boundary as built, and on the record where it can be seen; and
// each lands where there is no boundary, so that it would be noticed if it did. The rest: `npm run battery`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { after, test } from "node:test";
import { defences } from "./defences/all.ts";
import { applied } from "./defences/without.ts";
import { openGround } from "./ground.ts";
import { isFailure } from "./probe.ts";
import { probes } from "./probes/all.ts";
import { elsewhere, techniques } from "./probes/elsewhere.ts";
import { runProbe } from "./run.ts";
import { none } from "./targets/none.ts";
import { posternTarget } from "./targets/postern.ts";

const root = new URL("../..", import.meta.url).pathname;
const ours = posternTarget("live", "");
const decisive = probes.filter((probe) => probe.decisive === true);
const ground = await openGround(false);
after(() => ground[Symbol.asyncDispose]());

test("there are enough of them, each with a name of its own", () => {
  assert.ok(decisive.length >= 60, `${decisive.length} decisive probes`);
  assert.ok(probes.length >= 150, `${probes.length} probes`);
  assert.equal(new Set(probes.map(({ id }) => id)).size, probes.length);
});

test("every technique of the list has a probe, or a reason why none", () => {
  const tried = new Set(probes.map(({ technique }) => technique));
  for (let technique = 1; technique <= techniques; technique += 1)
    assert.notEqual(tried.has(technique), elsewhere[technique] !== undefined, `technique ${technique}`);
});

test("what must be on the record only grows", () => {
  const file = new URL("../../vectors/battery/must.json", import.meta.url);
  const before = JSON.parse(readFileSync(file, "utf8")) as readonly string[];
  const now = probes.filter(({ record }) => record === "must").map(({ id }) => id);
  assert.deepEqual(now.toSorted(), before, `taken back, or to be added to ${file.pathname}`);
});

test("what may lie in a live checkout until it is put away stands in THREATS.md, by name", () => {
  const threats = readFileSync(`${root}/THREATS.md`, "utf8");
  const sweepable = probes.filter((probe) => probe.sweepable === true);
  assert.ok(sweepable.length > 0);
  for (const { id, appears = [] } of sweepable) {
    assert.ok(appears.length > 0, id);
    for (const path of appears)
      assert.ok(
        [path, basename(path)].some((name) => threats.includes(`\`${name}\``)),
        path,
      );
  }
});

for (const { id, without, probes: proofs } of defences)
  test(`defence ${id} is where the registry says, and has probes`, () => {
    for (const edit of without) assert.notEqual(applied(edit), readFileSync(`${root}/${edit.file}`, "utf8"));
    assert.ok(proofs.length > 0);
    for (const proof of proofs)
      assert.ok(
        probes.some((probe) => probe.id === proof),
        proof,
      );
  });

for (const probe of decisive)
  test(`real boundary: ${probe.id}: ${probe.title} (needs namespaces)`, { timeout: 120_000 }, async (t) => {
    const outcome = await runProbe(probe, ours, ground);
    assert.ok(!isFailure(outcome), JSON.stringify(outcome));
    if (probe.uncontrolled !== undefined) {
      t.diagnostic(`${outcome.kind}; no control: ${probe.uncontrolled}`);
      return;
    }
    const control = await runProbe(probe, none, ground);
    assert.equal(control.kind, "escaped", `without a boundary: ${JSON.stringify(control)}`);
    t.diagnostic(outcome.kind);
  });
