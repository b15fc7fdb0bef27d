// The host's own ssh, started for one fetch or push of git's (ssh(1)), or its ssh-keygen for a signature: with the person's
// configuration, known hosts and keys, which stay out here. Host, port and user are the policy's words; only the repository is the tool's, in quotes.

import type { SshOrder, Started } from "../domain/git-desk.ts";
import { type Caller, commandEnvironment } from "./credential.ts";
import { limits } from "./limits.ts";
import { startNothing, startTethered } from "./tether.ts";

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

export function sshWords({ host, port, user, key, service, repository, version }: SshOrder): readonly string[] {
  return [
    ...fixed.flatMap((option) => ["-o", option]),
    ...(version === undefined ? [] : ["-o", "SendEnv=GIT_PROTOCOL"]),
    ...(key === undefined ? [] : ["-i", key, "-o", "IdentitiesOnly=yes"]),
    ...["-l", user, "-p", String(port)],
    "--",
    host,
    `${service} '${repository}'`,
  ];
}

export function startSsh(order: SshOrder, context: Caller): Started {
  const environment = { ...commandEnvironment(context) };
  if (order.version !== undefined) environment["GIT_PROTOCOL"] = order.version;
  return start(["ssh", ...sshWords(order)], environment);
}

/** ssh-keygen(1): the key's file, or its public part where an agent has the rest. For git and nothing else, whatever was asked. */
export function startSigning(key: string, context: Caller): Started {
  return start(["ssh-keygen", "-Y", "sign", "-n", "git", "-f", key], commandEnvironment(context));
}

/** Of this process, which is one session's. */
let running = 0;

/** A tool could ask for as many as the gate takes connections, each a process of the person's. */
function tooMany(): Started {
  const complaint = (): string => `${limits.programs} programs for git run already: try again when one has ended`;
  return { ...startNothing(), complaint, ended: Promise.resolve(255) };
}

/** Apart from the checkout, where what the person's configuration names could be a tool's file. A proxy it started ends with it. */
function start(words: readonly string[], environment: Readonly<Record<string, string>>): Started {
  if (running >= limits.programs) return tooMany();
  running += 1;
  const program = startTethered(words, { directory: "/", environment });
  let complaint = "";
  program.complaint.on("data", (chunk: Buffer) => {
    if (complaint.length < limits.complaint) complaint += chunk.toString("utf8");
  });
  const ended = program.ended.then((end) => {
    running -= 1;
    if (end.kind === "absent") complaint ||= `${words[0]} cannot be started on this machine`;
    return end.kind === "ended" ? end.code : 255;
  });
  return {
    input: program.input,
    output: program.output,
    complaint: () => complaint.slice(0, limits.complaint).replace(/[^\P{Cc}\n]/gu, " "),
    ended,
    kill: program.kill,
  };
}
