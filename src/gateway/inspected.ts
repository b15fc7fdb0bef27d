// For tests: what an inspector says of a request in which there is nothing to be found. Nothing here runs in a session.

import type { Inspection } from "../domain/inspection.ts";

/** `more`: what there is all the same. */
export const inspected = (more: Partial<Inspection> = {}): Inspection => ({
  protocol: "anthropic",
  operation: "messages",
  spans: 1,
  fresh: 1,
  counts: { secret: 0, personal: 0, covert: 0, closed: 0 },
  findings: [],
  drift: [],
  objections: [],
  redaction: undefined,
  refusals: [],
  sources: undefined,
  ...more,
});
