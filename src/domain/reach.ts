// What a tool can touch: permitted pieces of network, and credentials bound to one place.

import type { Host } from "./brand.ts";
import type { Secret } from "./secret.ts";

/**
 * Why a host is in a policy or profile; printed beside it, entered as `purpose`. `published`: no host, but a port of the
 * inside that somebody outside came to.
 */
export type Purpose = "inference" | "login" | "telemetry" | "flags" | "update" | "registry" | "published" | "other";

/** Dial this instead of the name. */
export interface Upstream {
  /** `host:port` or `[v6]:port`. */
  readonly address: string;
  /** PEM of the authorities trusted for it, instead of the system's. */
  readonly ca: string | undefined;
}

/** One permitted piece of network reach. */
export interface NetworkGrant {
  /** Where it stands, for record and explanation: `user:network.allow[2]`. Never holds a host. */
  readonly id: string;
  /** Exact, or a suffix (`*.example.org` is kept as `.example.org`). */
  readonly host: { readonly kind: "exact"; readonly name: Host } | { readonly kind: "suffix"; readonly suffix: string };
  /** Permitted ports; the policy's default is 443 and 80. */
  readonly ports: readonly number[];
  /** `http`: opened and judged. `tcp`: recorded as opaque. `ssh`: git's fetches and pushes alone, with the person's own ssh. */
  readonly protocol: "http" | "tcp" | "ssh";
  /** For `ssh`: as whom, and with which key's file; the person's own configuration where none is named. */
  readonly ssh?: { readonly user: string; readonly key: string | undefined } | undefined;
  /** Upper case; undefined: every method. */
  readonly methods: readonly string[] | undefined;
  /** Globs (`*` within a segment, `**` across); undefined: every path. */
  readonly paths: readonly string[] | undefined;
  readonly upstream: Upstream | undefined;
  /** What of git's pushes; undefined: they are requests like any other, and over ssh asked about. */
  readonly push?: "allow" | "ask" | "refuse" | undefined;
  /** Bytes that one of git's pushes over http may have, where it is not the usual. */
  readonly pushLimit?: number | undefined;
  /** The package manager whose registry this is, by its own configuration: `npm`. */
  readonly registry?: string | undefined;
  readonly purpose: Purpose;
  readonly why: string | undefined;
}

/** A real credential and the one place where it may be put in. */
export interface Credential {
  /** Its key in the policy. */
  readonly id: string;
  readonly secret: Secret;
  /** What the tool holds instead; worthless anywhere. */
  readonly placeholder: string;
  /** The environment variable inside that carries the placeholder. */
  readonly variable: string | undefined;
  readonly to: {
    readonly host: Host;
    /** Lower case. */
    readonly header: string;
    /** Globs; undefined: every path the network grants allow. */
    readonly paths: readonly string[] | undefined;
    /** It stands in Basic authentication as the password; with this name, else the one the tool gave. */
    readonly basic?: { readonly user: string | undefined } | undefined;
    /** The package manager at whose registry it is at home, where it is one. */
    readonly registry?: string | undefined;
  };
}
