// The public part of the key that signs: git inside shows it, and with OpenPGP looks at signatures with it. The private part is
// ssh-keygen's, gpg's or an agent's alone, outside; no start where the tool could reach gpg's own files.

import { statSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { SigningFormat } from "../domain/git-desk.ts";
import { type Caller, readCredential } from "../outbound/credential.ts";
import { exportKey } from "../outbound/signing.ts";
import type { SigningRule } from "../policy/policy.ts";
import { showing } from "./seclusion.ts";

export interface ShownKey {
  readonly format: SigningFormat;
  /** `user.signingKey` inside. */
  readonly shown: string;
  /** The public key itself, as gpg reads it from a keyring. */
  readonly ring: Buffer | undefined;
}

/** `visible`: what the tool sees, of which it may change what is writable to it. */
export async function readPublicKey(
  signing: SigningRule,
  caller: Caller,
  visible: readonly string[],
): Promise<ShownKey | Fault> {
  const { format, key: shown } = signing;
  if (format === "ssh") return readSshKey(signing, caller.home);
  // what lies there names programs that gpg starts; and its agent's socket may lie there, which would sign anything. One of its
  // files may be read: the public keyring
  const own = caller.environment["GNUPGHOME"] ?? join(caller.home, ".gnupg");
  const seen = visible.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() !== true);
  const tree = showing(own, [...caller.writable, ...seen]);
  if (tree !== undefined) {
    const message = `${signing.rule}: ${tree} would be shown inside, and with it gpg's own files in ${own}`;
    return new Fault({ code: "signing", message, hint: "take it out of files, or out of signing" });
  }
  if (format === "x509") return { format, shown, ring: undefined };
  const ring = await exportKey(shown, caller);
  if (ring instanceof Fault) return new Fault({ ...told(ring), message: `${signing.rule}: ${ring.message}` });
  return { format, shown, ring };
}

/** Kind and key, without the comment: who it belongs to is not for inside. */
async function readSshKey(signing: SigningRule, home: string): Promise<ShownKey | Fault> {
  const file = signing.key.endsWith(".pub") ? signing.key : `${signing.key}.pub`;
  const read = await readCredential({ file }, { environment: {}, home, writable: [] });
  const hint = `make it:  ssh-keygen -y -f ${signing.key} > ${file}`;
  if (read instanceof Fault) return new Fault({ code: "signing", message: `${signing.rule}: ${read.message}`, hint });
  const [, key] =
    /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,64} [A-Za-z0-9+/]{1,8192}={0,2})(?: .*)?$/.exec(read.reveal()) ?? [];
  const message = `${signing.rule}: ${file} is not the public part of an ssh key`;
  if (key === undefined) return new Fault({ code: "signing", message, hint });
  return { format: "ssh", shown: `key::${key}`, ring: undefined };
}

function told({ hint }: Fault) {
  return { code: "signing", ...(hint === undefined ? {} : { hint }) } as const;
}
