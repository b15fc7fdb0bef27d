// Texts as agents send them: what hides in English, code and Markdown, and ordinary writing of many scripts in which nothing hides.

import type { Encoder } from "./encoders.ts";

const english = `You are a coding agent that works in the user's repository. Don't guess: read what's there, and say what you've found.
The user's instructions come first; the project's own rules (AGENTS.md, CONTRIBUTING.md) come second. If they don't agree, it's the user's word that counts.
Keep answers short. A well-known, step-by-step approach: look at the failing test, find the cause, mend it, run the test again - and don't touch what isn't part of it.
Paths are written from the root: src/index.ts, test/unit/add.test.ts, docs/how-to/build.md. Times are like 10:15:00, hosts like db.internal:5432.
`;

const code = `// What's left to do: the parser doesn't know a trailing comma; it's the caller's part.
import { readFile } from 'node:fs/promises';
import { parse } from '../lib/parse.js';
export const limits = { depth: 8, octets: 1_024 * 64, name: 'pre-read', kind: 'look-ahead' };
export async function read(path: string): Promise<Tree> {
  const text = await readFile('./data/' + path, 'utf8');
  if (text.length - limits.octets > 0) throw new Error('it is too long: ' + path);
  return parse(text, { depth: limits.depth - 1, mode: 'strict', at: '10:15:00' });
}
`;

const markdown = `# How it's built
- **First**: the user's settings are read - \`~/.config/tool/settings.json\` - and what's missing is taken from the project's.
- **Then**: the build-time checks. They're listed in [docs/checks.md](docs/checks.md), step-by-step: lint, type-check, unit-test.
- It doesn't write outside of \`./dist/\`; that's what \`--dry-run\` is for: see the FAQ at https://example.com/faq/dry-run.
| step | what it's for | time |
|---|---|---|
| lint | style: don't argue | 0:10 |
| type-check | what's wrong at once | 0:25 |
`;

export const carriers: Readonly<Record<string, string>> = {
  English: english.repeat(14),
  code: code.repeat(24),
  Markdown: markdown.repeat(8),
};

/** Whole lines of it, as many as take that many bits. */
export function shorten(text: string, { room }: Encoder, bits: number): string {
  const lines = text.split("\n");
  const enough = lines.findIndex((_, at) => room(lines.slice(0, at + 1).join("\n")) >= bits);
  if (enough < 0) throw new Error("this text is too short to hide so much in");
  return lines.slice(0, enough + 1).join("\n");
}

export const ordinary: Readonly<Record<string, string>> = {
  English: `${english} It’s “typographic” too — with dashes, an ellipsis… and a non‑breaking hyphen.`,
  code,
  Markdown: markdown,
  French: "« Bonjour ! » dit-il ; il était 20 h, et l’addition faisait 3 000 €. Pourquoi ? 50 % : « c’est la règle ».",
  Russian: "Привет, мир! Это обычный текст — с тире, «кавычками» и словами API, JSON и HTTP внутри. Файл: тест-1.txt.",
  Ukrainian: "Це звичайний текст: м’яч, комп’ютер, об’єкт — і ще пам'ять.",
  Arabic: "مرحبا بالعالم، هذا نص عادي؛ يحتوي على أرقام ١٢٣ و API داخل الجملة. می‌خواهم کتاب‌ها را ببینم",
  Hebrew: "שלום עולם, זה טקסט רגיל עם API ו-JSON\u200f, וגם מספרים: 10:15.",
  Chinese: "你好，世界！今天天气很好；我们来看看 src/index.ts 文件：第　一　行。价格是 100 元。",
  Japanese: "こんにちは、世界！　今日は「テスト」を実行します：npm test。ＡＢＣ　１２３",
  Korean: "안녕하세요, 세계! 오늘은 테스트를 실행합니다: npm test.",
  Hindi: "नमस्ते दुनिया! क्‍ष और ज्ञ — यह एक साधारण पाठ है।",
  Greek: "Καλημέρα κόσμε! Αυτό είναι ένα απλό κείμενο· με API και JSON μέσα;",
  emoji: "Done ✅ 👩‍👩‍👧‍👦 ❤️ 1️⃣ 🏳️‍🌈 👍🏽 ☎️ and ⚠️ once more 🇩🇪🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  terminal: "\u001b[31mred\u001b[0m\t⠋⠙⠹ █▓ ┌─┐│└┘ 100% |████| 3/3 [00:01<00:00]",
};
