// Invariant 8: parts of ours killed at random points: nothing is left running, nothing left without being on the record, and the next
// run starts. `test/conformance/kills.ts` plays a hundred of these rounds; here a share of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { intents, openStage, readLog } from "./fault-stage.ts";
import { adoptOrphans, drawMoment, openChance, playRound, targets } from "./kill-rounds.ts";

const rounds = 30;
/** After so many rounds a new state directory, so that the making of a record is met too. */
const perStage = 10;

adoptOrphans();

for (let first = 0; first < rounds; first += perStage)
  void test(`SIGKILL at random points, rounds ${first} to ${first + perStage - 1}: nothing left, nothing unrecorded`, async () => {
    const chance = openChance(first + 1);
    await using stage = await openStage();
    for (let round = first; round < first + perStage; round += 1) {
      const target = targets[round % targets.length] ?? "cli";
      const played = await playRound(stage, { tag: `r${round}`, target, moment: drawMoment(chance) });
      const told = JSON.stringify(played);
      assert.ok(played.killed, told);
      assert.ok(played.code !== 0, told);
      assert.equal(played.left, 0, told);
      assert.ok(played.verified === "ok" || played.verified === "none", told);
    }
    const next = await stage.ask(["run", "--policy", stage.policy, "--", "true"]);
    assert.equal(next.code, 0, next.errors);
    const recorded = intents(await readLog(stage));
    assert.deepEqual(
      stage.seen.filter((target) => !recorded.has(target)),
      [],
    );
    assert.equal((await stage.ask(["verify"])).code, 0);
  });
