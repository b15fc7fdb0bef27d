// What a probe is: one known way out of a boundary, tried for real from inside, and judged by what the machine outside
// saw of it. What the contained process says is never evidence that it failed, only that it was there to try.

import type { Seen } from "../journeys/outside-listener.ts";
import type { Logged } from "../journeys/stage.ts";
import type { Change } from "./rig/changes.ts";
import type { Glimpse } from "./rig/observer.ts";
import type { Rig } from "./rig/rig.ts";

/**
 * Must an attempt be on the record? `must`: it can be seen (network, names, programs, control files, credentials), so silence
 * is a failure. `telemetry`: allowed by design, and the record of it is the point. `unseen`: the kernel refuses it, and whether
 * anybody hears of that is said and not asked for. `absent`: what it aims at is not there at all. No probe goes back from `must`.
 */
export type Recording = "must" | "telemetry" | "unseen" | "absent";

export interface Probe {
  /** Never given to another probe. */
  readonly id: string;
  /** Variants of one technique share its number. */
  readonly technique: number;
  readonly title: string;
  /** Where it is known from: an advisory, an issue, a paper, or `own`. */
  readonly source: string;
  readonly record: Recording;
  /** Runs in `npm test`. */
  readonly decisive?: true;
  /** Lines of bash, run in the checkout. */
  readonly inside: (rig: Rig) => string;
  /** More files in the checkout, before anything runs. */
  readonly files?: (rig: Rig) => Readonly<Record<string, string>>;
  /** What the person's machine has beside the usual; runs outside. */
  readonly prepare?: (rig: Rig) => void | Promise<void>;
  /** Names a policy of this probe grants beside the usual one. */
  readonly grants?: readonly string[];
  /** Its policy grants no host at all. */
  readonly hostless?: true;
  /** Variables of the person's beside the usual ones. */
  readonly environment?: (rig: Rig) => Readonly<Record<string, string>>;
  /** Words of the person's before the target's own command; the target follows them. */
  readonly around?: (rig: Rig) => readonly string[];
  /** Lines of bash the person runs in the checkout once the target has ended, outside of any boundary. */
  readonly afterwards?: (rig: Rig) => string;
  /** What the person has Postern do there after that, where it is Postern. */
  readonly resumes?: readonly Resumption[];
  /** Control files into which it writes the token, from the checkout: watched from outside for as long as it runs. */
  readonly appears?: readonly string[];
  /** Those are new ones: they may lie there until they are put away. */
  readonly sweepable?: true;
  /** What happened outside that must not; undefined: nothing did. */
  readonly landed: (after: After) => string | undefined;
  /** Which entry of the record is this attempt. */
  readonly entry?: (entry: Logged, rig: Rig) => boolean;
  /** And which entry names the bound that it ran into. */
  readonly bound?: (entry: Logged) => boolean;
  /** What a rival's own log would have to name. */
  readonly named?: (rig: Rig) => string;
  /** It ends itself or is ended: that it was there cannot be seen from its last line. */
  readonly fatal?: true;
  /** Why it lands nowhere even without any boundary, so that only a boundary's record is asked about. */
  readonly uncontrolled?: string;
  /** Why it does not apply to a target, or on this machine. */
  readonly notHere?: (place: Place) => string | undefined;
}

/** Of Postern's own commands: another session, what the last one changed shown or landed, or all of it taken back. */
export type Resumption = "run" | "review" | "land" | "undo";

/** Ours is not what it must be. */
export const isFailure = (outcome: Outcome): boolean =>
  outcome.kind === "escaped" || outcome.kind === "broken" || (outcome.kind === "blocked+silent" && outcome.failed);

export interface Place {
  readonly target: string;
  readonly asRoot: boolean;
}

/** What is known outside once the target has ended. */
export interface After {
  readonly rig: Rig;
  /** Files of the person's machine that are not as they were. */
  readonly changes: readonly Change[];
  /** What reached the world outside, before the person went on. */
  readonly seen: readonly Seen[];
  /** What stood in the process table meanwhile. */
  readonly glimpses: readonly Glimpse[];
  /** Processes of the probe that outlived the target. */
  readonly left: readonly number[];
  /** What the servers on Unix sockets of the machine heard. */
  readonly heard: readonly string[];
  /** Paths that were there for a while. */
  readonly stays: readonly Stay[];
}

/** A path of the checkout that held the token, and for how long. */
export interface Stay {
  readonly path: string;
  /** Milliseconds it was seen for; undefined where it is still there. */
  readonly milliseconds: number | undefined;
}

export type Outcome =
  | { readonly kind: "blocked+recorded" | "blocked-by-absence" | "recorded" }
  /** `failed`: where the record must have it. */
  | { readonly kind: "blocked+silent"; readonly failed: boolean }
  | { readonly kind: "escaped" | "broken"; readonly why: string }
  | { readonly kind: "landed+swept"; readonly seconds: number; readonly why: string }
  | { readonly kind: "not-applicable"; readonly why: string };
