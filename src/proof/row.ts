// One line of a proof: a rule, what was tried against it, what came of it and what stopped it. And what the lines are made
// of: what was seen outside while it was tried.

import { type Grade, type Missing, sayMissing } from "../domain/session.ts";
import type { RecordedEntry } from "../ledger/record.ts";
import type { Place } from "../policy/fault.ts";
import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/way.ts";
import type { Prepared } from "../session/prepare.ts";
import type { Dialled, Ear } from "./ears.ts";
import type { Glimpse } from "./look.ts";
import type { Report } from "./order.ts";
import type { Scratch } from "./scratch.ts";

/**
 * `held`: tried, and nothing of it was seen outside. `granted`: the policy opens this much, by name. `open`: a rule of the
 * policy lets it through. `broken`: it came through though nothing grants it, or left no trace where it must, or could not be
 * tried. `untried`: left alone, with the reason.
 */
export type Outcome = "held" | "granted" | "open" | "broken" | "untried";

export interface Row {
  readonly area: Area;
  /** The grant's id (`user:network.allow[2]`), or `default` with the key it is the default of. */
  readonly rule: string;
  /** Where it stands; undefined for a default and a profile. */
  readonly place: Place | undefined;
  readonly tried: string;
  readonly outcome: Outcome;
  /** What stopped it, or what let it through. */
  readonly by: string;
  /** Of the record. */
  readonly entry?: number;
}

export const areas = [
  "stance",
  "files",
  "control files",
  "network",
  "kernel",
  "processes",
  "commands",
  "credentials",
] as const;
export type Area = (typeof areas)[number];

export interface Evidence {
  /** What it says of the checkout is said of the scratch. */
  readonly policy: Policy;
  readonly scratch: Scratch;
  readonly prepared: Prepared;
  readonly home: string;
  /** Files of the person's own checkout that are hidden or masked and that git has; or why that cannot be told. */
  readonly committed: number | string;
  /** Of the walls as they stood. */
  readonly grade: Grade;
  readonly missing: readonly Missing[];
  /** Where the checkout that is seen inside lies outside: a private copy where edits are staged. */
  readonly inside: string;
  /** Empty where the program inside never came to tell. */
  readonly report: Report;
  /** What it had read, by the attempt's id. */
  readonly loot: (id: string) => string;
  /** Of the session, in order. */
  readonly entries: readonly RecordedEntry[];
  /** Processes of the proof while they held what they had got. */
  readonly glimpses: readonly Glimpse[];
  readonly heard: readonly Ear[];
  readonly dialled: Dialled;
  /** Did the program outside live on? */
  readonly unharmed: boolean;
  /** Processes of the proof after the session's end. */
  readonly left: readonly number[];
  /** Is the mark in the kernel's table of keys? Undefined where there is no such table. */
  readonly keyed: boolean | undefined;
}

export const isBad = ({ outcome }: Row): boolean => outcome === "open" || outcome === "broken";

/** One attempt, as it is judged. */
export interface Tried {
  readonly area: Area;
  /** The attempt's id; its answer tells that it was made. */
  readonly id: string;
  /** The key it is the default of; or the id of a rule. */
  readonly rule: string;
  readonly tried: string;
  /** What was seen outside that must not be. */
  readonly landed: string | undefined;
  /** The rule that lets it, where one does. */
  readonly let?: string | undefined;
  /** Answers that say it was made and came to nothing. Any other means that the proof itself went wrong. */
  readonly stopped: readonly string[];
  /** It has to be on the record: which entry it is. */
  readonly recorded?: ((entry: RecordedEntry) => boolean) | undefined;
  /** By what it would be on the record, or stopped. */
  readonly needs?: Missing;
  /** In the stead of what the kernel answered. */
  readonly by?: string;
}

/** All of the evidence that an attempt is judged by, beside what it saw itself. */
export interface Told extends Pick<Evidence, "report" | "entries" | "missing"> {
  readonly policy: Pick<Policy, "origins">;
}

export function judge(evidence: Told, attempt: Tried): Row {
  const row = judgeWhole(evidence, attempt);
  const lost = lostFor(evidence, attempt);
  if (row.outcome !== "broken" || lost === undefined) return row;
  return { ...row, outcome: "open", by: `${sayMissing([lost])} is missing here: ${row.by}` };
}

/** By what it would be stopped, or seen. */
const guards: Readonly<Record<Area, readonly Missing[]>> = {
  stance: [],
  files: ["files"],
  "control files": ["files"],
  network: ["network", "capture"],
  kernel: ["seccomp"],
  processes: ["processes"],
  commands: ["watch"],
  credentials: ["files"],
};

function lostFor({ missing }: Told, { area, needs, landed }: Tried): Missing | undefined {
  // what came through is not made good by being recorded; what only left no entry is
  const able = guards[area].filter((each) => landed === undefined || each !== "capture");
  const both = landed === undefined ? [needs, ...able] : [...able, needs];
  return both.find((each) => each !== undefined && missing.includes(each));
}

/** Answered of what the program inside had better not try where nothing stands around it. */
const leftAlone = "left alone";

function judgeWhole(evidence: Told, attempt: Tried): Row {
  const { area, id, tried, landed, recorded } = attempt;
  const answer = evidence.report[id];
  const row = (rule: string, outcome: Outcome, by: string, more = {}): Row => ({
    ...{ area, rule, place: evidence.policy.origins[rule], tried, outcome, by },
    ...more,
  });
  if (landed !== undefined && attempt.let !== undefined) return row(attempt.let, "open", `lets it through: ${landed}`);
  if (landed !== undefined) return row(attempt.rule, "broken", `came through, and nothing grants it: ${landed}`);
  if (answer === undefined) return row(attempt.rule, "broken", "was not tried: the program inside did not come to it");
  if (answer === leftAlone) return row(attempt.rule, "broken", "not tried, for it would be done to this machine");
  if (!attempt.stopped.includes(answer))
    return row(attempt.rule, "broken", `cannot be judged: it was answered ${answer}`);
  if (recorded === undefined) return row(attempt.rule, "held", attempt.by ?? sayAnswer(answer));
  const entry = evidence.entries.find(recorded);
  if (entry === undefined) return row(attempt.rule, "broken", `left no entry (${sayAnswer(answer)})`);
  return row(attempt.rule, "held", attempt.by ?? sayAnswer(answer), { entry: entry.index });
}

/** A file that is not there, or may not be changed. */
export const absent = ["ENOENT", "EACCES", "EPERM"] as const;
export const unwritable = [...absent, "EROFS", "EBUSY", "EXDEV"] as const;

const words: Readonly<Record<string, string>> = {
  ENOENT: "not there",
  EROFS: "unwritable",
  EACCES: "refused",
  EPERM: "refused",
  ENOSYS: "not there",
  ESRCH: "no such process",
  ECONNREFUSED: "nobody there",
  ECONNRESET: "cut off",
  EBUSY: "held by a mount",
  ENOTFOUND: "answered with nothing",
  EAFNOSUPPORT: "refused",
  EPROTONOSUPPORT: "refused",
};

export function sayAnswer(answer: string): string {
  const known = words[answer];
  if (known !== undefined) return `${known} (${answer})`;
  return answer === "ok" ? "stayed inside" : answer;
}

/** The rule of the policy that covers this path, the narrowest. */
export function coveredBy(
  { files }: Pick<Policy, "files">,
  path: string,
  kinds: readonly ("read" | "write")[],
): string | undefined {
  const holders = kinds.flatMap((kind) =>
    files[kind].filter((holder) => isWithin(path, holder)).map((holder) => ({ holder, key: `${kind}:${holder}` })),
  );
  const narrowest = holders.toSorted((a, b) => b.holder.length - a.holder.length)[0];
  return narrowest === undefined ? undefined : files.rules[narrowest.key];
}

/** What is sealed with an entry, as far as it can be read. */
export function sealedOf({ sealed }: RecordedEntry): Readonly<Record<string, unknown>> {
  return typeof sealed === "object" ? sealed : {};
}
