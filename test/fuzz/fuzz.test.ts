// Every target once more over what fuzzing kept, and a bounded number of new inputs by a seed that stands here: the same runs
// each time. The long ones, guided by reached code: `npm run conformance fuzz`.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { openChance } from "../journeys/chance.ts";
import { attend } from "./attendant.ts";
import { readCorpus } from "./corpus.ts";
import { fuzz } from "./loop.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets/all.ts";

const seed = 20_261_127;

for (const [name, { runs }] of Object.entries(targets))
  void test(`${name}: the corpus, and ${runs} runs from seed ${seed}`, async () => {
    const { found, inputs } = readCorpus(name);
    const ran = await attend({
      target: name,
      seed,
      budget: { runs: runs + inputs.length + found.length },
      guided: false,
    });
    const { broken } = ran;
    assert.equal(broken, undefined, `${JSON.stringify(broken?.input.toString("latin1"))}: ${broken?.why}`);
    assert.ok(ran.runs >= runs && ran.outcomes > 1);
  });

void test("each corpus is some target's", () => {
  const names = readdirSync(new URL("../../vectors/fuzz", import.meta.url)).map((file) => file.replace(/\.json$/, ""));
  assert.deepEqual(names.sort(), Object.keys(targets).sort());
});

const seeds = ["abc", "xyz"].map((text) => Buffer.from(text));
const course = { chance: openChance(1), corpus: [], coverage: undefined, begins: () => undefined };

void test("the same chance makes the same inputs", () => {
  const material = { corpus: seeds, words: [Buffer.from("word")], longest: 64 };
  const made = (start: number) => {
    const chance = openChance(start);
    return Array.from({ length: 200 }, () => mutate(chance, material).toString("hex"));
  };
  assert.deepEqual(made(3), made(3));
  assert.notDeepEqual(made(3), made(4));
  assert.ok(new Set(made(3)).size > 150);
});

void test("what breaks a target is found, and ends the loop with its input", async () => {
  const target: Target = {
    seeds,
    run: (bytes) => {
      if (bytes.includes(0xff) && bytes.length > 4) throw new Error("planted");
      return String(bytes.length);
    },
  };
  const { broken } = await fuzz(target, { ...course, goesOn: (runs) => runs < 20_000 });
  assert.ok(broken?.input.includes(0xff));
  assert.match(broken?.why ?? "", /planted/);
});

const planted = { target: "planted", seed, budget: { runs: 10 }, guided: false } as const;

void test("a hang, and what is thrown where nobody waits, is told with its input", async () => {
  const hung = await attend({ ...planted, first: ["hang"], patience: 1000 });
  assert.equal(hung.broken?.input.toString(), "hang");
  assert.match(hung.broken?.why ?? "", /longer than 1000 ms/);
  const loose = await attend({ ...planted, first: ["loose"] });
  assert.equal(loose.broken?.input.toString(), "loose");
  assert.match(loose.broken?.why ?? "", /thrown where nobody waits/);
  const sound = await attend({ ...planted, first: ["sound"] });
  assert.equal(sound.broken, undefined);
});

void test("code that is reached for the first time makes an input worth keeping", async () => {
  const ran = await attend({ target: "git", seed, budget: { runs: 400 }, guided: true });
  assert.ok(ran.broken === undefined && ran.reached > 3000 && ran.known > ran.reached, JSON.stringify(ran.broken));
  assert.ok(ran.kept.length > 10);
});
