// For tests: replies as the scripted vendor streams them over server-sent events, and what a client reads of each, by a reader of our own.

import { anthropic } from "../../src/vendor/anthropic.ts";
import { chat } from "../../src/vendor/chat.ts";
import type { Dialect } from "../../src/vendor/dialect.ts";
import { gemini } from "../../src/vendor/gemini.ts";
import { responses } from "../../src/vendor/responses.ts";
import { type Any, argumentsOf, type Reply } from "./replies.ts";

/** What the scripted vendor is asked with. */
export const turn = {
  model: "m",
  stream: true,
  tools: [],
  shape: undefined,
  usage: true,
  results: 0,
  seed: "s",
  inputTokens: 1,
};

/** Every event's data but the last word of some (WHATWG HTML §9.2.6, as far as our vendor writes it). */
const events = (octets: Buffer): readonly Any[] =>
  octets
    .toString()
    // U+2028 ends no line here
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []))
    .filter((data) => data !== "[DONE]")
    .map((data): Any => JSON.parse(data));

interface Parts {
  /** Pieces of one text, and of one call's arguments. */
  readonly text: readonly string[];
  readonly call: readonly string[];
  /** What is told again whole. */
  readonly texts?: readonly string[];
  readonly calls?: readonly string[];
}

const chosen = (all: readonly unknown[]): readonly string[] => all.filter((one) => typeof one === "string");

const readers: Readonly<Record<string, (all: readonly Any[]) => Parts>> = {
  anthropic: (all) => ({
    text: chosen(all.map(({ delta }) => delta?.text as unknown)),
    call: chosen(all.map(({ delta }) => delta?.partial_json as unknown)),
  }),
  "openai-chat": (all) => {
    const deltas = all.map(({ choices }) => choices?.[0]?.delta ?? {});
    return {
      text: chosen(deltas.map(({ content }) => content as unknown)),
      call: chosen(deltas.map(({ tool_calls: calls }) => calls?.[0]?.function?.arguments as unknown)),
    };
  },
  "openai-responses": (all) => {
    const items = all.flatMap(({ type, item, response }) => {
      if (type === "response.output_item.done") return [item];
      return type === "response.completed" ? (response.output as Any[]) : [];
    });
    const of = (wanted: string) => all.filter(({ type }) => type === wanted);
    return {
      text: chosen(of("response.output_text.delta").map(({ delta }) => delta as unknown)),
      call: chosen(of("response.function_call_arguments.delta").map(({ delta }) => delta as unknown)),
      texts: chosen([
        ...of("response.output_text.done").map(({ text }) => text as unknown),
        ...items.map(({ content }) => content?.[0]?.text as unknown),
      ]),
      calls: chosen([
        ...of("response.function_call_arguments.done").map(({ arguments: text }) => text as unknown),
        ...items.filter(({ type }) => type === "function_call").map(({ arguments: text }) => text as unknown),
      ]),
    };
  },
  gemini: (all) => {
    const parts = all.flatMap(({ candidates }) => (candidates?.[0]?.content?.parts ?? []) as Any[]);
    return {
      text: chosen(parts.map(({ text }) => text as unknown)),
      call: [],
      calls: parts.flatMap(({ functionCall }) => (functionCall ? [JSON.stringify(functionCall.args)] : [])),
    };
  },
};

const streamed = (dialect: Dialect): Reply => ({
  name: `${dialect.name}, streamed`,
  protocol: dialect.name,
  mediaType: "text/event-stream; charset=utf-8",
  write: (name, content, text) =>
    Buffer.from(dialect.frames({ text, call: { name, arguments: argumentsOf(content) } }, turn, "sse").join("")),
  read: (octets) => {
    const { text, call, texts = [], calls = [] } = readers[dialect.name]?.(events(octets)) ?? { text: [], call: [] };
    const all = [...(call.length > 0 ? [call.join("")] : []), ...calls];
    return { texts: [text.join(""), ...texts], calls: all.map((one): unknown => JSON.parse(one)) };
  },
});

export const dialects: readonly Reply[] = [anthropic, chat, responses, gemini].map(streamed);
