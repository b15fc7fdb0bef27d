// What git inside is given where the policy lets it fetch and push over ssh, or sign: programs that stand in for ssh, ssh-keygen, gpg
// and gpgsm, and settings by which it starts them. Nothing of it is there where the policy says nothing of it; never a key.

import { fileURLToPath } from "node:url";
import type { Mount } from "../boundary/contract.ts";
import { deskAddress, type SigningFormat } from "../domain/git-desk.ts";
import type { Policy } from "../policy/policy.ts";
import type { Setting } from "./git-settings.ts";
import type { ShownKey } from "./signing-key.ts";

const folder = "/run/postern";
const ring = `${folder}/git-signing-key.gpg`;
const runtime = `${folder}/node`;
const extension = import.meta.url.endsWith(".ts") ? "ts" : "cjs";
const source = new URL(extension === "ts" ? "./git-stand-in.ts" : "./git-stand-in.cjs", import.meta.url);
const standIn = `${folder}/git-stand-in.${extension}`;

/** By format: git's setting, the program it stands for, and the words with which git asks for a signature. */
const signers: Readonly<
  Record<SigningFormat, { readonly setting: string; readonly program: string; readonly asked: string }>
> = {
  ssh: { setting: "gpg.ssh.program", program: "ssh-keygen", asked: "-Y sign" },
  openpgp: { setting: "gpg.program", program: "gpg", asked: "--status-fd=2 -bsau" },
  x509: { setting: "gpg.x509.program", program: "gpgsm", asked: "--status-fd=2 -bsau" },
};

type Told = Pick<Policy, "network">;

export function hasSsh({ network }: Told): boolean {
  return network.some(({ protocol }) => protocol === "ssh");
}

/** Our own runtime with it, and a name for each program by which git starts it: the tool's own Node may be any, or none. */
export function gitMounts(policy: Told, key: ShownKey | undefined): readonly Mount[] {
  const programs = [
    ...(hasSsh(policy) ? [programFor("ssh", begin("ssh"))] : []),
    ...(key === undefined ? [] : [programFor(signers[key.format].program, signing(key))]),
  ];
  if (programs.length === 0) return [];
  const shown = key?.ring === undefined ? [] : [{ kind: "text", path: ring, text: key.ring } as const];
  return [
    { kind: "read", path: runtime, from: process.execPath },
    { kind: "read", path: standIn, from: fileURLToPath(source) },
    ...programs,
    ...shown,
  ];
}

function programFor(name: string, text: string): Mount {
  return { kind: "text", path: `${folder}/git-${name}`, text: `#!/bin/sh\n${text}`, program: true };
}

function begin(name: string): string {
  const desk = `${deskAddress.ip} ${deskAddress.port}`;
  return `exec ${runtime} --disable-warning=ExperimentalWarning ${standIn} ${name} ${desk} "$@"\n`;
}

/** What only looks at signatures needs no key: it is the real program's, inside, which knows the public part of ours. */
function signing({ format, shown, ring: known }: ShownKey): string {
  const { program, asked } = signers[format];
  const keyring = known === undefined ? "" : ` --keyring ${ring} --trusted-key ${shown}`;
  return `case "$1 $2" in "${asked}") ${begin(program).trimEnd()};; esac
command -v ${program} >/dev/null || { echo "postern: there is no ${program} inside to look at signatures with" >&2; exit 127; }
exec ${program}${keyring} "$@"
`;
}

/** Before every configuration (git(1)); the variant says how it is to be spoken to, so git need not try. */
export function gitVariables(policy: Told): Readonly<Record<string, string>> {
  return hasSsh(policy) ? { GIT_SSH_COMMAND: `${folder}/git-ssh`, GIT_SSH_VARIANT: "ssh" } : {};
}

/** git-lfs tries a protocol of its own over ssh first, which is not served: it need not. */
export function lfsSettings(policy: Told): readonly Setting[] {
  return hasSsh(policy) ? [["lfs.sshtransfer", "never"]] : [];
}

/** Whether anything is signed is git's own configuration's to say, and `git commit -S`. */
export function signingSettings(key: ShownKey | undefined): readonly Setting[] {
  if (key === undefined) return [];
  const { setting, program } = signers[key.format];
  return [
    ["gpg.format", key.format],
    [setting, `${folder}/git-${program}`],
    ["user.signingKey", key.shown],
  ];
}
