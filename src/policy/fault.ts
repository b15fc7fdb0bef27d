// What is wrong with a policy file, as a value: where it stands, what was meant, and an example. An invalid policy is
// an outcome, never an exception. Text taken from a file is attacker-controlled and made visible before it is kept.

import { maxExcerpt } from "./limits.ts";

/** A place in a policy file; line and column count from 1, and are 0 where there is no file (a flag of the command). */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface PolicyFault extends Place {
  /** Dotted path of the key: `network.allow[0].host`; empty for the file as a whole. */
  readonly key: string;
  /** What was wrong: lower case, no full stop. */
  readonly message: string;
  /** What was meant, or what to do. */
  readonly hint: string;
  /** A few lines of YAML that would be right; empty where none would help. */
  readonly example: string;
  /** The source line, made visible and cut; undefined where it could not be read. */
  readonly excerpt: string | undefined;
  /** Characters to underline from `column`. */
  readonly width: number;
}

/** Something that stands in a valid file and does not count, with its id. */
export interface Notice extends PolicyFault {
  /** `repository:network.allow[0]`. */
  readonly id: string;
  /** The host, path or name it speaks of, as the file has it; undefined where it speaks of none. */
  readonly about: string | undefined;
}

/**
 * Attacker-controlled text → the same, cut at `limit`, with control and direction-changing characters written out, and
 * without what may be a secret put there by mistake: passwords of URLs, long runs of letters and digits.
 */
export function visible(text: string, limit = maxExcerpt): string {
  const shown = written(text)
    .replace(/\/\/[^\s/@"']*@/g, "//…@")
    .replace(/[A-Za-z0-9_+=-]{24,}/g, (run) => (/\d/.test(run) && /[A-Za-z]/.test(run) ? `${run.slice(0, 4)}…` : run));
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown;
}

/** Whatever would act on a terminal, line ends too, is spelled out. */
export function written(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A path of keys as people write it: `network.allow[0].host`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? visible(String(step)) : `${text}.${visible(String(step))}`;
  }, "");
}

/** By place; of two at one place the first, which the other mostly follows from. */
export function inOrder<Told extends PolicyFault>(faults: readonly Told[]): Told[] {
  const places = new Set<string>();
  return faults
    .toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column))
    .filter((fault) => {
      const place = `${fault.line}:${fault.column}:${fault.key}`;
      const fresh = !places.has(place);
      places.add(place);
      return fresh;
    });
}
