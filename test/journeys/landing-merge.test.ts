// Both sides edit the same files at random: what is apart comes together with nobody's line lost, what is not is a conflict
// and stays as it is.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openChance } from "./kill-rounds.ts";
import { accept, openDesk, put, review, stage } from "./landing-desk.ts";

const length = 30;
const count = 60;

interface Sheet {
  readonly path: string;
  /** Line → its new text, or undefined where it goes. */
  readonly ours: ReadonlyMap<number, string | undefined>;
  readonly theirs: ReadonlyMap<number, string | undefined>;
}

const line = (at: number) => `line ${at}`;

function write(edits: ReadonlyMap<number, string | undefined>): string {
  const lines = Array.from({ length }, (_, at) => (edits.has(at) ? edits.get(at) : line(at)));
  return lines
    .filter((each) => each !== undefined)
    .map((each) => `${each}\n`)
    .join("");
}

function draw(chance: (below: number) => number, number: number): Sheet {
  const edits = (who: string) =>
    new Map(
      Array.from({ length: 1 + chance(3) }, () => {
        const at = chance(length);
        return [at, chance(4) === 0 ? undefined : `${who} ${number}.${at}`] as const;
      }),
    );
  return { path: `sheet-${number}`, ours: edits("ours"), theirs: edits("theirs") };
}

/** Lines next to each other are one place to git. */
function touch({ ours, theirs }: Sheet): boolean {
  return [...ours.keys()].some((mine) => [...theirs.keys()].some((other) => Math.abs(mine - other) <= 1));
}

test("random edits of both sides: all there, or a conflict", async (context) => {
  const seed = Date.now() % 1_000_000;
  context.diagnostic(`seed ${seed}`);
  const chance = openChance(seed);
  const sheets = Array.from({ length: count }, (_, number) => draw(chance, number));
  using laid = await stage(openDesk(Object.fromEntries(sheets.map(({ path }) => [path, write(new Map())]))));
  for (const { path, ours, theirs } of sheets) {
    put(laid.work, path, write(ours));
    put(laid.tree, path, write(theirs));
  }
  const { conflicts } = await review(laid);
  const stuck = new Set(conflicts.map(({ id }) => id));
  for (const sheet of sheets) if (!touch(sheet)) assert.ok(!stuck.has(sheet.path), `${sheet.path} is no conflict`);
  assert.match(await accept(laid, ["all"], { rest: true }), /^landed/);
  for (const sheet of sheets) {
    const text = readFileSync(join(laid.work, sheet.path), "utf8");
    if (stuck.has(sheet.path)) assert.equal(text, write(sheet.ours), `${sheet.path} stays the person's`);
    else if (!touch(sheet)) assert.equal(text, write(new Map([...sheet.ours, ...sheet.theirs])));
    else
      for (const made of [...sheet.ours.values(), ...sheet.theirs.values()])
        if (made !== undefined) assert.ok(text.includes(made));
    assert.doesNotMatch(text, /^[<=>]{7}/m);
  }
  assert.ok(stuck.size > 0 && stuck.size < count);
});
