// How well the fingerprints do on a tree of real source: snippets of protected files, changed as tools and models change them, and
// unrelated files as they are. Files come in, figures go out; the same seed gives the same snippets. For the conformance lane.

import { openFingerprints, type SourceFile } from "./fingerprints.ts";
import { type Attribution, lookUp } from "./lookup.ts";
import { draws, type Mutation, mutations } from "./mutations.ts";
import type { Reading } from "./reading.ts";

export interface Material {
  readonly key: Uint8Array;
  readonly seed: number;
  /** Snippets for each length and mutation. */
  readonly snippets: number;
  readonly protectedFiles: readonly SourceFile[];
  /** Of others, and not what was declared public. */
  readonly others: readonly Pick<SourceFile, "path" | "octets">[];
  readonly publicFiles: readonly Pick<SourceFile, "octets">[];
}

/** One mutation at one length. Shares are 0 to 1. */
export interface Row {
  readonly mutation: Mutation["name"];
  readonly length: number;
  readonly snippets: number;
  /** Of the snippets, those whose file was named at all. */
  readonly named: number;
  /** Of the snippets, those of which exactly the lines were named, and no other file. */
  readonly exact: number;
  /** Of the snippets' lines. */
  readonly recall: number;
  /** Lines named that were not in the snippet, by the lines that were. */
  readonly beyond: number;
}

export interface Evaluation {
  readonly rows: readonly Row[];
  /** Lines of others in which a protected file was seen, and how many lines they have. */
  readonly others: { readonly files: number; readonly lines: number; readonly attributed: number };
  readonly index: {
    readonly files: number;
    readonly source: number;
    readonly octets: number;
    readonly omitted: number;
  };
}

const lengths: readonly number[] = [3, 5, 10, 20, 60];

export function evaluate(material: Material): Evaluation {
  const { key, protectedFiles, publicFiles, others } = material;
  const source = protectedFiles.reduce((sum, { octets }) => sum + octets.length, 0);
  const index = openFingerprints({ key, expected: source });
  for (const { octets } of publicFiles) index.declarePublic(octets);
  for (const file of protectedFiles) index.put(file);
  const reading = index.reading();
  const files = protectedFiles.filter(({ path }) => !index.omitted.has(path));
  const texts = new Map(files.map(({ path, octets }) => [path, Buffer.from(octets).toString().split("\n")]));
  const rows = mutations.flatMap((mutation) =>
    lengths.map((length) => tryMutation(reading, files, { mutation, length, material, texts })),
  );
  const size = index.size();
  return {
    rows,
    others: attributeOthers(reading, others),
    index: { files: size.files, source: size.source, octets: size.index, omitted: index.omitted.size },
  };
}

interface Trial {
  readonly mutation: Mutation;
  readonly length: number;
  readonly material: Material;
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

function tryMutation(
  reading: Reading,
  files: readonly SourceFile[],
  { mutation, length, material, texts }: Trial,
): Row {
  const draw = draws(material.seed + length);
  const sum = { snippets: 0, named: 0, exact: 0, lines: 0, met: 0, beyond: 0 };
  for (let tries = 0; sum.snippets < material.snippets && tries < material.snippets * 20; tries += 1) {
    const file = files[draw(files.length)];
    const all = texts.get(file?.path ?? "") ?? [];
    if (file === undefined || all.length < length) continue;
    const from = draw(all.length - length + 1);
    const lines = all.slice(from, from + length);
    if (lines.filter((line) => line.trim().length > 3).length * 2 < length) continue;
    const { found } = lookUp(reading, mutation.change(lines, { from: from + 1, path: file.path, draw }));
    const scored = score(found, file.path, { from: from + 1, lines, texts });
    sum.snippets += 1;
    sum.lines += scored.lines;
    sum.met += scored.met;
    sum.beyond += scored.beyond;
    sum.named += scored.named ? 1 : 0;
    sum.exact += scored.exact ? 1 : 0;
  }
  const { snippets } = sum;
  return {
    mutation: mutation.name,
    length,
    snippets,
    named: sum.named / snippets,
    exact: sum.exact / snippets,
    recall: sum.met / sum.lines,
    beyond: sum.beyond / sum.lines,
  };
}

/** By what the lines say: one that stands in the snippet was disclosed, whatever file it was named of. */
function score(
  found: readonly Attribution[],
  path: string,
  { from, lines, texts }: { from: number; lines: readonly string[]; texts: ReadonlyMap<string, readonly string[]> },
): { named: boolean; exact: boolean; lines: number; met: number; beyond: number } {
  const wanted = lines.filter((line) => plain(line) !== "").length;
  const there = new Set(lines.map(plain));
  let beyond = 0;
  const met = new Set<string>();
  let own = 0;
  for (const { file, lines: ranges } of found)
    for (const [a, b] of ranges)
      for (let line = a; line <= b; line += 1) {
        const text = plain(texts.get(file)?.[line - 1] ?? "");
        if (text === "") continue;
        if (!there.has(text)) beyond += 1;
        met.add(text);
        if (file === path && line >= from && line < from + lines.length) own += 1;
      }
  const named = found.some(({ file, also }) => file === path || also.some((other) => other.file === path));
  const seen = Math.max(own, lines.filter((line) => plain(line) !== "" && met.has(plain(line))).length);
  return { named, exact: named && seen === wanted && beyond === 0, lines: wanted, met: seen, beyond };
}

const plain = (line: string): string => line.replace(/\s+/g, "").toLowerCase();

function attributeOthers(reading: Reading, others: Material["others"]): Evaluation["others"] {
  let lines = 0;
  let attributed = 0;
  for (const { octets } of others) {
    const text = Buffer.from(octets).toString();
    const count = text.split("\n").length;
    lines += count;
    const named = lookUp(reading, text).found.reduce((sum, found) => sum + found.count, 0);
    attributed += Math.min(count, named);
  }
  return { files: others.length, lines, attributed };
}
