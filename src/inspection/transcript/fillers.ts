// What published agents put into the model's mouth themselves: each exactly as it stands in their package, white space apart. No
// finding, and nothing that is compared.

const said = [
  // Claude Code 2.1.328
  "(no content)",
  "No response requested.",
  // Gemini CLI 0.61.0 and Qwen Code 0.24.4, behind what they made short
  "Got it. Thanks for the additional context!",
];

export const fillers: ReadonlySet<string> = new Set(said.map((text) => text.replaceAll(/\s+/g, "")));
/** White space between all of its words included, and more. */
export const longestFiller = 200;
