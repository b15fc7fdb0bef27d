// One session, told as data: what `--summary F` writes and what the last word is drawn from. Its shape is
// `docs/spec/summary.md`.

import type { Reached } from "../domain/bound.ts";
import type { Digest, SessionId } from "../domain/brand.ts";
import type { Edits, Grade, Lack, Missing, Mode } from "../domain/session.ts";
import type { VerdictKind } from "../domain/verdict.ts";
import type { Disclosed, Found, Histories } from "./disclosed.ts";
import type { RefusedFor } from "./refused-for.ts";

export interface HostTraffic {
  readonly host: string;
  readonly requests: number;
  /** Requests and opaque connections that a verdict let go. */
  readonly allowed: number;
  /** Of the allowed, those for which no connection came about: nothing of them left. */
  readonly unreached: number;
  readonly refused: number;
  /** Bytes of requests that left, heads and bodies. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** What came from this machine to a published port and reached a server inside. */
export interface PublishedTraffic {
  readonly port: number;
  readonly connections: number;
  /** Bytes that left the inside, and that came in. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface FileChange {
  /** From the workspace's root. Attacker-controlled. */
  readonly path: string;
  readonly change: string;
}

export interface HeldFile {
  readonly path: string;
  /** `held`: was there, could not be written. `quarantined`: new or changed, moved away at the end. */
  readonly state: "held" | "quarantined";
  /** Whose control file it is. */
  readonly whose: string;
  /** Where a quarantined one lies now, absolute. */
  readonly kept?: string;
}

/** A private copy, as a person may open it. */
export interface StagedTree {
  readonly workspace: string;
  /** On the host. */
  readonly tree: string;
}

export interface Summary {
  readonly version: 1;
  readonly session: SessionId;
  readonly grade: Grade;
  /** Why the grade is not `full`; empty where it is. */
  readonly missing: readonly Missing[];
  readonly lacks: readonly Lack[];
  /** What everything inside together used up of what it may have. */
  readonly bounds: readonly Reached[];
  readonly workspace: string;
  readonly tool: {
    readonly name: string;
    readonly version: string | null;
    readonly path: string;
    readonly sha256: Digest;
  };
  readonly mode: Mode;
  readonly edits: Edits;
  readonly policy: {
    readonly sha256: Digest;
    readonly layers: readonly { readonly kind: string; readonly path: string | null; readonly sha256: string }[];
  };
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly ended: string;
  readonly exit: { readonly code: number; readonly by: "tool" | "postern"; readonly reason: string };
  readonly network: {
    readonly requests: number;
    readonly refused: number;
    readonly bytesOut: number;
    readonly bytesIn: number;
    readonly connections: number;
    /** Of `refused`: connections that were no request, and destinations of datagrams. */
    readonly connectionsRefused: number;
    /** Names asked for that no grant covers. Attacker-controlled. */
    readonly namesRefused: readonly string[];
    /** Hosts of refused requests, by the purpose that the tool's profile gives them; `other` where it knows none. */
    readonly refusedFor: readonly RefusedFor[];
    /** Attempts that could only be counted. */
    readonly overflow: number;
    readonly hosts: readonly HostTraffic[];
    readonly published: readonly PublishedTraffic[];
    /** Ports that something inside listened on, of those a person could have meant, and nobody published. */
    readonly unpublished: readonly number[];
  };
  readonly commands: {
    /** Programs that began inside. */
    readonly run: number;
    /** Attempts that did not begin. */
    readonly refused: number;
    /** Questions left for a person, and those nobody answered. */
    readonly asked: number;
    readonly unanswered: number;
    /** Attacker-controlled. */
    readonly firstRefused: string | null;
  };
  readonly files: {
    readonly changed: readonly FileChange[];
    readonly held: readonly HeldFile[];
    /** Attempts inside at what is held, each kind once, and the first of them. Attacker-controlled. */
    readonly attempts: number;
    readonly firstAttempt: string | null;
    /** How many files and directories were hidden, and how many files masked. */
    readonly hidden: number;
    readonly masked: number;
    readonly undo: boolean;
    /** Where the changes lie, when they have not been made in the checkout; empty with live edits. */
    readonly staged: readonly StagedTree[];
  };
  readonly disclosures: Disclosed;
  readonly findings: Found;
  readonly transcript: Histories;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  readonly ledger: {
    readonly entries: number;
    readonly size: number;
    readonly root: string;
    /** The signed head: keep it elsewhere, and `postern verify --head` tells whether the record still continues it. */
    readonly checkpoint: string;
  };
}
