// The policy's credentials → real values in our hands and placeholders for the tool. A profile's default that has nothing
// to give is left out; one the person declared must be there.

import { Fault } from "../domain/fault.ts";
import type { Credential } from "../domain/reach.ts";
import type { Secret } from "../domain/secret.ts";
import { registrySecret } from "../inventory/registries/find.ts";
import { checkCredential, readCredential } from "../outbound/credential.ts";
import type { CredentialGrant, Policy } from "../policy/policy.ts";
import type { RunRequest } from "./request.ts";
import { showing } from "./seclusion.ts";

export async function gatherCredentials(
  policy: Policy,
  { request, workspace }: { readonly request: RunRequest; readonly workspace: string },
  placeholderFor: (credential: string, shape: string) => string,
): Promise<readonly Credential[] | Fault> {
  const gathered: Credential[] = [];
  for (const grant of policy.credentials) {
    const secret = await secretOf(grant, { policy, request, workspace });
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

async function secretOf(
  { from, rule }: CredentialGrant,
  { policy, request, workspace }: { policy: Policy; request: RunRequest; workspace: string },
): Promise<Secret | Fault> {
  const { environment, person } = request;
  if (!("registry" in from))
    return readCredential(from, {
      environment,
      home: person.home,
      writable: policy.files.write,
      warn: (text) => request.tell({ kind: "warning", text }),
    });
  const { read, write: writable } = policy.files;
  const caller = { home: person.home, workspace, variables: environment, writable };
  const found = await registrySecret(caller, from.registry, from.at);
  if (found instanceof Fault) return found;
  for (const file of found?.files ?? []) {
    const tree = showing(file, [workspace, ...writable, ...read]);
    if (tree !== undefined) return exposed(rule, file, tree);
  }
  return checkCredential(found?.secret.reveal(), `${from.registry}'s own configuration`);
}

function exposed(rule: string, file: string, tree: string): Fault {
  const message = `${rule}: ${tree} would be shown inside, and with it the credential in ${file}`;
  return new Fault({ code: "credential-exposed", message, hint: "take it out of files, or take the credential out" });
}
