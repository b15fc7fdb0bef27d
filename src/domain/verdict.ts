// The judge's answer.

import type { NetworkGrant, Purpose } from "./reach.ts";

export type VerdictKind = "allow" | "redact" | "ask" | "reroute" | "refuse";

export interface Verdict {
  readonly kind: VerdictKind;
  /** Rule or grant that decided, `default` where none did: `user:network.allow[2]`. Never holds a host or path. */
  readonly rule: string;
  /** For the person and the sealed record: lower case, no full stop. */
  readonly reason: string;
  readonly purpose: Purpose;
  /** The grant whose upstream is dialled; set when something may leave. */
  readonly grant: NetworkGrant | undefined;
}
