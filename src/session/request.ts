// What a person asked for when they typed `postern run`, and what became of it.

import type { Ground } from "../boundary/contract.ts";
import type { Edits, Mode } from "../domain/session.ts";
import type { Prepared } from "./prepare.ts";
import type { Summary } from "./summary.ts";

export interface Person {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly host: string;
}

export interface RunRequest {
  readonly command: readonly string[];
  /** The caller's working directory, absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly person: Person;
  /** `--policy F`, absolute. */
  readonly policy: string | undefined;
  readonly mode: Mode | undefined;
  readonly edits: Edits | undefined;
  readonly headless: boolean;
  /** `--outer NAME`: a place of the policy's, in which the ground is. */
  readonly outer?: string | undefined;
  /** The file Node was told to run, as it was named. */
  readonly started?: string | undefined;
  /** Where the walls will stand. Closed by whoever broke it. */
  readonly ground: Ground;
  readonly now: Date;
  /** Told once the boundary stands and before the tool runs; and of everything worth a line meanwhile. */
  readonly tell: (notice: Notice) => void;
  /** Called with what passes a signal on, or ends the session; the caller's signals are the caller's. */
  readonly hold: (handle: SessionHandle) => void;
  /** Only of a session in which the walls are tried. */
  readonly trial?: Trial;
}

/** The session works in its directory in place of this checkout, under this checkout's policy. */
export interface Trial {
  /** Absolute. */
  readonly checkout: string;
  /** Where the checkout is seen in a place that somebody else built, in such a trial. */
  readonly inside?: string | undefined;
  /** Called when nothing can be refused any more and nothing is opened yet. */
  readonly prepared: (prepared: Prepared) => void;
}

export type Notice =
  | { readonly kind: "banner" | "warning"; readonly text: string; readonly hint?: string }
  /** Something of ours that failed: a Fault, or a defect, to be shown whole. */
  | { readonly kind: "failure"; readonly error: unknown }
  /** A command waits for a person's word; the words are attacker-controlled. */
  | { readonly kind: "question"; readonly id: string; readonly words: readonly string[] };

export interface SessionHandle {
  readonly signal: (name: NodeJS.Signals) => void;
  readonly end: (reason: string) => void;
}

export type RunOutcome =
  | { readonly kind: "ended"; readonly summary: Summary }
  /** Nothing ran. */
  | { readonly kind: "refused"; readonly code: 122 | 125 | 126 | 127; readonly text: string; readonly hint?: string };

export type Refusal = Extract<RunOutcome, { kind: "refused" }>;
