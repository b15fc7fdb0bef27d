// What of this machine git inside is served with, put together: ssh to the remotes a grant names, signatures with the key a
// policy names; who reads what git asked, who judges it, who is asked. And what stands in for these programs inside. Nothing
// of it is there where the policy says nothing of it.

import { fileURLToPath } from "node:url";
import type { Mount } from "../boundary/contract.ts";
import { judgeSsh } from "../decision/ssh.ts";
import { deskAddress, type GitDesk, type SigningDesk, type SshDesk } from "../domain/git-desk.ts";
import type { Caller } from "../outbound/credential.ts";
import { startSigning, startSsh } from "../outbound/ssh.ts";
import type { Policy } from "../policy/policy.ts";
import { parseSigned } from "../protocol/git/object.ts";
import { PushReader } from "../protocol/git/push.ts";
import { parseSshRequest } from "../protocol/git/ssh-request.ts";
import type { Asking } from "./asking.ts";
import type { Setting } from "./git-settings.ts";
import type { Prepared } from "./prepare.ts";

function hasSsh({ network }: Pick<Policy, "network">): boolean {
  return network.some(({ protocol }) => protocol === "ssh");
}

export function openGitDesk(prepared: Prepared, asking: Asking): GitDesk | undefined {
  const desk = { ssh: openSsh(prepared, asking), signing: openSigning(prepared, asking) };
  return desk.ssh === undefined && desk.signing === undefined ? undefined : desk;
}

function openSsh({ policy, request }: Prepared, asking: Asking): SshDesk | undefined {
  if (!hasSsh(policy)) return undefined;
  const caller = callerOf({ policy, request });
  return {
    parse: parseSshRequest,
    judge: (asked) => judgeSsh(policy, asked),
    openPush: () => new PushReader(),
    ask: (rule, place, push) => asking.ask(rule, { kind: "push", ...place, ...push }),
    start: (order) => startSsh(order, caller),
  };
}

/** The person, as whom programs outside are started. */
function callerOf({ policy, request }: Pick<Prepared, "policy" | "request">): Caller {
  return { environment: request.environment, home: request.person.home, writable: policy.files.write };
}

/** In `audit` nobody is asked: it is entered like everything. */
function openSigning({ policy, request }: Prepared, asking: Asking): SigningDesk | undefined {
  const { signing, mode } = policy;
  if (signing === undefined) return undefined;
  const caller = callerOf({ policy, request });
  const { rule, key, use } = signing;
  return {
    rule,
    parse: parseSigned,
    ask: ({ kind: object, text, subject }) =>
      use === "ask" && mode === "enforce"
        ? asking.ask(rule, { kind: "sign", object, subject, text })
        : { kind: "allow", reason: use === "ask" ? "granted; enforce would ask" : "granted" },
    start: () => startSigning(key, caller),
  };
}

const folder = "/run/postern";
const [ssh, keygen] = [`${folder}/git-ssh`, `${folder}/git-ssh-keygen`];
const extension = import.meta.url.endsWith(".ts") ? "ts" : "cjs";
const source = new URL(extension === "ts" ? "./git-stand-in.ts" : "./git-stand-in.cjs", import.meta.url);

type Told = Pick<Policy, "network" | "signing">;

/** Our own runtime with it, and two names by which git starts it: the tool's own Node may be any, or none. */
export function gitMounts(policy: Told): readonly Mount[] {
  const paths = [...(hasSsh(policy) ? [ssh] : []), ...(policy.signing === undefined ? [] : [keygen])];
  if (paths.length === 0) return [];
  const [runtime, program] = [`${folder}/node`, `${folder}/git-stand-in.${extension}`];
  const begin = `#!/bin/sh\nexec ${runtime} --disable-warning=ExperimentalWarning ${program}`;
  const desk = `${deskAddress.ip} ${deskAddress.port}`;
  return [
    { kind: "read", path: runtime, from: process.execPath },
    { kind: "read", path: program, from: fileURLToPath(source) },
    ...paths.map((path) => {
      const text = `${begin} ${path.slice(folder.length + 1 + "git-".length)} ${desk} "$@"\n`;
      return { kind: "text", path, text, program: true } as const;
    }),
  ];
}

/** Before every configuration (git(1)); the variant says how it is to be spoken to, so git need not try. */
export function gitVariables(policy: Told): Readonly<Record<string, string>> {
  return hasSsh(policy) ? { GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "ssh" } : {};
}

/** Whether anything is signed is git's own configuration's to say, and `git commit -S`. */
export function signingSettings(publicKey: string | undefined): readonly Setting[] {
  if (publicKey === undefined) return [];
  return [
    ["gpg.format", "ssh"],
    ["gpg.ssh.program", keygen],
    ["user.signingKey", `key::${publicKey}`],
  ];
}
