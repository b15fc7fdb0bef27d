// What a server hands out to be asked with, for large files of git's (git-lfs's docs/api/batch.md): a header's value for one object, which
// is kept outside. The tool gets a placeholder for it.

import type { Host } from "./brand.ts";
import type { Credential } from "./reach.ts";

export interface Handed {
  readonly host: Host;
  /** Where it is to be put in, and nowhere else; a glob where it ends with `**`. */
  readonly path: string;
  /** Lower case. */
  readonly header: string;
  /** Server-controlled; printable. */
  readonly value: string;
  /** It is to fetch with alone. */
  readonly fetches: boolean;
}

/** A request that something kept would be put into. Attacker-controlled. */
export interface PassUse {
  readonly used: readonly Credential[];
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  /** Undefined where it is too long for memory. */
  readonly body: Buffer | undefined;
}

/** Keeps it → the value that the tool gets in its place; undefined where it cannot be kept. */
export type KeepPass = (handed: Handed) => string | undefined;

export interface Passes {
  /** By which the credentials it keeps are called. */
  readonly id: string;
  /** By its head: is it a request whose answer hands such things out? Attacker-controlled. */
  readonly isAsked: (request: { readonly method: string; readonly path: string }) => boolean;
  /** A whole answer of this host → what the tool may have of it, or why it may not. Server-controlled. */
  readonly take: (body: Buffer, from: Host) => Buffer | string;
  /** Why it may not be put in there: what is to fetch with sends nothing. */
  readonly objection: (use: PassUse) => string | undefined;
}
