// The policy's credentials → real values in our hands and placeholders for the tool. A profile's default that has nothing
// to give is left out; one the person declared must be there.

import { Fault } from "../domain/fault.ts";
import type { Credential } from "../domain/reach.ts";
import { readCredential } from "../outbound/credential.ts";
import type { Policy } from "../policy/policy.ts";
import type { RunRequest } from "./request.ts";

export async function gatherCredentials(
  policy: Policy,
  request: RunRequest,
  placeholderFor: (credential: string, shape: string) => string,
): Promise<readonly Credential[] | Fault> {
  const gathered: Credential[] = [];
  for (const grant of policy.credentials) {
    const secret = await readCredential(grant.from, {
      environment: request.environment,
      home: request.person.home,
      writable: policy.files.write,
      warn: (text) => request.tell({ kind: "warning", text }),
    });
    if (secret instanceof Fault) {
      if (grant.optional && secret.code === "credential-absent") continue;
      return secret;
    }
    gathered.push({
      id: grant.id,
      secret,
      placeholder: placeholderFor(grant.id, grant.shape),
      variable: grant.as,
      to: grant.to,
    });
  }
  return gathered;
}
