// What published agents put into the model's mouth themselves: each exactly as it stands in their package, white space apart. No
// finding, and nothing that is compared.

import { type Block, textOf } from "./blocks.ts";

const said = [
  // Claude Code 2.1.328
  "(no content)",
  "No response requested.",
  // Gemini CLI 0.61.0 and Qwen Code 0.24.4, behind what they made short
  "Got it. Thanks for the additional context!",
];

const fillers: ReadonlySet<string> = new Set(said.map((text) => text.replaceAll(/\s+/g, "")));
/** White space between all of its words included, and more. */
const longest = 200;

export function isFiller(block: Block): boolean {
  block.filler ??= isFilling(block);
  return block.filler;
}

function isFilling(block: Block): boolean {
  const length = block.texts.reduce((sum, { text }) => sum + text.length, 0);
  return length <= longest && fillers.has(textOf(block));
}
