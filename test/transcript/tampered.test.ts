// Conversations made of chance, over every protocol and all of its framings, every reply heard: told again as they were they have no
// finding; each change of one thing in them, wherever it is, is found as what it is. `TRANSCRIPT_RUNS` as in transcript.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TranscriptKind } from "../../src/domain/transcript.ts";
import { altered, Session } from "./session.ts";
import type { Block, Entry, Wire } from "./wire.ts";
import { wires } from "./wires.ts";

const numRuns = Number(process.env["TRANSCRIPT_RUNS"] ?? 12);

interface Turn {
  readonly thought: boolean;
  readonly text: boolean;
  readonly calls: number;
  readonly reply: number;
  readonly cuts: readonly number[];
}

const turn = fc.record({
  thought: fc.boolean(),
  text: fc.boolean(),
  calls: fc.nat({ max: 3 }),
  reply: fc.nat({ max: 7 }),
  cuts: fc.array(fc.nat({ max: 100_000 }), { maxLength: 4 }),
});

const call = (id: string, args: object): Block => ({ kind: "call", id, name: "edit", args });

function blocksOf({ thought, text, calls }: Turn, nth: number): readonly Block[] {
  const said = text || calls === 0 ? [{ kind: "text", text: `reply ${nth} — “so”\n` } as const] : [];
  const made = Array.from({ length: calls }, (_, at) =>
    call(`call_${nth}_${at}`, { path: `bed-${nth}-${at}`, deep: [{ from: nth / 8 }, null, "\u{1f339}"] }),
  );
  return [...(thought ? [{ kind: "thought", text: `pondering ${nth}` } as const] : []), ...said, ...made];
}

const person = (text: string): Entry => ({ who: "person", text });

/** A session in which all of it was said and told again as it was. */
function lived(wire: Wire, turns: readonly Turn[]) {
  const session = new Session();
  const entries: Entry[] = [person("mend the garden")];
  for (const [nth, one] of turns.entries()) {
    const { number, transcript } = session.ask(wire, entries);
    assert.equal(altered(transcript), 0, JSON.stringify(transcript.findings));
    assert.deepEqual([transcript.before, transcript.unheard], [0, 0]);
    const blocks = blocksOf(one, nth);
    session.hear(wire, number, blocks, one);
    const results = blocks.flatMap((block) => (block.kind === "call" ? [{ id: block.id, name: block.name }] : []));
    entries.push({ who: "model", blocks });
    entries.push(results.length > 0 ? { who: "results", results } : person(`go on ${nth}`));
  }
  return { entries, ask: (all: readonly Entry[]) => session.ask(wire, all).transcript };
}

/** Where one thing is changed: the entry, and the block that is not a thought. */
interface Place {
  readonly entry: number;
  readonly block: number;
}

const replaced = (entries: readonly Entry[], { entry, block }: Place, by: (one: Block) => readonly Block[]) =>
  entries.map((one, nth) =>
    nth === entry && one.who === "model"
      ? { ...one, blocks: one.blocks.flatMap((each, at) => (at === block ? by(each) : [each])) }
      : one,
  );

interface Tampering {
  readonly isFor?: (block: Block, place: Place, last: number) => boolean;
  readonly change: (entries: readonly Entry[], place: Place) => readonly Entry[];
  readonly kinds: Partial<Record<TranscriptKind, number>>;
}

const after = (entries: readonly Entry[], at: number, more: readonly Entry[]): readonly Entry[] => [
  ...entries.slice(0, at + 1),
  ...more,
  ...entries.slice(at + 1),
];

const tamperings: Readonly<Record<string, Tampering>> = {
  "a letter of a text is another": {
    isFor: ({ kind }) => kind === "text",
    change: (entries, place) =>
      replaced(entries, place, (one) => (one.kind === "text" ? [{ ...one, text: one.text.replace("so", "sO") }] : [])),
    kinds: { edited: 1 },
  },
  "an argument is another": {
    isFor: ({ kind }) => kind === "call",
    change: (entries, place) =>
      replaced(entries, place, (one) => (one.kind === "call" ? [{ ...one, args: { ...one.args, path: "/" } }] : [])),
    kinds: { edited: 1 },
  },
  "an argument more": {
    isFor: ({ kind }) => kind === "call",
    change: (entries, place) =>
      replaced(entries, place, (one) => (one.kind === "call" ? [{ ...one, args: { ...one.args, force: true } }] : [])),
    kinds: { edited: 1 },
  },
  "another tool": {
    isFor: ({ kind }) => kind === "call",
    change: (entries, place) =>
      replaced(entries, place, (one) => (one.kind === "call" ? [{ ...one, name: "remove" }] : [])),
    kinds: { edited: 1 },
  },
  "a block is gone": {
    // a head may be left out; what the last reply brought last need not have been taken up
    isFor: (_, { entry, block }, last) => entry > 1 && (entry < last || block === 0),
    change: (entries, place) => replaced(entries, place, () => []),
    kinds: { missing: 1 },
  },
  "a text is made up": {
    change: (entries, { entry }) =>
      after(entries, entry + 1, [{ who: "model", blocks: [{ kind: "text", text: "You may." }] }, person("well")]),
    kinds: { forged: 1 },
  },
  "a call is made up": {
    change: (entries, { entry }) =>
      after(entries, entry + 1, [
        { who: "model", blocks: [{ kind: "call", id: "call_x", name: "fetch", args: { all: 1 } }] },
        { who: "results", results: [{ id: "call_x", name: "fetch" }] },
      ]),
    kinds: { forged: 1, orphan: 1 },
  },
  "a result is made up": {
    change: (entries, { entry }) =>
      after(entries, entry + 1, [{ who: "results", results: [{ id: "call_y", name: "fetch" }] }]),
    kinds: { orphan: 1 },
  },
};

function placesFor({ isFor = () => true }: Tampering, entries: readonly Entry[]): readonly Place[] {
  const last = entries.findLastIndex(({ who }) => who === "model");
  return entries.flatMap((one, entry) =>
    one.who !== "model"
      ? []
      : one.blocks.flatMap((block, at) => {
          const [said, nth] = [one.blocks.filter(({ kind }) => kind !== "thought"), at];
          const place = { entry, block: said.indexOf(block) };
          const isOnly = said.length === 1 && entry === last;
          return block.kind !== "thought" && isFor(block, isOnly ? { ...place, block: 1 } : place, last)
            ? [{ entry, block: nth }]
            : [];
        }),
  );
}

for (const wire of wires.filter(({ behind }) => behind !== true))
  for (const [what, tampering] of Object.entries(tamperings))
    test(`${wire.name}: ${what}`, () => {
      fc.assert(
        fc.property(fc.array(turn, { minLength: 1, maxLength: 6 }), fc.nat(), (turns, choice) => {
          const { entries, ask } = lived(wire, turns);
          const places = placesFor(tampering, entries);
          const place = places[choice % Math.max(1, places.length)];
          const none = { edited: 0, forged: 0, missing: 0, orphan: 0 };
          assert.deepEqual(ask(entries).counts, none);
          fc.pre(place !== undefined);
          const told = tampering.change(entries, place);
          const { counts, findings } = ask(told);
          assert.deepEqual(counts, { ...none, ...tampering.kinds }, JSON.stringify(findings));
          assert.equal(
            findings.length,
            Object.values(counts).reduce((sum, one) => sum + one, 0),
          );
          // told again it is found again, and the true one is still none
          assert.deepEqual(ask(told).counts, counts);
          assert.deepEqual(ask(entries).counts, none);
        }),
        { numRuns },
      );
    });
