// The host's own programs that sign a commit or tag for git, with a key that stays out here: ssh-keygen(1), gpg(1), gpgsm(1). For git
// and nothing else, whatever was asked; the key is the policy's word. Its public part, for whoever looks at signatures inside.

import { Fault } from "../domain/fault.ts";
import type { SigningFormat, Started } from "../domain/git-desk.ts";
import { type Caller, commandEnvironment } from "./credential.ts";
import { limits } from "./limits.ts";
import { startProgram } from "./program.ts";
import { runCommand } from "./run.ts";

export interface SigningKey {
  readonly format: SigningFormat;
  /** ssh: the key's file, or its public part where an agent has the rest. Else a fingerprint or long id, hexadecimal. */
  readonly key: string;
}

const programs = { openpgp: "gpg", x509: "gpgsm" } as const;

/** Signs what is written to it. */
export function startSigning({ format, key }: SigningKey, caller: Caller): Started {
  if (format === "ssh")
    return startProgram(["ssh-keygen", "-Y", "sign", "-n", "git", "-f", key], commandEnvironment(caller));
  const words = ["--batch", "--no-tty", "--armor", "--detach-sign", "--local-user", `0x${key}`];
  return startProgram([programs[format], ...words], withoutTerminal(caller));
}

/** A passphrase asked for on the session's own terminal would be typed into the tool, in part: only a window may ask. */
function withoutTerminal(caller: Caller): Readonly<Record<string, string>> {
  const { GPG_TTY: _, ...rest } = commandEnvironment(caller);
  return rest;
}

/** gpg(1): what looks at signatures takes it as a keyring. */
export async function exportKey(key: string, caller: Caller): Promise<Buffer | Fault<"signing">> {
  const command = ["gpg", "--batch", "--no-tty", "--export", `0x${key}`];
  const bounds = { milliseconds: limits.commandMilliseconds, bytes: limits.publicKeyBytes };
  const done = await runCommand(command, { environment: withoutTerminal(caller), ...bounds });
  if (done.kind === "ended" && done.code === 0 && done.output.length > 0) return done.output;
  const why = done.kind === "ended" ? `knows no key ${key}` : done.why;
  const hint = `see which you have:  gpg --list-secret-keys --keyid-format long${done.complaint === "" ? "" : `; it said: ${done.complaint.slice(0, limits.complaint)}`}`;
  return new Fault({ code: "signing", message: `gpg ${why}`, hint });
}
