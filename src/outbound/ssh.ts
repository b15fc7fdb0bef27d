// The host's own ssh, started for one fetch or push of git's (ssh(1)): with the person's configuration, known hosts and keys,
// which stay out here. Host, port and user are the policy's words; only the repository is the tool's, in quotes.

import type { SshOrder, Started } from "../domain/git-desk.ts";
import { type Caller, commandEnvironment } from "./credential.ts";
import { startProgram } from "./program.ts";

/** What stands on the command line counts before any file of configuration. */
const fixed: readonly string[] = [
  "BatchMode=yes",
  // an unknown server's key is the person's to accept, and nothing here writes into their known_hosts
  "StrictHostKeyChecking=yes",
  "UpdateHostKeys=no",
  "ForwardAgent=no",
  "ForwardX11=no",
  "ClearAllForwardings=yes",
  "Tunnel=no",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
  "RequestTTY=no",
  "EscapeChar=none",
  "ForkAfterAuthentication=no",
  "StdinNull=no",
  // a shared connection would outlive the session, and carry what nobody looks at
  "ControlMaster=no",
  "ControlPath=none",
  "LogLevel=ERROR",
];

export function sshWords({
  host,
  port,
  user,
  key,
  service,
  operation,
  repository,
  version,
}: SshOrder): readonly string[] {
  return [
    ...fixed.flatMap((option) => ["-o", option]),
    ...(version === undefined ? [] : ["-o", "SendEnv=GIT_PROTOCOL"]),
    ...(key === undefined ? [] : ["-i", key, "-o", "IdentitiesOnly=yes"]),
    ...["-l", user, "-p", String(port)],
    "--",
    host,
    `${service} '${repository}'${operation === undefined ? "" : ` ${operation}`}`,
  ];
}

export function startSsh(order: SshOrder, context: Caller): Started {
  const environment = { ...commandEnvironment(context) };
  if (order.version !== undefined) environment["GIT_PROTOCOL"] = order.version;
  return startProgram(["ssh", ...sshWords(order)], environment);
}
