// Text to look into, as agents send it: source of the packages installed here, which others wrote, always the same files in the same
// order; and a conversation made of it, in which each turn brings what a tool read.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const packages = new URL("../node_modules", import.meta.url).pathname;

export interface SourceText {
  /** Within the packages. */
  readonly path: string;
  readonly text: string;
}

/** From the `skip`th octet of what there is, as many files as make `octets`. What is no longer than people write files. */
export function sourceTexts(octets: number, skip = 0): readonly SourceText[] {
  const found: SourceText[] = [];
  let passed = 0;
  for (const path of readdirSync(packages, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.(?:[cm]?[jt]s|md|ya?ml|css|py|sh)$/.test(path) || /\.min\./.test(path)) continue;
    const stats = statSync(join(packages, path), { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size < 500 || stats.size > 200_000) continue;
    passed += stats.size;
    if (passed <= skip) continue;
    found.push({ path, text: readFileSync(join(packages, path), "utf8") });
    if (passed - skip >= octets) break;
  }
  return found;
}

export const sizeOf = (texts: readonly SourceText[]): number =>
  texts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);

/** Half of them of what `sourceTexts` begins with, half from elsewhere; each long enough for an excerpt of so many characters. */
export function mixedTexts(count: number, length: number): readonly SourceText[] {
  const [own, others] = [500_000, 20_000_000].map((skip) =>
    sourceTexts(3_000_000, skip).filter(({ text }) => text.length > length),
  );
  return Array.from({ length: count }, (_, at) => (at % 2 === 0 ? own : others)?.[at] ?? { path: "", text: "" });
}

const words =
  "the file holds what the test asks for so look at its callers first and then say which of them would have to change with it";

function prose(seed: number, count: number): string {
  const all = words.split(" ");
  return Array.from({ length: count }, (_, at) => all[(seed * 7 + at * (1 + (seed % 5))) % all.length]).join(" ");
}

/** Lines from somewhere within. */
function excerpt({ text }: SourceText, size: number): string {
  const from = text.length > size ? text.indexOf("\n", Math.floor((text.length - size) / 3)) + 1 : 0;
  return text.slice(from, from + size);
}

const tools = Array.from({ length: 20 }, (_, at) => ({
  name: `tool_${at}`,
  description: `${prose(at, 260)}.`,
  input_schema: { type: "object", properties: { path: { type: "string", description: prose(at, 20) } } },
}));

export interface Conversation {
  /** What every request has beside its messages. */
  readonly sent: object;
  readonly messages: readonly { readonly role: string; readonly content: readonly object[] }[];
}

/**
 * Of Anthropic's protocol: 48 KB that are sent each time, as published agents send in their first request (31 to 86), what is typed, and
 * then two messages a turn. `result`: characters that a tool brings in a turn.
 */
export function converse(turns: number, texts: readonly SourceText[], result: (turn: number) => number): Conversation {
  const system = [{ type: "text", text: `You are a coding agent. ${prose(3, 3_000)}.` }];
  const begin = { role: "user", content: [{ type: "text", text: `Please mend the failing test. ${prose(1, 60)}` }] };
  const messages = Array.from({ length: turns }, (_, turn) => {
    const source = texts[turn % texts.length] ?? { path: "", text: "" };
    const [id, input] = [`toolu_${turn}`, { path: source.path }];
    const said = { type: "text", text: `${turn}: ${prose(turn, 40)}` };
    const block = { type: "tool_result", tool_use_id: id, content: excerpt(source, result(turn)) };
    return [
      { role: "assistant", content: [said, { type: "tool_use", id, name: `tool_${turn % 20}`, input }] },
      { role: "user", content: [block] },
    ];
  });
  return {
    sent: { model: "claude-lab", max_tokens: 4_096, stream: true, system, tools },
    messages: [begin, ...messages.flat()],
  };
}

/** The request after so many turns: the mark for the cache stands at its end, as agents have it. */
export function requestAfter({ sent, messages }: Conversation, turns: number): Buffer {
  const some = messages.slice(0, 1 + turns * 2);
  const last = some.at(-1);
  const marked = { ...last, content: last?.content.map((each) => ({ ...each, cache_control: { type: "ephemeral" } })) };
  return Buffer.from(JSON.stringify({ ...sent, messages: [...some.slice(0, -1), marked] }));
}
