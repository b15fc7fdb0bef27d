// The judge of git over ssh: which server, which repository, fetch or push, and the policy → whether, and with what ssh may be
// started. Pure. A server nobody granted is refused in every mode: reaching it takes the person's own key.

import type { SshRequest, SshVerdict } from "../domain/git-desk.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { matchesPath } from "../policy/glob.ts";
import { coversHost } from "../policy/host-pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { ambiguity } from "./request-path.ts";

export function judgeSsh({ mode, network }: Pick<Policy, "mode" | "network">, request: SshRequest): SshVerdict {
  const { host, service, operation } = request;
  const near = network.filter((grant) => grant.protocol === "ssh" && coversHost(grant.host, host));
  const path = pathOf(request);
  const twofold = ambiguity(path);
  if (near[0] === undefined) return refused(`no grant of protocol ssh covers ${host}`);
  if (twofold !== undefined) return refused(`the repository's path is ambiguous: it ${twofold}`);
  const grant = near.find((one) => fits(one, request, path));
  if (grant === undefined) return refused(`${near[0].id} covers the host, but not this user, port or repository`);
  const { id, push = "ask", purpose, why } = grant;
  const sends = service === "git-receive-pack" || operation === "upload";
  if (sends && push === "refuse" && mode === "enforce") return { ...refused("pushes are refused"), rule: id, purpose };
  const order = orderFor(grant, request);
  const allowed = { kind: "allow", rule: id, reason: why ?? "granted", purpose, order } as const;
  return { ...allowed, push: push === "ask" && mode === "enforce" ? "ask" : "allow" };
}

/** Repositories are matched as paths from the root, also those a server finds in its user's home. */
function pathOf({ repository }: SshRequest): string {
  return repository.startsWith("/") ? repository : `/${repository}`;
}

function fits(grant: NetworkGrant, { user, port }: SshRequest, path: string): boolean {
  const userFits = user === undefined || user === grant.ssh?.user;
  const portFits = port === undefined || grant.ports.includes(port);
  return userFits && portFits && (grant.paths === undefined || grant.paths.some((glob) => matchesPath(glob, path)));
}

/** Host and user are the policy's own words, never the request's. */
function orderFor(
  grant: NetworkGrant,
  { port, service, operation, repository, version, host }: SshRequest,
): SshVerdict["order"] {
  const name = grant.host.kind === "exact" ? grant.host.name : host;
  const { user = "git", key } = grant.ssh ?? {};
  return {
    host: name,
    port: port ?? grant.ports[0] ?? 22,
    user,
    key,
    service,
    repository,
    version,
    ...(operation && { operation }),
  };
}

function refused(reason: string): SshVerdict {
  return { kind: "refuse", rule: "default", reason, purpose: "other", push: "ask", order: undefined };
}
