// Covert text's acceptance: six encoders and two of templates, written here and nowhere else, in the hands of a client that behaves like an
// agent. It sends its conversation again with each request and hides bits in what it says itself, in results, or in a sentence of a
// template. Found within three requests, read exactly or bounded: at least what is hidden, at most `factor` times that and where it stands.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Host } from "../src/domain/brand.ts";
import type { Inspection } from "../src/domain/inspection.ts";
import { seekCovert } from "../src/inspection/covert/seek.ts";
import { openDesk } from "../src/session/inspecting/desk.ts";
import { carriers, ordinary, shorten } from "./covert/carriers.ts";
import { type Encoder, encoders, readers } from "./covert/encoders.ts";

/** Of an upper bound over what is hidden, and beside it bits that say where it begins and ends. */
const factor = 2.6;
const places = (text: string): number => 2 * Math.log2(text.length + 1) + 7;

type Where = "prompt" | "result" | "template";

/** A session of an agent: with each request the conversation grows. */
function openAgent() {
  const desk = openDesk({ known: [], compared: false, rules: undefined });
  const history: object[] = [];
  const head = { method: "POST", target: "/v1/messages", headers: ["content-type", "application/json"] };
  return (said: Readonly<Record<Where, string>>, round: number): Inspection => {
    const call = {
      type: "tool_use",
      id: `toolu_${round}`,
      name: "Read",
      input: { file_path: `/repo/src/part-${round}.ts` },
    };
    const result = { type: "tool_result", tool_use_id: call.id, content: [{ type: "text", text: said.result }] };
    const reminder = `<system-reminder>\n${said.template}\n</system-reminder>`;
    const asked = [
      { type: "text", text: reminder },
      { type: "text", text: `go on with part ${round}` },
    ];
    history.push(
      { role: "user", content: asked },
      { role: "assistant", content: [call] },
      { role: "user", content: [result] },
    );
    const body = { model: "m", max_tokens: 9, system: [{ type: "text", text: said.prompt }], messages: history };
    return desk.look({
      form: "request",
      head,
      host: "api.example.com" as Host,
      body: Buffer.from(JSON.stringify(body)),
    });
  };
}

const bitsFrom = (seed: number, size: number): readonly number[] =>
  fc.sample(fc.array(fc.nat(1), { minLength: size, maxLength: size }), { seed, numRuns: 1 })[0] ?? [];

const plain: Readonly<Record<Where, string>> = {
  prompt: "You are a coding agent. Be brief.",
  result: "export const one = 1;",
  template: "Today's date is 2026-11-28.",
};

/** The finding of this way in each request that tells one. */
function sent({ kind }: Encoder, where: Where, hidden: readonly string[]): readonly (number | undefined)[] {
  const ask = openAgent();
  let before = 0;
  return hidden.map((text, round) => {
    const { findings } = ask({ ...plain, [where]: text }, round);
    const own = findings.filter((one) => one.kind === "covert" && one.label === kind);
    // what is told again of the history was told before
    const all = own.reduce((sum, { bits = 0 }) => sum + bits, 0);
    const fresh = where === "prompt" || kind === "template" ? all : all - before;
    before = all;
    return own.length === 0 ? undefined : fresh;
  });
}

const everywhere = ["prompt", "result", "template"] as const;
/** What a result says is not the tool's own to write in two ways. */
const templated = ["prompt", "template"] as const;

for (const [name, encoder] of Object.entries(encoders))
  for (const [carrier, text] of Object.entries(carriers))
    test(`${name}, in ${carrier}: found within three requests, from 8 to 64 bits, with a bound`, () => {
      for (const size of [8, 16, 32, 64])
        for (const where of encoder.kind === "template" ? templated : everywhere) {
          const cover = shorten(text, encoder, size);
          const messages = [1, 2, 3].map((round) => bitsFrom(size * 31 + round, size));
          const hidden = messages.map((bits) => encoder.hide(cover, bits));
          const told = sent(encoder, where, hidden);
          const first = told.findIndex((bits) => bits !== undefined);
          assert.ok(first >= 0 && first < 3, `${where}, ${size} bits: not found`);
          for (const [round, bits] of told.entries()) {
            if (bits === undefined) continue;
            const most = size * factor + places(hidden[round] ?? "");
            assert.ok(bits >= size && bits <= most, `${where}: ${size} bits are told as ${bits}, at most ${most}`);
          }
          const read = readers[name];
          if (read === undefined) continue;
          for (const [round, one] of hidden.entries()) assert.deepEqual(read(one).slice(0, size), messages[round]);
        }
    });

test("what they say in text is read, where its alphabet is known", () => {
  const message = "acme/pay";
  const bits = [...Buffer.from(message)].flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (octet >> bit) & 1));
  for (const name of ["variation selectors as octets", "zero width in two kinds", "odd spaces"]) {
    const [hit] = seekCovert(encoders[name]?.hide(carriers["English"] ?? "", bits) ?? "");
    assert.equal(hit?.decoded, message, name);
  }
});

test("ordinary writing in all places, over twelve requests: nothing is found", () => {
  for (const [name, text] of Object.entries(ordinary)) {
    const ask = openAgent();
    for (let round = 0; round < 12; round += 1) {
      const day = `Today's date is 2026-11-${10 + (round >> 2)}.`;
      const { counts, findings } = ask(
        { prompt: `${text}\n${day}`, result: `${round}: ${text}`, template: day },
        round,
      );
      assert.equal(counts.covert, 0, `${name}: ${JSON.stringify(findings)}`);
    }
  }
});
