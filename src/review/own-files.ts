// Files of ours in the state directory: which there are, and JSON in them as unknown. Whoever reads them asks for the
// shape, for a killed writer, an older version or another hand may have left something else.

import { readdirSync } from "node:fs";

/** Sorted; none where the directory is not there. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** Undefined where it is no JSON. */
export function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isAll<Each>(value: unknown, is: (each: unknown) => each is Each): value is readonly Each[] {
  return Array.isArray(value) && value.every(is);
}

export function isStrings(value: unknown): value is readonly string[] {
  return isAll(value, (each): each is string => typeof each === "string");
}
