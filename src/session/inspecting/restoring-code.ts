// A call that is a program of its own (Codex's `exec`, JavaScript) → the same, with placeholders given back where it begins by handing
// one string to `tools.apply_patch`, and within that string alone: what it writes is a file, whatever else the program does. Of the rest
// of a program nothing is known. *Attacker-controlled*, and cut anywhere.

import { openRestorer, type Restorer } from "../../inspection/placeholders/restore.ts";
import type { Values } from "./restoring-calls.ts";

/** Tools whose argument is such a program. */
export const codeTools = /^exec$/;

const patching = /^\s*(?:text\(\s*)?await\s+tools\.apply_patch\(\s*"/;
/** Characters in which it has begun or does not. */
const longest = 200;

export function openCodeRestorer(values: Values): Restorer {
  const restorer = openRestorer(values, "json");
  let at: "head" | "string" | "rest" = "head";
  let head = "";
  /** A backslash came last. */
  let escaped = false;

  /** Where in the text the string ends; behind it, where it does not. */
  const endOf = (text: string): number => {
    for (let place = 0; place < text.length; place += 1) {
      if (escaped) escaped = false;
      else if (text[place] === "\\") escaped = true;
      else if (text[place] === '"') return place;
    }
    return text.length;
  };

  const within = (text: string): string => {
    const end = endOf(text);
    const passed = restorer.push(text.slice(0, end));
    if (end === text.length) return passed;
    at = "rest";
    return passed + restorer.end() + text.slice(end);
  };

  return {
    push: (text) => {
      if (at === "string") return within(text);
      if (at === "rest") return text;
      head += text;
      const begun = patching.exec(head)?.[0].length;
      if (begun === undefined) {
        if (head.length > longest) at = "rest";
        return text;
      }
      at = "string";
      const behind = head.slice(begun);
      return text.slice(0, text.length - behind.length) + within(behind);
    },
    end: () => (at === "string" ? restorer.end() : ""),
    restored: () => restorer.restored(),
  };
}
