// What acceptance is bound to: SHA-256 over what an item would do, in one fixed order of fields.

import { createHash } from "node:crypto";

export interface Bound {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

export function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
