// A review asked piece by piece: each hunk, each file without hunks, each branch. What enters: a review and a way to ask.
// What leaves: what was said yes to, as it would be named on the command line. Anything but a clear yes is a no.

import type { Hunk } from "../review/landing/hunks.ts";
import type { Item, Review } from "../review/landing/review.ts";
import { tellHunk, tellItem } from "./review-text.ts";

export interface Asking {
  readonly tell: (line: string) => void;
  readonly ask: (question: string) => Promise<string>;
}

type Answer = "yes" | "no" | "all" | "none" | "quit";

const words: ReadonlyMap<string, Answer> = new Map([
  ["y", "yes"],
  ["yes", "yes"],
  ["a", "all"],
  ["d", "none"],
  ["q", "quit"],
]);

export interface Choice {
  readonly words: readonly string[];
  /** Names of what was shown; each is shown whole, whatever was said. */
  readonly seen: readonly string[];
}

export async function chooseEach({ items }: Review, asking: Asking): Promise<Choice> {
  const [chosen, seen]: [string[], string[]] = [[], []];
  for (const item of items) {
    const { word, more } = await chooseOne(item, asking);
    if (word !== undefined) chosen.push(word);
    seen.push(item.id);
    if (!more) break;
  }
  return { words: chosen, seen };
}

interface One {
  readonly word: string | undefined;
  /** False: no more questions. */
  readonly more: boolean;
}

async function chooseOne(item: Item, asking: Asking): Promise<One> {
  const hunks = item.kind === "file" && item.difference?.kind === "hunks" ? item.difference.hunks : [];
  const lines = tellItem(item, process.stdout);
  if (hunks.length > 1) {
    for (const line of lines.slice(0, 2)) asking.tell(line);
    return chooseHunks(item, hunks, asking);
  }
  for (const line of lines) asking.tell(line);
  const answer = await question(asking, "let it land? [y,n,q] ");
  const word = answer === "yes" || answer === "all" ? item.id : undefined;
  return { word, more: answer !== "quit" };
}

async function chooseHunks({ id }: Item, hunks: readonly Hunk[], asking: Asking): Promise<One> {
  const wanted: number[] = [];
  let answer: Answer = "no";
  for (const [at, hunk] of hunks.entries()) {
    for (const line of tellHunk(hunk, at, process.stdout)) asking.tell(line);
    // the rest of the file: shown, and taken with what was said
    if (answer !== "all" && answer !== "none" && answer !== "quit")
      answer = await question(asking, `let #${at + 1} of ${hunks.length} land? [y,n,a,d,q] `);
    if (answer === "yes" || answer === "all") wanted.push(at + 1);
  }
  return { word: wanted.length === 0 ? undefined : `${id}#${wanted.join(",")}`, more: answer !== "quit" };
}

async function question({ ask }: Asking, text: string): Promise<Answer> {
  return words.get((await ask(text)).trim().toLowerCase()) ?? "no";
}
