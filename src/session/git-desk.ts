// What of this machine git inside is served with, put together: ssh to the remotes a grant names, signatures with the key a
// policy names; who reads what git asked, who judges it, who is asked. Nothing of it is there where the policy says nothing of it.

import { judgeSsh } from "../decision/ssh.ts";
import type { GitDesk, SigningDesk, SigningFormat, SshDesk } from "../domain/git-desk.ts";
import type { Caller } from "../outbound/credential.ts";
import { startSigning } from "../outbound/signing.ts";
import { startSsh } from "../outbound/ssh.ts";
import { parseSigned } from "../protocol/git/object.ts";
import { PushReader } from "../protocol/git/push.ts";
import { isSignatureForGit } from "../protocol/git/signing-words.ts";
import { parseSshRequest } from "../protocol/git/ssh-request.ts";
import type { Asking } from "./asking.ts";
import { hasSsh } from "./git-inside.ts";
import type { Prepared } from "./prepare.ts";

export function openGitDesk(prepared: Prepared, asking: Asking): GitDesk | undefined {
  const desk = { ssh: openSsh(prepared, asking), signing: openSigning(prepared, asking) };
  return desk.ssh === undefined && desk.signing === undefined ? undefined : desk;
}

function openSsh({ policy, request, passes }: Prepared, asking: Asking): SshDesk | undefined {
  if (!hasSsh(policy)) return undefined;
  const caller = callerOf({ policy, request });
  return {
    parse: parseSshRequest,
    judge: (asked) => judgeSsh(policy, asked),
    openPush: () => new PushReader(),
    ask: (rule, place, push) => asking.ask(rule, { kind: "push", ...place, ...push }),
    askUpload: (rule, place) => asking.ask(rule, { kind: "upload", ...place }),
    takePass: passes.takeLent,
    start: (order) => startSsh(order, caller),
  };
}

/** The person, as whom programs outside are started. */
export function callerOf({ policy, request }: Pick<Prepared, "policy" | "request">): Caller {
  return { environment: request.environment, home: request.person.home, writable: policy.files.write };
}

/** In `audit` nobody is asked: it is entered like everything. */
function openSigning({ policy, request }: Prepared, asking: Asking): SigningDesk | undefined {
  const { signing, mode } = policy;
  if (signing === undefined) return undefined;
  const caller = callerOf({ policy, request });
  const { rule, format, key, use } = signing;
  return {
    rule,
    isForGit: (words) => isSignatureForGit(format, words),
    parse: parseSigned,
    ask: ({ kind: object, text, subject }) =>
      use === "ask" && mode === "enforce"
        ? asking.ask(rule, { kind: "sign", object, subject, text })
        : { kind: "allow", reason: use === "ask" ? "granted; enforce would ask" : "granted" },
    start: () => startSigning({ format, key }, caller),
    failed: tellOnce(request, format),
  };
}

/** A tool may try again as often as it likes: what a program says is worth a line once, and not every time. */
const mostTold = 5;

/** git inside may keep the program's words to itself. */
function tellOnce({ tell }: Prepared["request"], format: SigningFormat): SigningDesk["failed"] {
  const told = new Set<string>();
  const unlock =
    format === "ssh"
      ? "sign something with that key yourself, in another terminal, to see what it wants"
      : "if it wants a passphrase, let its agent have it first: sign something yourself, in another terminal";
  return (complaint) => {
    if (told.has(complaint) || told.size >= mostTold) return;
    told.add(complaint);
    const [line = ""] = complaint.trim().split("\n").slice(-1);
    tell({
      kind: "warning",
      text: `nothing was signed: ${line || "the program that signs says no more"}`,
      hint: unlock,
    });
  };
}
