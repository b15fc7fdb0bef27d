// A desk that is asked message by message, and what it is answered: for conversations that are written out by hand.

import assert from "node:assert/strict";
import type { Host } from "../../src/domain/brand.ts";
import type { Transcript } from "../../src/domain/transcript.ts";
import { openDesk } from "../../src/session/inspecting/desk.ts";

export const [messages, completions] = ["/v1/messages", "/v1/chat/completions"];

export interface Asking {
  readonly target?: string;
  readonly form?: "request" | "socket";
  readonly more?: object;
}

export function open() {
  const desk = openDesk({ known: [], compared: false, rules: undefined });
  let number = 0;
  const ask = (told: readonly object[], { target = messages, form = "request", more = {} }: Asking = {}) => {
    number += 1;
    const list = target.endsWith("responses") ? { input: told } : { messages: told };
    const body = Buffer.from(JSON.stringify({ model: "m", ...list, ...more }));
    const head = { method: "POST", target, headers: ["content-type", "application/json"] };
    return desk.look({ form, head, host: "api.example.com" as Host, body, number });
  };
  const hear = (mediaType: string, said: string, how: "whole" | "broken"): void => {
    desk.hear({ asked: number, kind: "begins", reply: { status: 200, mediaType, coding: "" } });
    desk.hear({ asked: number, kind: "octets", parts: [Buffer.from(said)] });
    desk.hear({ asked: number, kind: "ends", how });
  };
  return {
    asked: (told: readonly object[], asking?: Asking) => ask(told, asking).asked,
    ask: (told: readonly object[], asking?: Asking): Transcript => ask(told, asking).transcript ?? assert.fail("none"),
    /** A text that comes and goes on. */
    say: (text: string) => {
      const asked = number;
      const push = (event: object): void => {
        const octets = Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
        desk.hear({ asked, kind: "octets", parts: [octets] });
      };
      const more = (one: string): void =>
        push({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: one } });
      const reply = { status: 200, mediaType: "text/event-stream", coding: "" };
      desk.hear({ asked, kind: "begins", reply });
      push({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
      more(text);
      return more;
    },
    /** Nobody heard it. */
    lose: () => desk.hear({ asked: number, kind: "ends", how: "lost" }),
    answer: (reply: object) => hear("application/json", JSON.stringify(reply), "whole"),
    /** In the middle of a call's arguments, or of a text. */
    breakOff: (text: string, begins: object = { type: "text", text: "" }) => {
      const delta = "id" in begins ? { type: "input_json_delta", partial_json: text } : { type: "text_delta", text };
      const events = [
        { type: "content_block_start", index: 0, content_block: begins },
        { type: "content_block_delta", index: 0, delta },
      ];
      hear("text/event-stream", events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), "broken");
    },
  };
}

export const user = (content: string) => ({ role: "user", content });
export const model = (...content: object[]) => ({ role: "assistant", content });
export const text = (said: string) => ({ type: "text", text: said });
export const call = (id: string, name: string, input: object) => ({ type: "tool_use", id, name, input });
export const result = (id: string) => ({
  role: "user",
  content: [{ type: "tool_result", tool_use_id: id, content: "ok" }],
});

export const none = { edited: 0, forged: 0, missing: 0, orphan: 0 };
export const one = (kind: keyof typeof none) => ({ ...none, [kind]: 1 });
