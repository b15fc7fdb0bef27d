// What the gateway is given to ask. It judges nothing itself.

import type { Host } from "./brand.ts";
import type { Decide } from "./disclosure.ts";
import type { Verdict } from "./verdict.ts";

export interface Judge {
  /**
   * Does any grant cover this name or address, on this port where one is known? Asked for every question for a name
   * (port undefined) and every connection, before anything is resolved or dialled. `allow` with a grant of protocol
   * `tcp` means: carry opaque, recorded.
   */
  readonly reach: (host: Host, port: number | undefined) => Verdict;
  /** One request, head and body read. */
  readonly decide: Decide;
}
