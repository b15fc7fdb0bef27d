// What is written by whoever means nothing by a character that does not show, or looks like another: nothing, a plain space, the letter
// or sign it is taken for.

import { type CovertKind, looksLike, signFor } from "./classes.ts";

export function insteadOf(kind: CovertKind, letter: string): string {
  // one half of a character, put together of two that stood apart
  if (!letter.isWellFormed()) return "";
  if (kind === "confusable") return looksLike(letter) ?? letter;
  if (kind === "separator") return signFor(letter) ?? letter;
  if (kind !== "space") return "";
  return letter === "\u2028" || letter === "\u2029" ? "\n" : " ";
}
