// SIGKILL at two hundred random points of a landing: the checkout is as before or, once the next command has come, as
// after, to the byte: files, links, permissions, references, head, index. Never mixed, and nothing left lying about.

import assert from "node:assert/strict";
import { chmodSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openChance } from "./kill-rounds.ts";
import { gitInCopy, type Laid, openDesk, put, stage } from "./landing-desk.ts";
import { call, playRound, prepareRounds } from "./landing-rounds.ts";

const rounds = 200;
const lanes = 2;

async function lay(chance: (below: number) => number, commits: boolean): Promise<Laid> {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`d${at % 4}/f${at}`, `${chance(1e9)}\n`.repeat(1 + chance(40))]),
  );
  const laid = await stage(openDesk({ ...files, gone: "x\n", kind: "file\n", "dir/in": "in\n" }));
  for (const path of Object.keys(files)) {
    const what = chance(5);
    if (what === 0) rmSync(join(laid.tree, path));
    else if (what === 1) chmodSync(join(laid.tree, path), 0o755);
    else if (what === 2) renameSync(join(laid.tree, path), join(laid.tree, `${path}-moved`));
    else put(laid.tree, path, `${chance(1e9)}\n`);
  }
  rmSync(join(laid.tree, "kind"));
  put(laid.tree, "kind/now/deep", "a directory\n");
  rmSync(join(laid.tree, "dir"), { recursive: true });
  put(laid.tree, "dir", Buffer.from([0, 255]));
  symlinkSync("kind/now", join(laid.tree, "link"));
  const words = ["checkout -q -b feature", "add -A", "commit -q -m second", "tag mark"];
  if (commits) for (const each of words) gitInCopy(laid, each.split(" "));
  put(laid.tree, "after the commit", "untracked\n");
  return laid;
}

/** Every other one without a commit: most landings are. */
async function lane(seed: number, number: number) {
  const chance = openChance(seed);
  using laid = await lay(chance, number % 2 === 0);
  const ground = await prepareRounds(laid);
  const played = [];
  let hand = call(laid, ground.journal);
  let span = ground.span;
  for (let at = 0; at < rounds / lanes; at += 1) {
    const current = await hand;
    // the next one gets ready while this one is looked at
    hand = call(laid, ground.journal);
    const round = await playRound(ground, current, {
      after: chance(Math.ceil(span * 1000)) / 1000,
      all: chance(2) === 0,
    });
    // the machine may have become quicker or slower
    span = round.took === undefined ? span * 1.02 : Math.max(5, round.took);
    played.push(round);
  }
  (await hand).kill("SIGKILL");
  return played;
}

test(`a landing killed at ${rounds} random points is whole or nothing`, async (context) => {
  const seed = Date.now() % 1_000_000;
  const played = (await Promise.all(Array.from({ length: lanes }, (_, at) => lane(seed + at, at)))).flat();
  const count = (holds: (round: (typeof played)[number]) => boolean) => played.filter(holds).length;
  context.diagnostic(
    `seed ${seed}: ${count(({ cut }) => cut)} cut short, ${count(({ end }) => end === "before")} as before`,
  );
  assert.equal(played.length, rounds);
  assert.deepEqual(
    played.flatMap(({ apart }) => apart),
    [],
  );
  assert.equal(
    count(({ end }) => end === "mixed"),
    0,
  );
  assert.deepEqual(
    played.flatMap(({ litter }) => litter),
    [],
  );
  assert.ok(count(({ cut }) => cut) > rounds / 10, "kills fell into landings");
  assert.ok(count(({ end }) => end === "after") > 0);
});
