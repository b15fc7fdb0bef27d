// What fuzzing kept, in vectors/fuzz/: one file a target, inputs as text where they are text.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const directory = fileURLToPath(new URL("../../vectors/fuzz", import.meta.url));
/** Of one target: inputs, and their octets together. */
const bounds = { inputs: 96, octets: 8_192 };

export interface Found {
  /** What was wrong, and is not any more. */
  readonly why: string;
  readonly input: Buffer;
}

export interface Corpus {
  /** Each broke something once. They are never thrown out. */
  readonly found: readonly Found[];
  readonly inputs: readonly Buffer[];
}

interface Written {
  readonly comment: string;
  readonly found: readonly { readonly why: string; readonly input: string }[];
  readonly inputs: readonly string[];
}

const comment =
  "Inputs as Latin-1 text, or base64 behind `base64:`. `found`: each broke something once. `inputs`: each reaches what those before do not.";
const coded = "base64:";

export function readCorpus(name: string): Corpus {
  const file = join(directory, `${name}.json`);
  if (!existsSync(file)) return { found: [], inputs: [] };
  const { found, inputs } = JSON.parse(readFileSync(file, "utf8")) as Written;
  return { found: found.map(({ why, input }) => ({ why, input: decode(input) })), inputs: inputs.map(decode) };
}

/** Keeps the first, as many as there is room for. */
export function writeCorpus(name: string, { found, inputs }: Corpus): void {
  const kept: Buffer[] = [];
  let left = bounds.octets;
  for (const input of inputs) {
    if (input.length > left || kept.length >= bounds.inputs) continue;
    left -= input.length;
    kept.push(input);
  }
  kept.sort((a, b) => a.length - b.length || a.compare(b));
  const written: Written = {
    comment,
    found: found.map(({ why, input }) => ({ why, input: encode(input) })),
    inputs: kept.map(encode),
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(written, undefined, 2)}\n`);
}

function encode(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  const plain = text.match(/[\t\n\r\x20-\x7e]/g)?.length ?? 0;
  return plain >= text.length * 0.8 && !text.startsWith(coded) ? text : coded + bytes.toString("base64");
}

function decode(text: string): Buffer {
  return text.startsWith(coded) ? Buffer.from(text.slice(coded.length), "base64") : Buffer.from(text, "latin1");
}
