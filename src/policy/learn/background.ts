// What a learned policy needs to know beside what was seen: whose sessions, and the person's own words under which they ran, as
// far as these are still the same. None of it comes from the tool.

import type { CredentialEntry, PolicyFile } from "../schema/file.ts";

export interface LearnedSession {
  readonly id: string;
  readonly mode: string;
  /** ISO 8601. */
  readonly started: string;
  readonly entries: number;
  /** Of these, what can no longer be read. */
  readonly unreadable: number;
  readonly ended: boolean;
}

export interface Background {
  /** The profile's name, or the command's: attacker-controlled where it is no profile's. */
  readonly tool: string;
  readonly recognised: boolean;
  readonly sessions: readonly LearnedSession[];
  /** The person's own layer, with paths that hold from anywhere; undefined where there was none, or it is not what it was. */
  readonly own: { readonly file: string; readonly value: PolicyFile } | undefined;
  /** Why it is not known. */
  readonly lost: string | undefined;
  /** A declaration by its key: the person's own, else the profile's. */
  readonly credential: (id: string) => CredentialEntry | undefined;
}
