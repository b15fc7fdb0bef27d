// The host's own ssh, started for one fetch or push of git's (ssh(1)), or its ssh-keygen for a signature: with the person's
// configuration, known hosts and keys, which stay out here. Host, port and user are the policy's words; only the repository is the tool's, in quotes.

import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import type { SshOrder, Started } from "../domain/git-desk.ts";
import { type Caller, commandEnvironment } from "./credential.ts";
import { limits } from "./limits.ts";

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
  const input = new PassThrough().resume();
  const output = new PassThrough();
  output.end();
  const complaint = (): string => `${limits.programs} programs for git run already: try again when one has ended`;
  return { input, output, complaint, ended: Promise.resolve(255), kill: () => undefined };
}

/** Apart from the checkout, where what the person's configuration names could be a tool's file. Leads a process group of its own, so that a proxy it started ends with it; and has no terminal to ask on. */
function start([program = "", ...words]: readonly string[], environment: Readonly<Record<string, string>>): Started {
  if (running >= limits.programs) return tooMany();
  running += 1;
  const child = spawn(program, words, { cwd: "/", env: environment, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  void ended.then(() => {
    running -= 1;
  });
  let complaint = "";
  let over = false;
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < limits.complaint) complaint += chunk.toString("utf8");
  });
  child.on("error", () => {
    complaint ||= `${program} cannot be started on this machine`;
    resolve(255);
  });
  // from here on its number may be another's
  child.on("exit", () => {
    over = true;
  });
  child.on("close", (code) => resolve(code ?? 255));
  // whoever writes learns of it by the program's end
  child.stdin.on("error", () => undefined);
  return {
    input: child.stdin,
    output: child.stdout,
    complaint: () => complaint.slice(0, limits.complaint).replace(/[^\P{Cc}\n]/gu, " "),
    ended,
    kill: () => {
      try {
        if (child.pid !== undefined && !over) process.kill(-child.pid, "SIGKILL");
      } catch {
        // gone already
      }
    },
  };
}
