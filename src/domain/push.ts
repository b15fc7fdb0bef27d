// A push of git's, as its client asks for it before it sends any content (gitprotocol-pack(5)): what a person is asked about.

import type { Host } from "./brand.ts";

/** One reference of the server's repository. */
export interface RefUpdate {
  /** Object names in hexadecimal; all zero where there is none. */
  readonly old: string;
  readonly new: string;
  /** Whole name, `refs/heads/main`. Attacker-controlled; a name git itself would accept. */
  readonly ref: string;
}

export interface Push {
  /** Empty: the server is asked to change nothing. */
  readonly updates: readonly RefUpdate[];
  /** `git push -o`: words to the server, some of which make it do things. Attacker-controlled. */
  readonly options: readonly string[];
}

/** A request that would be a push, read; or why nobody can say what it would do. */
export type PushRead =
  | { readonly kind: "push"; readonly repository: string; readonly push: Push }
  | { readonly kind: "unreadable"; readonly reason: string };

export interface PushRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: readonly string[];
  /** The body's beginning, at most `pushHead` bytes of it. */
  readonly head: Buffer;
}

/** Bytes at a push's beginning in which everything it asks for must stand. */
export const pushHead = 256 * 1024;

/** Undefined: no push. `head` is empty where only that is to be known. Pure. */
export type ReadPush = (request: PushRequest) => PushRead | undefined;

export interface PushPlace {
  readonly protocol: "https" | "http" | "ssh";
  readonly host: Host;
  readonly port: number;
  /** Over ssh, as whom: to many servers `team/one.git` of another user is another repository. Of the policy. */
  readonly user?: string;
  /** As the server is asked for it. Attacker-controlled. */
  readonly repository: string;
}

export interface Answer {
  readonly kind: "allow" | "ask" | "refuse";
  /** Lower case, no full stop. */
  readonly reason: string;
  readonly question?: string;
}

/** A push that a rule asks about → the answer there is by now. Nobody waits: `ask` means that somebody may say yes later. */
export type AskPush = (rule: string, place: PushPlace, push: Push) => Answer;

/** What a gate is given to know pushes by. */
export interface Pushes {
  readonly read: ReadPush;
  readonly ask: AskPush;
}
