// The rest of the person's own policy, which no record can speak of: files, commands, tools, how edits are made. It is carried
// over, for a learned policy takes that policy's place; what is not enforced yet would refuse every session, and is told.

import { parseDocument, stringify } from "yaml";
import { unenforcedIn } from "../enforced.ts";
import { dotted } from "../fault.ts";
import type { Background } from "./background.ts";
import type { Lesson } from "./lesson.ts";
import { cite } from "./words.ts";

/** What is learned, or said above. */
const learned = ["version", "mode", "network", "credentials", "limits"];

export function keptLines({ signed }: Lesson, { own }: Background): string[] {
  if (own === undefined) return [];
  const rest = Object.fromEntries(Object.entries(own.value).filter(([key]) => !learned.includes(key)));
  const unused = signed === undefined && rest["signing"] !== undefined;
  if (unused) delete rest["signing"];
  const later = unenforcedIn(rest);
  const text = withoutAll(rest, later);
  return [
    `# From ${cite(own.file)}, as it was: which files were read is on no record, and the rest says nothing of reach.`,
    ...(unused ? ["# `signing` is left out: nothing was signed."] : []),
    ...later.map((path) => `# \`${dotted(path)}\` is left out: nothing enforces it yet.`),
    ...(text === "" ? [] : text.split("\n")),
  ];
}

function withoutAll(value: Readonly<Record<string, unknown>>, paths: readonly (readonly PropertyKey[])[]): string {
  if (Object.keys(value).length === 0) return "";
  const document = parseDocument(JSON.stringify(value));
  // from the end, so that an index of a list stays what it was
  for (const path of paths.toReversed()) document.deleteIn(path);
  const left: unknown = document.toJS();
  if (typeof left !== "object" || left === null || Object.keys(left).length === 0) return "";
  return stringify(left, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}
