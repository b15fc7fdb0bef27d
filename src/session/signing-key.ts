// The public part of the key that signs: git inside shows it. The private part is ssh-keygen's or an agent's alone.

import { Fault } from "../domain/fault.ts";
import { readCredential } from "../outbound/credential.ts";
import type { SigningRule } from "../policy/policy.ts";

/** Kind and key, without the comment: who it belongs to is not for inside. */
export async function readPublicKey(signing: SigningRule, home: string): Promise<string | Fault> {
  const file = signing.key.endsWith(".pub") ? signing.key : `${signing.key}.pub`;
  const read = await readCredential({ file }, { environment: {}, home, writable: [] });
  const hint = `make it:  ssh-keygen -y -f ${signing.key} > ${file}`;
  if (read instanceof Fault) return new Fault({ code: "signing", message: `${signing.rule}: ${read.message}`, hint });
  const [, key] =
    /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,64} [A-Za-z0-9+/]{1,8192}={0,2})(?: .*)?$/.exec(read.reveal()) ?? [];
  const message = `${signing.rule}: ${file} is not the public part of an ssh key`;
  return key ?? new Fault({ code: "signing", message, hint });
}
