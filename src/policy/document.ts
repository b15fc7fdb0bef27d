// One policy file's bytes → its value and where everything stands in it, or all its faults.

import type { Digest } from "../domain/brand.ts";
import { sha256 } from "./canonical.ts";
import type { Notice, Place, PolicyFault } from "./fault.ts";
import { dotted, inOrder } from "./fault.ts";
import { maxFaults } from "./limits.ts";
import { type PolicyFile, policyFile } from "./schema/file.ts";
import { faultAt, firstLines, parseSyntax, type Syntax, type Told } from "./syntax.ts";
import { teach } from "./teach.ts";

export type Path = readonly PropertyKey[];

export interface ParsedPolicy {
  readonly file: string;
  /** Of the file's bytes. */
  readonly sha256: Digest;
  readonly value: PolicyFile;
  readonly place: (path: Path) => Place;
  readonly fault: (told: Told & { key: Path }) => PolicyFault;
  readonly notice: (layer: string, told: Told & { key: Path; about?: string | undefined }) => Notice;
}

export type Parsed =
  | { readonly ok: true; readonly policy: ParsedPolicy }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };

/** Attacker-controlled bytes. Never throws; at most `maxFaults` faults, in the order of the file. */
export function parsePolicy(bytes: Uint8Array, file: string): Parsed {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return {
      ok: false,
      faults: [wholeFile(file, { message: "the file is not UTF-8 text", hint: "save it as UTF-8" })],
    };
  }
  const syntax = parseSyntax(text, file);
  if (syntax.value === undefined) return { ok: false, faults: inOrder(syntax.faults) };
  const parsed = policyFile.safeParse(syntax.value);
  const taught = parsed.success ? [] : parsed.error.issues.flatMap((issue) => teach(issue, syntax));
  const faults = inOrder([...syntax.faults, ...taught]);
  if (faults.length > 0 || !parsed.success) return { ok: false, faults: faults.slice(0, maxFaults) };
  return { ok: true, policy: describe(syntax, parsed.data, sha256(bytes)) };
}

function describe(syntax: Syntax, value: PolicyFile, digest: Digest): ParsedPolicy {
  const fault = (told: Told & { key: Path }): PolicyFault =>
    faultAt(syntax.source, syntax.find(told.key, "value"), told);
  return {
    file: syntax.source.file,
    sha256: digest,
    value,
    place: (path) => {
      const { file, line, column } = faultAt(syntax.source, syntax.find(path, "key"), { message: "", hint: "" });
      return { file, line, column };
    },
    fault,
    notice: (layer, told) => ({
      id: `${layer}:${dotted(told.key)}`,
      about: told.about,
      ...fault(told),
      example: told.example ?? "",
    }),
  };
}

/** A fault of the file as a whole: unreadable, too large, not text. */
export function wholeFile(file: string, told: Omit<Told, "key">): PolicyFault {
  return { file, line: 1, column: 1, key: "", excerpt: undefined, width: 1, example: firstLines, ...told };
}
