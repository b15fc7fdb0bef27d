// The part of an exchange by which content would leave, with what was found in it: what the judge judges.

import type { Destination } from "./exchange.ts";
import type { Finding } from "./finding.ts";
import type { Inspection } from "./inspection.ts";
import type { PushRead } from "./push.ts";
import type { Verdict } from "./verdict.ts";

export interface Disclosure {
  readonly destination: Destination;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly findings: readonly Finding[];
  /** Set where its content was looked into. */
  readonly inspection?: Inspection | undefined;
  /** Set where the request could not be read whole: unknown encoding, bomb, ambiguous framing. */
  readonly unreadable: string | undefined;
  /** Set where it is a push of git's. */
  readonly push?: PushRead | undefined;
}

/** A disclosure and the policy → a verdict with the rule and its reason; pure. */
export type Decide = (disclosure: Disclosure) => Verdict;
