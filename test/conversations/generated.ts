// Conversations of every kind, made by chance: what a person says, what the model answers, calls and what came of them, in texts of many
// scripts and forms; and values planted in them, plainly or in a coding.

import fc from "fast-check";
import { encodings } from "../detection/encodings.ts";

export interface Turn {
  readonly person: string;
  readonly assistant: string;
  readonly tool: string;
  /** Values of any depth. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: string;
}

export interface Conversation {
  readonly system: string;
  readonly description: string;
  readonly turns: readonly Turn[];
}

/** Pieces of which texts are put together. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.lorem({ maxCount: 6 }) },
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.json({ maxDepth: 2 }),
  fc.base64String({ maxLength: 60 }),
  fc.constantFrom(
    "\n",
    "\t",
    '"',
    "\\",
    "\\n",
    "```ts\nconst a = { b: 'c' };\n```\n",
    "     1\tconst x = 1;\n     2\treturn x;\n",
    "src/a.ts:12:  throw new Error(`no name`)\n",
    "\u001b[31mred\u001b[0m",
    "https://example.com/a?b=c#d ",
    "Größe, 合计金额, сумма, سعر, 🌹",
    '{"a":[1,2,{"b":null}]}',
    "\ud83d",
    "PSTN_PASSWORD_ABCDEFGHIJKLMNOP",
  ),
);

const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
/** None is `__proto__`, which a client's `JSON.parse` would take for itself. */
const field = fc.stringMatching(/^[a-z][a-z_]{0,9}$/);

const input = fc.dictionary(
  field,
  fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(text, { maxLength: 3 }),
    fc.record({ inner: text }),
  ),
  { maxKeys: 4 },
);

const turn: fc.Arbitrary<Turn> = fc.record({
  person: text,
  assistant: text,
  tool: fc.constantFrom("Read", "Bash", "Write", "search"),
  input,
  result: text,
});

export const conversation: fc.Arbitrary<Conversation> = fc.record({
  system: text,
  description: text,
  turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
});

/** Where a value is put, and how it is written there. */
export interface Planting {
  readonly value: string;
  /** A name of `encodings`. */
  readonly coding: string;
  readonly place: "system" | "person" | "assistant" | "input" | "result";
  readonly turn: number;
}

export const planting = (values: readonly string[], codings: readonly string[]): fc.Arbitrary<Planting> =>
  fc.record({
    value: fc.constantFrom(...values),
    coding: fc.constantFrom(...codings),
    place: fc.constantFrom("system", "person", "assistant", "input", "result"),
    turn: fc.nat({ max: 3 }),
  });

export function plant(into: Conversation, plantings: readonly Planting[]): Conversation {
  let planted = into;
  for (const each of plantings) planted = plantOne(planted, each);
  return planted;
}

function plantOne(into: Conversation, { value, coding, place, turn: nth }: Planting): Conversation {
  const written = encodings[coding]?.(value) ?? value;
  // a word of its own: what stands before or behind makes no other value of it
  const around = (said: string): string => `${said}\n${written}\n`;
  if (place === "system") return { ...into, system: around(into.system) };
  const at = nth % into.turns.length;
  const putIn = (one: Turn): Turn =>
    place === "input"
      ? { ...one, input: { ...one.input, [`planted${Object.keys(one.input).length}`]: around("") } }
      : { ...one, [place]: around(one[place]) };
  return { ...into, turns: into.turns.map((one, which) => (which === at ? putIn(one) : one)) };
}
