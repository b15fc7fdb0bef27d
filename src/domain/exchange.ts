// One exchange on the wire, as the judge is told of it.

import type { Host } from "./brand.ts";

export interface Address {
  /** IPv4 dotted quad or IPv6 in RFC 5952 form. */
  readonly ip: string;
  readonly port: number;
}

/** The process behind a connection; `gone` where it ended before it could be asked. */
export type Attribution =
  | {
      readonly kind: "process";
      /** As seen on the host. */
      readonly pid: number;
      /** As seen inside. */
      readonly insidePid: number;
      readonly executable: string;
      /** Attacker-controlled, bounded. */
      readonly arguments: readonly string[];
    }
  | { readonly kind: "gone" };

export type Scheme = "https" | "http" | "tcp";

/** Where bytes would go. */
export interface Destination {
  readonly scheme: Scheme;
  readonly host: Host;
  readonly port: number;
}

/** The head of a request, as it stands on the wire. Attacker-controlled throughout. */
export interface RequestHead {
  readonly method: string;
  /** Origin form: path and query. */
  readonly target: string;
  /** Name and value alternating, order and case as received. */
  readonly headers: readonly string[];
}
