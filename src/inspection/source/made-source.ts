// Source made up for tests: files of which no two lines are alike but the short ones, the same for the same seed.

import type { SourceFile } from "./fingerprints.ts";
import { draws } from "./mutations.ts";

const words =
  "ledger payment refund balance account customer invoice settle reserve amount currency branch audit claim policy broker quote premium hedge margin ticket route vessel cargo berth tariff".split(
    " ",
  );

export const key: Uint8Array = Buffer.alloc(32, 7);

/** Lines with blank and short ones among them, as source has. */
export function madeLines(seed: number, count: number): readonly string[] {
  const draw = draws(seed * 7919);
  const word = (): string => words[draw(words.length)] ?? "";
  const name = (): string => `${word()}${word().replace(/^./, (letter) => letter.toUpperCase())}${draw(1000)}`;
  const line = (at: number): string => {
    if (at % 9 === 7) return "";
    if (at % 9 === 6) return "  }";
    if (at % 9 === 0) return `export function ${name()}(${name()}: ${name()}): ${name()} {`;
    return `    const ${name()} = ${name()}(${name()}, "${word()}-${draw(10_000)}\\n");`;
  };
  return Array.from({ length: count }, (_, at) => line(at));
}

export function madeFile(seed: number, count = 60): SourceFile & { readonly lines: readonly string[] } {
  const lines = madeLines(seed, count);
  const label = seed % 2 === 0 ? "restricted" : "internal";
  return { path: `src/file-${seed}.ts`, label, lines, octets: Buffer.from(`${lines.join("\n")}\n`) };
}
