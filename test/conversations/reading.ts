// What a vendor could make of what it received, read by code of its own: whether a value is in it in any of the ways of `encodings`, and
// what stands in the place of what was sent.

import assert from "node:assert/strict";
import { placeholder } from "../holes/stand.ts";

/** Every text in a value, and in the JSON that its texts hold. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value, ...textsOf(jsonIn(value))];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...textsOf(each)]);
}

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Undefined where it is none. */
function jsonIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

export function holds(text: string, value: string): boolean {
  const wanted = value.toLowerCase();
  return readings(text, 3).some((one) => one.toLowerCase().includes(wanted));
}

/** The text in every coding it may be in, and what that holds, so deep. */
function readings(text: string, depth: number): readonly string[] {
  const here = [
    text,
    [...text].reverse().join(""),
    text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString()),
    text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16))),
    text.replaceAll(/\\(["\\/nt])/g, (_, one: string) => ({ n: "\n", t: "\t" })[one] ?? one),
  ];
  if (depth === 0) return here;
  const runs = [
    ...(text.match(/(?:[0-9a-f]{2}){8,}/gi) ?? []).map((run) => Buffer.from(run, "hex")),
    ...[text, text.replaceAll("\n", "")].flatMap((each) =>
      (each.match(/[\w+/-]{12,}/g) ?? []).flatMap((run) =>
        [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), "base64")),
      ),
    ),
  ];
  return [...here, ...runs.flatMap((run) => readings(run.toString(), depth - 1))];
}

/**
 * What was sent and what arrived, side by side: the same but that placeholders stand where these values stood, and each for one value
 * alone. Puts down which for which.
 */
export function compare(sent: unknown, arrived: unknown, values: readonly string[], known: Map<string, string>): void {
  if (typeof sent === "string" && typeof arrived === "string") {
    compareTexts(sent, arrived, values, known);
    return;
  }
  if (typeof sent !== "object" || sent === null || typeof arrived !== "object" || arrived === null) {
    assert.deepEqual(arrived, sent);
    return;
  }
  assert.deepEqual(Object.keys(arrived), Object.keys(sent));
  for (const [key, each] of Object.entries(sent))
    compare(each, (arrived as Record<string, unknown>)[key], values, known);
}

function compareTexts(sent: string, arrived: string, values: readonly string[], known: Map<string, string>): void {
  if (sent === arrived) return;
  const inner = jsonIn(sent);
  if (inner !== undefined && inner !== null) {
    compare(inner, jsonIn(arrived), values, known);
    return;
  }
  const any = new RegExp(values.map((value) => literally(value)).join("|"), "g");
  const stood = sent.match(any) ?? [];
  const pattern = sent
    .split(any)
    .map((part) => literally(part))
    .join(`(${placeholder.source})`);
  const [, ...found] = new RegExp(`^${pattern}$`).exec(arrived) ?? [];
  assert.equal(found.length, stood.length, `${JSON.stringify(sent)} became ${JSON.stringify(arrived)}`);
  for (const [at, one] of found.entries()) {
    const value = stood[at] ?? "";
    assert.equal(known.get(one) ?? value, value, "one placeholder stands for two values");
    known.set(one, value);
  }
}
