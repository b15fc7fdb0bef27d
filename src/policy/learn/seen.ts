// What a session's record says that it did, as far as a policy decides about it. Whoever reads the record makes these; hosts,
// paths and programs in them are attacker-controlled: they come from the tool inside.

import type { Host } from "../../domain/brand.ts";
import type { Purpose } from "../../domain/reach.ts";
import type { RegistryClient } from "../registry.ts";

/** Where it stands in the record, and how much left. */
export interface Evidence {
  readonly session: string;
  /** The entry's number. */
  readonly index: number;
  readonly bytes: number;
  /** Undefined where the process was gone. */
  readonly executable: string | undefined;
}

/**
 * `granted`: by a rule of the policy there was. `audit`: passed on for want of a grant alone. `wanted`: refused for want of one.
 * `stray`: passed on in audit, and no grant could have let it pass. `barred`: refused in every mode.
 */
export type Fate = "granted" | "audit" | "wanted" | "stray" | "barred";

/** Written as in a policy. */
export interface SeenUpstream {
  readonly address: string;
  readonly ca?: string | undefined;
}

export interface SeenRequest extends Evidence {
  readonly kind: "request";
  readonly fate: Fate;
  readonly host: Host;
  readonly port: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly purpose: Purpose;
  /** Paths of the person's own grant that let it pass: what is learned of it leads no further. */
  readonly within: readonly string[] | undefined;
  /** Names of credentials that were put in. */
  readonly credentials: readonly string[];
  /** git's push. */
  readonly push: boolean;
  /** A client fetched at a place where it is configured to. */
  readonly registry: RegistryClient | undefined;
  readonly upstream: SeenUpstream | undefined;
  readonly reason: string;
}

export interface SeenConnection extends Evidence {
  /** `service`: one the policy named. `opaque`: carried unopened. */
  readonly kind: "opaque" | "service";
  readonly fate: Fate;
  readonly host: Host;
  readonly port: number;
  readonly reason: string;
}

export interface SeenSsh extends Evidence {
  readonly kind: "ssh";
  readonly fate: Fate;
  readonly host: Host;
  readonly port: number;
  readonly user: string;
  /** The repository, from the root. */
  readonly path: string;
  readonly push: boolean;
  readonly key: string | undefined;
  readonly reason: string;
}

export interface SeenPort extends Evidence {
  readonly kind: "published";
  readonly port: number;
}

/** A name that was asked for and refused. */
export interface SeenName extends Evidence {
  readonly kind: "name";
  readonly name: string;
}

export interface SeenFile extends Evidence {
  readonly kind: "control-file";
  readonly path: string;
}

/** A commit or tag of git's was signed outside. */
export interface SeenSigning extends Evidence {
  readonly kind: "signed";
}

export type Seen = SeenRequest | SeenConnection | SeenSsh | SeenPort | SeenName | SeenFile | SeenSigning;
