// A file's content → what is shown in its stead inside: the same keys, other values. Which format it is, its name says, else its
// content; undefined where it is none that is known or none that can be read to its end, and then the whole file is hidden.
// Enters: any file of a checkout. What is given out is written anew from what was parsed, so that no byte of a value stays.

import { parse as parseToml, stringify as stringifyToml, TomlError } from "smol-toml";
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, stringify as stringifyYaml } from "yaml";
import { limits } from "../../limits.ts";
import { maskDotenv, maskIni } from "./lines.ts";
import { maskValue, Placeholders, Unmaskable } from "./scalars.ts";

type Mask = (text: string, placeholders: Placeholders) => string | undefined;

/** `name`: the file's own. */
export function maskFile(name: string, content: Buffer): string | undefined {
  for (const { masked, placeholders } of readings(name, content)) {
    if (placeholders.shownIn(masked)) continue;
    // an empty file has nothing to be masked, nor has one that holds nothing but comments
    return masked.trim() === "" ? "" : masked;
  }
  return undefined;
}

export interface NamedValue {
  /** Its key; undefined within a list. */
  readonly key: string | undefined;
  readonly value: string;
}

/** What a mask would stand for; none where the file is not read to its end. */
export function valuesIn(name: string, content: Buffer): readonly NamedValue[] {
  for (const { masked, placeholders } of readings(name, content)) {
    const keys = new Map<number, string>();
    const keyed = /([\w.-]{1,128})["']?[ \t]*[:=][ \t]*["']?postern-masked-(\d+)\b/g;
    for (const [, key = "", number] of masked.matchAll(keyed)) keys.set(Number(number), key);
    return placeholders.all.map((value, at) => ({ key: keys.get(at + 1), value }));
  }
  return [];
}

interface Reading {
  readonly masked: string;
  readonly placeholders: Placeholders;
}

function* readings(name: string, content: Buffer): Generator<Reading> {
  const text = content.length > limits.maskedBytes ? undefined : decode(content);
  if (text === undefined) return;
  const masks = text.trim() === "" ? [] : masksFor(name, text);
  if (masks.length === 0) yield { masked: "", placeholders: new Placeholders() };
  for (const mask of masks) {
    const reading = attempt(mask, text);
    if (reading !== undefined) yield reading;
  }
}

function decode(content: Buffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

const byName: readonly (readonly [RegExp, Mask])[] = [
  [/^\.env(?:rc|[.-].*)?$|\.env$/i, maskDotenv],
  [/\.(?:json|webmanifest)$/i, maskJson],
  [/\.ya?ml$/i, maskYaml],
  [/\.toml$/i, maskToml],
  [/\.(?:ini|cfg|conf|cnf|properties)$/i, maskIni],
];

/** One whose name says what it is is that or nothing. */
function masksFor(name: string, text: string): readonly Mask[] {
  const named = byName.find(([pattern]) => pattern.test(name))?.[1];
  if (named !== undefined) return [named];
  if (/^\s*[[{]/.test(text)) return [maskJson, maskSections];
  return /^\[[^\]\n]+\]\s*$/m.test(text) ? [maskSections] : [maskDotenv];
}

/** Whose sections say that it is INI: what looks like one may be the rest of a value. */
function maskSections(text: string, placeholders: Placeholders): string | undefined {
  const masked = maskIni(text, placeholders);
  return masked !== undefined && /^\[/m.test(masked) ? masked : undefined;
}

/** A parser's complaint is an answer; anything else is a bug of ours. */
function attempt(mask: Mask, text: string): Reading | undefined {
  const placeholders = new Placeholders();
  try {
    const masked = mask(text, placeholders);
    return masked === undefined ? undefined : { masked, placeholders };
  } catch (error) {
    const complaints = [SyntaxError, RangeError, TomlError, Unmaskable];
    if (complaints.some((complaint) => error instanceof complaint)) return undefined;
    throw error;
  }
}

function maskJson(text: string, placeholders: Placeholders): string {
  return `${JSON.stringify(maskValue(JSON.parse(text), placeholders), undefined, 2)}\n`;
}

function maskToml(text: string, placeholders: Placeholders): string {
  const masked = maskValue(parseToml(text), placeholders);
  return `${stringifyToml(masked).trimEnd()}\n`;
}

/** Aliases, anchors and tags say more than a value: a file with one is hidden. */
function maskYaml(text: string, placeholders: Placeholders): string | undefined {
  const documents = parseAllDocuments(text, { schema: "core", uniqueKeys: false, logLevel: "silent" });
  if (!Array.isArray(documents)) return "";
  const budget = { left: limits.maskedValues };
  const values: unknown[] = [];
  for (const { errors, warnings, contents } of documents) {
    if (errors.length + warnings.length > 0) return undefined;
    values.push(plain(contents, budget, 0));
  }
  const bare = values.length > 1 ? "---\n" : "";
  return values.map((value) => `${bare}${stringifyYaml(maskValue(value, placeholders), { lineWidth: 0 })}`).join("");
}

function plain(node: unknown, budget: { left: number }, depth: number): unknown {
  budget.left -= 1;
  if (budget.left < 0 || depth > limits.maskedDepth || isAlias(node)) throw new Unmaskable();
  if (node === null || node === undefined) return null;
  if (isScalar(node)) {
    if (node.anchor !== undefined || node.tag !== undefined) throw new Unmaskable();
    return node.value ?? null;
  }
  if (isSeq(node) && node.anchor === undefined && node.tag === undefined)
    return node.items.map((item) => plain(item, budget, depth + 1));
  if (!isMap(node) || node.anchor !== undefined || node.tag !== undefined) throw new Unmaskable();
  return Object.fromEntries(node.items.map(({ key, value }) => [keyOf(key), plain(value, budget, depth + 1)] as const));
}

function keyOf(key: unknown): string {
  const simple = isScalar(key) && key.anchor === undefined && key.tag === undefined;
  if (!simple || key.value === null) throw new Unmaskable();
  if (typeof key.value !== "string" && typeof key.value !== "number" && typeof key.value !== "boolean")
    throw new Unmaskable();
  return String(key.value);
}
