// `postern why ssh://git@host/team/one.git`, or `git@host:team/one.git`: the judge of git over ssh, asked about a fetch and a push.

import { type Host, parseHost } from "../domain/brand.ts";
import type { SshRequest } from "../domain/git-desk.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Policy } from "../policy/policy.ts";
import { judgeSsh } from "./ssh.ts";

export interface SshExplained {
  readonly verdict: Verdict;
  readonly host: Host;
  readonly yaml: string;
}

/** Undefined where the text is no remote over ssh. */
export function explainSsh(policy: Policy, text: string): SshExplained | undefined {
  const request = parseRemote(text);
  if (request === undefined) return undefined;
  const { host, port, user, repository } = request;
  const fetch = judgeSsh(policy, request);
  const push = judgeSsh(policy, { ...request, service: "git-receive-pack" });
  const pushes = push.kind === "refuse" ? "refused" : push.push === "ask" ? "asked about" : "allowed";
  const grant = policy.network.find(({ id }) => id === fetch.rule);
  const reason = fetch.kind === "allow" ? `${fetch.reason}: a fetch; a push is ${pushes}` : fetch.reason;
  const { rule, purpose, kind } = fetch;
  const more = `${port === undefined || port === 22 ? "" : `, ports: [${port}]`}${user === undefined || user === "git" ? "" : `, user: ${user}`}`;
  const path = JSON.stringify(repository.startsWith("/") ? repository : `/${repository}`);
  const yaml = `network:\n  allow:\n    - { host: "${host}", protocol: ssh${more}, paths: [${path}] }`;
  return { verdict: { kind, rule, reason, purpose, grant }, host, yaml };
}

/** As git-clone(1) writes them; what a bare `host:path` would mean is left to hosts and ports. */
function parseRemote(text: string): SshRequest | undefined {
  const url = /^ssh:\/\/(?:([^@/\s]+)@)?([^:/\s]+)(?::(\d{1,5}))?(\/\S+)$/.exec(text);
  const short = /^([^@/:\s]+)@([^:/\s]+):()(\S+)$/.exec(text);
  const [, user, name = "", port, repository = ""] = url ?? short ?? [];
  const host = parseHost(name);
  if (host === undefined || repository === "") return undefined;
  const number = port === undefined || port === "" ? undefined : Number(port);
  // git takes the first slash of /~/ off
  const asked = repository.replace(/^\/~/, "~");
  return { host, user, port: number, service: "git-upload-pack", repository: asked, version: undefined };
}
