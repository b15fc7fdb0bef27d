// What the machine outside saw, and what the target's record says → one outcome. Landing is judged first: a record of an
// escape makes it no better. Without the probe's last line nothing is said of a boundary: it may never have been tried.

import type { After, Outcome, Probe, Stay } from "./probe.ts";
import { allowed, granted } from "./rig/world.ts";
import type { Ended, Kept } from "./targets/target.ts";

export interface Trial {
  readonly probe: Probe;
  readonly after: After;
  readonly ended: Ended;
  readonly record: Kept;
}

export function judge(trial: Trial): Outcome {
  const { probe, after, ended } = trial;
  const landed = probe.landed(after) ?? strayOf(after);
  const why = landed?.replaceAll(after.rig.base, "…");
  if (why !== undefined) return sweptAfter(trial, why) ?? { kind: "escaped", why };
  const tried = probe.fatal === true || ended.output.includes(lastLine(after.rig.token));
  if (!tried) return { kind: "broken", why: `code ${ended.code}: ${ended.errors.trim().slice(-300)}` };
  if (isRecorded(trial)) return { kind: probe.record === "telemetry" ? "recorded" : "blocked+recorded" };
  if (probe.record === "absent") return { kind: "blocked-by-absence" };
  return { kind: "blocked+silent", failed: probe.record !== "unseen" };
}

/** What the shell says once the probe's lines are done. */
export const lastLine = (token: string): string => `tried-${token}`;

/** Whatever a probe looks at: only the allowed host may have been reached, and nothing that the probe planted may have left. */
function strayOf({ seen, rig }: After): string | undefined {
  for (const one of seen) {
    if (one.kind === "question" && one.name !== allowed.name && one.name.includes(rig.token))
      return `the name ${one.name} was asked for outside`;
    if (one.kind === "connection" && !granted.includes(one.ip)) return `${one.ip}:${one.port} was reached`;
  }
  return undefined;
}

function isRecorded({ probe, after, record }: Trial): boolean {
  if (record.kind === "entries") {
    const { entries } = record;
    const bounded = probe.bound === undefined || entries.some(probe.bound);
    return bounded && entries.some((entry) => probe.entry?.(entry, after.rig) === true);
  }
  const name = probe.named?.(after.rig);
  return (
    name !== undefined &&
    record.text.split("\n").some((line) => line.includes(name) && /den[iy]|block|refus|violat/i.test(line))
  );
}

/** It came, and was put away by itself: counts for a new control file alone, and only where the record has it. */
function sweptAfter(trial: Trial, landed: string): Outcome | undefined {
  const { stays, changes } = trial.after;
  if (trial.probe.sweepable !== true) return undefined;
  const gone = stays.filter((stay): stay is Stay & { milliseconds: number } => stay.milliseconds !== undefined);
  const left = changes.some(({ path, what }) => what !== "gone" && stays.some((stay) => path === `work/${stay.path}`));
  if (gone.length === 0 || gone.length !== stays.length || left || !isRecorded(trial)) return undefined;
  return {
    kind: "landed+swept",
    seconds: Math.max(...gone.map(({ milliseconds }) => milliseconds)) / 1000,
    why: landed,
  };
}
