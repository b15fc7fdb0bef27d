// Parts of ours fail while a tool works: the disk, a stalled part, descriptors, the clock, what is outside, the terminal.
// After each: nothing left the record does not hold, nothing that was on it is lost, nothing runs on, the person was told,
// and the next session starts. `npm run conformance faults` plays five hundred rounds of every kind; here the decisive ones
// once. Needs namespaces, tmpfs mounts of its own, and for what fails within the process a C compiler.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../faults/kinds/all.ts";
import { runLane } from "../faults/lane.ts";
import type { Round } from "../faults/round.ts";
import { hasCompiler } from "../faults/shim.ts";

const lanes: readonly (readonly string[])[] = [
  [
    "record: making durable fails (EIO)",
    "power is lost",
    "upstream resets before it replies; the tool ends",
    "record: the disk stops, and goes on",
    "clock jumps an hour back",
    "helper stalls, and the command line is killed",
    "terminal goes away",
    "pi works: record: making durable fails (EIO)",
  ],
  [
    "disk full",
    "state directory closed to its owner",
    "record moved away, and another begun in its place",
    "helper stalls, and goes on",
    "cli stalls, and goes on",
    "command line has no descriptors left, and is ended",
    "upstream never answers; the command line is killed",
  ],
];

const compiler = hasCompiler();
const playable = (name: string): boolean => compiler || kinds.find((kind) => kind.name === name)?.within !== true;

void test("real boundary: parts of ours fail while a tool works (needs namespaces)", {
  timeout: 600_000,
}, async (context) => {
  const played: Round[] = [];
  const heard = (round: Round): void => void played.push(round);
  await Promise.all(
    lanes.map((names, lane) =>
      runLane({ lane, ordinary: lane % 2 === 1, seed: lane + 1, rounds: names.filter(playable), working: true }, heard),
    ),
  );
  for (const name of lanes.flat())
    await context.test(name, { skip: playable(name) ? false : "not here: cc" }, () => {
      const round = played.find(({ kind }) => kind === name) ?? assert.fail("it was not played");
      assert.ok(round.struck && round.working && round.entries > 0, JSON.stringify(round));
      assert.deepEqual(round.wrong, [], round.said);
    });
});
