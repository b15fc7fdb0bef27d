// What is kept of a history from one request to the next changes nothing of what is found: each is compared by one that keeps and by
// one that reads, tells and places all of it anew. Agents here are not honest: histories grow, are changed in the middle, branch and
// come back, are cut; replies break off, go on late and get lost; memories are full. `TRANSCRIPT_RUNS` as in transcript.test.ts.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Host } from "../../src/domain/brand.ts";
import { type MemoryLimits, memoryLimits } from "../../src/inspection/transcript/limits.ts";
import { openConversation } from "../../src/protocol/conversation.ts";
import { readMessage, readRequest } from "../../src/protocol/read.ts";
import { type Heard, openTranscripts } from "../../src/session/inspecting/transcripts.ts";
import type { Chance } from "./agent.ts";
import { chanceOf } from "./chance.ts";
import type { Block, Entry, Wire } from "./wire.ts";
import { wires } from "./wires.ts";

const numRuns = Number(process.env["TRANSCRIPT_RUNS"] ?? 12) * 5;

const hash = (text: string): string => createHmac("sha256", "key").update(text).digest("base64");

const few: readonly Partial<MemoryLimits>[] = [
  {},
  { kept: 12 },
  { blocks: 4 },
  { names: 14 },
  { names: 40, open: 2 },
  { exchanges: 9 },
  { places: 40 },
  { answers: 2, cuts: 1 },
  { likened: 12, cut: 20 },
];

/** What was found in all sessions: that there was something to find, and that both found it. */
const seen = { known: 0, before: 0, unheard: 0, edited: 0, forged: 0, missing: 0, orphan: 0 };

/** The one that keeps and the one that does not, told the same. */
class Both {
  readonly #keeps: ReturnType<typeof openTranscripts>;
  readonly #anew: ReturnType<typeof openTranscripts>;
  /** However little two bodies have in common. */
  readonly #conversation = openConversation();
  #number = 0;

  constructor(limits: MemoryLimits) {
    [this.#keeps, this.#anew] = [openTranscripts(hash, limits), openTranscripts(hash, limits)];
  }

  ask(form: Wire["form"], target: string, said: object): number | undefined {
    this.#number += 1;
    const head = { method: "POST", target, headers: ["content-type", "application/json"] };
    const body = Buffer.from(JSON.stringify(said));
    const inquiry = { form, head, host: "h" as Host, body, number: this.#number };
    const read = form === "socket" ? readMessage : readRequest;
    const kept = this.#keeps.look(inquiry, read(head, body, this.#conversation), "one");
    const anew = this.#anew.look(inquiry, read(head, body), `anew ${this.#number}`);
    assert.deepEqual(kept, anew);
    const { known = 0, before = 0, unheard = 0, counts } = kept.transcript ?? {};
    for (const [what, count] of Object.entries({ known, before, unheard, ...counts }))
      seen[what as keyof typeof seen] += count;
    return kept.asked;
  }

  hear(heard: Heard): void {
    this.#keeps.hear(heard);
    this.#anew.hear(heard);
  }
}

const texts = [
  "yes",
  "no",
  "Done.",
  "so",
  "so it was",
  "so it was said",
  "<b>so</b>",
  "(no content)",
  " ",
  "look at it",
];
const commands = ["ls", "cd /a && ls", "rm x"];

/** Whatever comes into its head. */
class Liar {
  readonly #both: Both;
  readonly #wire: Wire;
  readonly #chance: Chance;
  readonly #saved: (readonly Entry[])[] = [];
  /** Of a reply that is not over. */
  #late: { readonly asked: number; readonly rest: readonly Uint8Array[] } | undefined;
  #entries: Entry[] = [{ who: "person", text: "begin" }];
  #mark: string | undefined;
  #previous: string | undefined;
  readonly #isMarkedFirst: boolean;

  constructor(wire: Wire, chance: Chance) {
    this.#both = new Both({ ...memoryLimits, ...few[chance(few.length)] });
    [this.#wire, this.#chance] = [wire, chance];
    this.#isMarkedFirst = chance(4) === 0;
  }

  step(): void {
    const chance = this.#chance;
    const all = this.#entries;
    const at = chance(all.length + 1);
    const what = chance(24);
    if (what === 0) all.splice(at, 1);
    else if (what === 1) all.splice(at, 1, this.#entry());
    else if (what === 2) all.splice(at, 0, this.#entry());
    else if (what === 3) all.splice(at, 0, ...all.slice(chance(all.length + 1)).slice(0, 2));
    else if (what === 4) this.#entries = all.slice(at);
    else if (what === 5) this.#saved.push([...all]);
    else if (what === 6) this.#entries = [...(this.#saved[chance(this.#saved.length)] ?? all)];
    else if (what === 7) all.splice(at);
    else if (what === 8) this.#mark = ["a", "b", undefined][chance(3)];
    else if (what === 9) this.#goOn();
    else if (what === 10) all.push({ who: "model", blocks: [this.#text()] });
    else this.#turn();
    // nobody answers it, or it is asked again
    if (chance(4) === 0) this.#ask();
  }

  #turn(): void {
    const asked = this.#ask();
    const blocks = Array.from({ length: 1 + this.#chance(3) }, () => this.#block());
    if (asked !== undefined) this.#answer(asked, blocks);
    if (this.#chance(6) > 0) this.#entries.push({ who: "model", blocks });
    const results = blocks.flatMap((block) => (block.kind === "call" ? [{ id: block.id, name: block.name }] : []));
    if (results.length > 0 && this.#chance(5) > 0) this.#entries.push({ who: "results", results });
    else if (this.#chance(5) > 0) this.#entries.push({ who: "person", text: this.#word() });
  }

  #ask(): number | undefined {
    const { form, target, request } = this.#wire;
    const isLast = this.#wire.behind === true && this.#chance(2) === 0;
    const said = marked(request(isLast ? this.#entries.slice(-2) : this.#entries, this.#previous));
    const mark = this.#mark === undefined ? {} : { metadata: { user_id: this.#mark }, prompt_cache_key: this.#mark };
    const isCounted = this.#chance(12) === 0 && target.startsWith("/v1/messages");
    const where = isCounted ? "/v1/messages/count_tokens" : target;
    return this.#both.ask(form, where, this.#isMarkedFirst ? { ...mark, ...said } : { ...said, ...mark });
  }

  #answer(asked: number, blocks: readonly Block[]): void {
    const chance = this.#chance;
    const how = chance(9);
    if (how === 0) this.#both.hear({ asked, kind: "ends", how: "lost" });
    if (how <= 1) return;
    const { replies, form, name } = this.#wire;
    const sent = (replies[chance(replies.length)] ?? assert.fail(name))(blocks, `resp_${asked}`);
    const { mediaType, coding } = sent;
    const reply = form === "socket" ? "messages" : { status: 200, mediaType, coding };
    this.#both.hear({ asked, kind: "begins", reply });
    const pieces = sent.messages ?? Array.from({ length: 4 }, (_, nth) => quarter(sent.octets, nth));
    const came = how > 4 ? pieces.length : chance(pieces.length);
    this.#both.hear({ asked, kind: "octets", parts: pieces.slice(0, came) });
    if (how === 2) this.#late = { asked, rest: pieces.slice(came) };
    else this.#both.hear({ asked, kind: "ends", how: how > 4 ? "whole" : "broken" });
    this.#previous = this.#wire.behind === true && chance(3) > 0 ? `resp_${asked}` : undefined;
  }

  #goOn(): void {
    if (this.#late === undefined) return;
    const { asked, rest } = this.#late;
    const [now, later] = [rest.slice(0, 1), rest.slice(1)];
    this.#both.hear({ asked, kind: "octets", parts: now });
    this.#late = later.length === 0 ? undefined : { asked, rest: later };
    if (later.length === 0) this.#both.hear({ asked, kind: "ends", how: "whole" });
  }

  #entry(): Entry {
    const what = this.#chance(4);
    if (what === 0) return { who: "person", text: this.#word() };
    if (what === 1) return { who: "results", results: [{ id: this.#id(), name: "read" }] };
    return { who: "model", blocks: Array.from({ length: 1 + this.#chance(2) }, () => this.#block()) };
  }

  #block(): Block {
    const what = this.#chance(5);
    if (what === 0) return { kind: "thought", text: this.#word() };
    if (what < 3) return this.#text();
    const command = commands[this.#chance(commands.length)];
    return { kind: "call", id: this.#id(), name: what === 3 ? "Bash" : "read", args: { command } };
  }

  #text = (): Block => ({ kind: "text", text: this.#word() });
  #word = (): string => texts[this.#chance(texts.length)] ?? "";
  #id = (): string => (this.#chance(9) === 0 ? "c".repeat(70 + this.#chance(2)) : `c${this.#chance(6)}`);
}

const quarter = (octets: Buffer, nth: number): Uint8Array =>
  Uint8Array.from(octets.subarray((octets.length * nth) >> 2, (octets.length * (nth + 1)) >> 2));

/** Clients mark the last element for the vendor's cache, and it alone. */
function marked(said: object): object {
  return Object.fromEntries(
    Object.entries(said).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value)
        ? value.map((one: object, at) => (at === value.length - 1 ? { ...one, last: 1 } : one))
        : value,
    ]),
  );
}

const numbers = fc.array(fc.nat({ max: 65_535 }), { minLength: 1, maxLength: 400 });

for (const wire of wires)
  test(`${wire.name}: found is the same, whatever is kept`, () => {
    fc.assert(
      fc.property(numbers, (all) => {
        const liar = new Liar(wire, chanceOf(all));
        for (let steps = 0; steps < 40; steps += 1) liar.step();
      }),
      { numRuns },
    );
  });

test("there was something to find of every kind", () => {
  for (const [what, count] of Object.entries(seen)) assert.ok(count > numRuns, `${count} ${what}`);
});
