// `hide` and `mask`: a file for each of their globs, read and changed; and in the person's own checkout, what git has of them all
// the same.

import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import type { RecordedEntry } from "../../ledger/record.ts";
import { isWithin } from "../../policy/way.ts";
import { absent, type Evidence, judge, type Row, sealedOf, unwritable } from "../row.ts";
import type { Sample } from "../scratch.ts";

export function veilRows(evidence: Evidence): Row[] {
  const { scratch } = evidence;
  const hidden = scratch.hidden.map((sample, at) => ({ kind: "hide", sample, at }) as const);
  const masked = scratch.masked.map((sample, at) => ({ kind: "mask", sample, at }) as const);
  const all = [...hidden, ...masked];
  return [...all.flatMap((one) => [reading(evidence, one), changing(evidence, one)]), ...history(evidence)];
}

interface Tried {
  readonly kind: "hide" | "mask";
  readonly sample: Sample;
  readonly at: number;
}

const names = { hide: "a hidden file", mask: "a masked value" } as const;

function reading(evidence: Evidence, { kind, sample, at }: Tried): Row {
  const { policy, loot, report } = evidence;
  const id = `${kind}:${at}`;
  const got = loot(id);
  const shown = kind === "mask" && got.includes("postern-masked-") ? { by: "a placeholder in its place" } : {};
  return judge(evidence, {
    ...{ area: "files", id, rule: policy.files.rules[`${kind}:${sample.glob}`] ?? `files.${kind}` },
    tried: `read ${names[kind]}, ${sample.glob}`,
    landed: got.includes(sample.word) ? "it was read" : undefined,
    stopped: kind === "mask" && report[id] === "ok" && shown.by !== undefined ? ["ok"] : absent,
    ...shown,
  });
}

function changing(evidence: Evidence, { kind, sample, at }: Tried): Row {
  const { policy, scratch, prepared } = evidence;
  const writable = policy.files.write.some((root) => isWithin(scratch.work, root));
  const live = writable && prepared.session.edits === "live";
  const kept = existsSync(sample.path) && readFileSync(sample.path, "utf8").includes(sample.word);
  const path = relative(scratch.work, sample.path);
  const recorded = (entry: RecordedEntry): boolean => {
    const told = sealedOf(entry)["path"];
    const of = typeof told === "string" && (isWithin(path, told) || told.startsWith(path));
    return of && entry.leaf.kind === "hidden-file" && entry.leaf.verdict === "refuse";
  };
  return judge(evidence, {
    ...{
      area: "files",
      id: `change:${kind}:${at}`,
      rule: policy.files.rules[`${kind}:${sample.glob}`] ?? `files.${kind}`,
    },
    tried: `change ${kind === "hide" ? names.hide : "a masked file"}, ${sample.glob}`,
    landed: kept ? undefined : "it says something else now",
    stopped: live ? unwritable : [...unwritable, "ok"],
    ...(live
      ? { recorded, needs: "watch" as const }
      : { by: writable ? "the copy's alone" : "the checkout is unwritable" }),
  });
}

/** What is committed is hidden in the working tree alone. */
function history({ policy, committed }: Evidence): Row[] {
  const { hide, mask, rules } = policy.files;
  const rule = hide[0] === undefined ? rules[`mask:${mask[0]}`] : rules[`hide:${hide[0]}`];
  if (rule === undefined) return [];
  const row = {
    area: "files",
    rule,
    place: policy.origins[rule],
    tried: "find hidden and masked files in git",
  } as const;
  if (typeof committed === "string") return [{ ...row, outcome: "open", by: committed }];
  if (committed === 0) return [{ ...row, outcome: "held", by: "git has none of this checkout's as they are now" }];
  const by = `git has ${committed} of this checkout's: its history is readable inside`;
  return [{ ...row, outcome: "open", by }];
}
