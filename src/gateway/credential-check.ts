// Credentials that cannot be put into a request are refused before there is one.

import { Fault } from "../domain/fault.ts";
import type { Credential } from "../domain/reach.ts";

/** A value that cannot stand in a header could end it and begin another. Throws a Fault `credential`. */
export function checkCredentials(credentials: readonly Credential[]): void {
  for (const { id, secret, placeholder } of credentials) {
    if ([secret.reveal(), placeholder].every((value) => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)))
      continue;
    throw new Fault({
      code: "credential",
      message: `the credential ${id} cannot stand in a header`,
      hint: "see that it is one line of printable ASCII without blanks at its ends",
    });
  }
}
