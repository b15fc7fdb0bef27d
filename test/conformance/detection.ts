// What content is recognised, and what is missed: known values in every way of writing, secret rules beside gitleaks' on the same text,
// personal data by kind, and what ordinary source is wrongly taken for. The examples are made, from a seed; nobody's.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inflateSync, unzipSync } from "node:zlib";
import { type KnownValue, openKnownSeeker } from "../../src/inspection/known-text.ts";
import { openAll } from "../../src/inspection/open/open.ts";
import { seekPersonal } from "../../src/inspection/personal/seek.ts";
import { measure, type Score } from "../../src/inspection/rules/examples/measure.ts";
import { negatives } from "../../src/inspection/rules/examples/negatives.ts";
import { positives } from "../../src/inspection/rules/examples/positives.ts";
import { openRandom } from "../../src/inspection/rules/examples/random.ts";
import { readGitleaks } from "../../src/inspection/rules/gitleaks.ts";
import { ownRules } from "../../src/inspection/rules/own.ts";
import { openRules } from "../../src/inspection/rules/seek.ts";
import { openSeeker } from "../../src/inspection/seekers.ts";
import { encodings } from "../detection/encodings.ts";
import { type PersonalScore, personalExamples, scorePersonal } from "../detection/personal.ts";
import { root } from "./results.ts";

export const folders = ["src/inspection", "test/detection"];

export interface Detection {
  readonly seed: number;
  readonly known: {
    readonly values: number;
    readonly tried: number;
    readonly missed: Readonly<Record<string, number>>;
    readonly source: { readonly octets: number; readonly files: number; readonly wrong: number };
  };
  readonly rules: { readonly own: Score; readonly gitleaks: Score | undefined; readonly count: number };
  readonly personal: readonly PersonalScore[];
  /** Hits of rules and of personal data in the same source: by rule. */
  readonly source: Readonly<Record<string, number>>;
}

const inflate = (bytes: Buffer): Buffer | undefined => {
  try {
    return bytes[0] === 0x1f ? unzipSync(bytes) : inflateSync(bytes);
  } catch {
    return undefined;
  }
};

/** `rules`: gitleaks' published file; without it nothing is compared, and that is said. */
export function detection(seed: number, rules: string): { held: boolean; found: Detection } {
  const random = openRandom(seed);
  const alphabets = ["abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFabcdef0123456789", "aB3$-_.~!*'()&=+ éß/\\\"<>%{}"];
  const values = Array.from({ length: 10_000 }, (_, at): KnownValue => {
    const letters = [...(alphabets[at % alphabets.length] ?? "")];
    const length = 12 + (at % 53);
    return { label: `value ${at}`, value: Array.from({ length }, () => random.pick(letters)).join("") };
  });
  const known = seekKnown(values);
  const source = sourceFiles(100_000_000);
  const known100 = openKnownSeeker(values.slice(0, 200));
  const own = openRules(ownRules);
  const hits: Record<string, number> = {};
  let [octets, wrong] = [0, 0];
  for (const file of source) {
    const text = readFileSync(file, "utf8");
    octets += Buffer.byteLength(text);
    wrong += known100(text).length;
    const seen = [
      ...own(text).map(({ rule, sure }) => `${rule} (${sure})`),
      ...seekPersonal(text).map(({ kind }) => kind),
    ];
    for (const name of seen) hits[name] = (hits[name] ?? 0) + 1;
  }
  const [good, bad] = [positives(seed, 1_500), negatives(seed, 1_500)];
  const gitleaks = existsSync(rules)
    ? measure(openRules([], readGitleaks(readFileSync(rules, "utf8")).rules), good, bad)
    : undefined;
  const score = measure(own, good, bad);
  const personal = scorePersonal(personalExamples(seed, 200));
  const found: Detection = {
    seed,
    known: { values: values.length, ...known, source: { octets, files: source.length, wrong } },
    rules: { own: score, gitleaks, count: ownRules.length },
    personal,
    source: Object.fromEntries(Object.entries(hits).sort(([, a], [, b]) => b - a)),
  };
  return {
    held: known.tried > 0 && Object.keys(known.missed).length === 0 && wrong === 0 && octets >= 100_000_000,
    found,
  };
}

function seekKnown(values: readonly KnownValue[]): { tried: number; missed: Record<string, number> } {
  const missed: Record<string, number> = {};
  let tried = 0;
  for (let at = 0; at < values.length; at += 100) {
    const batch = values.slice(at, at + 100);
    const seek = openSeeker({ secrets: () => [], known: openKnownSeeker(batch) }, (text) => openAll(text, inflate));
    for (const { label, value } of batch)
      for (const [name, encode] of Object.entries(encodings)) {
        const written = encode(value);
        if (written === undefined) continue;
        tried += 1;
        const text = `const line = 1;\n# before ${written} behind\nend\n`;
        if (!seek(text).some((one) => one.kind === "secret" && one.label === label))
          missed[name] = (missed[name] ?? 0) + 1;
      }
    process.stderr.write(`\rdetection: ${at + batch.length} of ${values.length} values`);
  }
  process.stderr.write("\n");
  return { tried, missed };
}

/** Of installed packages: what others wrote, and nobody here. */
function sourceFiles(most: number): readonly string[] {
  const files: string[] = [];
  let octets = 0;
  for (const path of readdirSync(join(root, "node_modules"), { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.(?:[cm]?[jt]sx?|json|map|md|ya?ml|css|html|py|sh)$/.test(path)) continue;
    const file = join(root, "node_modules", path);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size > 20_000_000) continue;
    files.push(file);
    octets += stats.size;
    if (octets > most * 1.01) break;
  }
  return files;
}
