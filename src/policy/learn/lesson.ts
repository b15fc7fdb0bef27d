// What a policy learned from sessions will say, before it is text: grants with their evidence, proposals that a person has to
// take over by hand, and what is told and never granted.

import type { Purpose } from "../../domain/reach.ts";
import type { RegistryClient } from "../registry.ts";
import type { SeenUpstream } from "./seen.ts";
import type { Suspicion } from "./suspicion.ts";
import type { Told } from "./tally.ts";

export interface Line {
  /** A glob, checked. */
  readonly pattern: string;
  readonly told: Told;
}

interface Common {
  readonly told: Told;
  /** Set where it is no grant: why a person has to say so. */
  readonly proposed: Suspicion["looksLike"] | "refused" | undefined;
  /** Of a grant, or a proposal: what it looks like. */
  readonly suspicion: Suspicion | undefined;
}

export interface HttpEntry extends Common {
  readonly kind: "http";
  readonly host: string;
  readonly port: number;
  readonly methods: readonly string[];
  readonly lines: readonly Line[];
  readonly push: boolean;
  readonly upstream: SeenUpstream | undefined;
  readonly purpose: Purpose;
}

export interface RegistryEntry extends Common {
  readonly kind: "registry";
  readonly client: RegistryClient;
  readonly methods: readonly string[];
  readonly hosts: readonly string[];
  readonly upstream: SeenUpstream | undefined;
}

export interface SshEntry extends Common {
  readonly kind: "ssh";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly key: string | undefined;
  readonly lines: readonly Line[];
  readonly push: boolean;
}

export interface TcpEntry extends Common {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
}

export type Entry = HttpEntry | RegistryEntry | SshEntry | TcpEntry;

export interface CredentialUse {
  /** Its key in the policy there was. */
  readonly id: string;
  readonly told: Told;
  /** Where it was put in: patterns of granted lines, by host. */
  readonly places: ReadonlyMap<string, readonly string[]>;
}

export interface Listed {
  /** Attacker-controlled. */
  readonly what: string;
  /** Attacker-controlled in part. */
  readonly reason: string;
  readonly told: Told;
}

/** At most so many of them, and how many more there were. */
export interface List {
  readonly lines: readonly Listed[];
  /** Occasions, not kinds of them. */
  readonly more: number;
}

export interface Lesson {
  readonly grants: readonly Entry[];
  readonly proposals: readonly Entry[];
  readonly services: readonly { readonly address: string; readonly told: Told }[];
  readonly publish: readonly { readonly port: number; readonly told: Told }[];
  readonly credentials: readonly CredentialUse[];
  readonly signed: Told | undefined;
  /** Refused in every mode, or beyond what a grant can say. */
  readonly refused: List;
  readonly names: List;
  readonly controlFiles: List;
  /** Requests that explain no line, because there were more hosts or paths than a policy is made of. */
  readonly beyond: number;
}
