// What the tool is told when something does not go through: generic, in the shape its vendor's client understands.

import type { Host } from "./brand.ts";
import type { RequestHead } from "./exchange.ts";

export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Refused {
  /** HTTP status the refusal shall have. */
  readonly status: number;
  readonly host: Host;
  readonly head: RequestHead;
  /** Generic; never the rule, a finding or an address. */
  readonly text: string;
}

/** Pure. */
export type RefusalFor = (refused: Refused) => Refusal;
