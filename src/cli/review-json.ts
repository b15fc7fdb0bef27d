// A review as data, one object for each item, the review itself last. Contents are text where they are UTF-8, else their
// bytes as Latin-1, which `encoding` says.

import type { Hunk } from "../review/landing/hunks.ts";
import type { Item, Review } from "../review/landing/review.ts";
import { treeOf } from "../review/staged/record.ts";

export function reviewObjects({ copy, items, conflicts, told, digest }: Review): readonly object[] {
  return [
    ...items.map(itemObject),
    ...conflicts.map(({ id, why }) => ({ kind: "conflict", id, why })),
    ...told.map((text) => ({ kind: "left", text })),
    { kind: "review", session: copy.session, workspace: copy.workspace, tree: treeOf(copy), shown: digest },
  ];
}

function itemObject(item: Item): object {
  const { kind, id, digest } = item;
  const named = { kind, id, apart: item.apart ?? null, digest };
  switch (item.kind) {
    case "directory":
      return { ...named, change: item.change };
    case "reference": {
      const commits = item.commits.map(({ object, author, subject, changes }) => ({
        object,
        author,
        subject,
        paths: changes.map(({ path }) => path),
      }));
      return { ...named, before: item.before ?? null, after: item.after ?? null, drops: item.dropped, commits };
    }
    case "file": {
      const { before, after, joined, difference } = item;
      const change = before === undefined ? "added" : after === undefined ? "deleted" : "changed";
      const hunks = difference?.kind === "hunks" ? difference.hunks : [];
      const told = { ...named, change, before: before ?? null, after: after ?? null, joined };
      return { ...told, binary: difference?.kind === "binary", ...hunkObjects(hunks) };
    }
  }
}

export function hunkObjects(hunks: readonly Hunk[]): object {
  const exact = hunks.every(({ lines }) => lines.every(isText));
  const decode = (line: string) => (exact ? Buffer.from(line, "latin1").toString() : line);
  return {
    encoding: exact ? "utf-8" : "latin-1",
    hunks: hunks.map((hunk) => ({ ...hunk, lines: hunk.lines.map(decode) })),
  };
}

function isText(line: string): boolean {
  const bytes = Buffer.from(line, "latin1");
  return Buffer.from(bytes.toString()).equals(bytes);
}
