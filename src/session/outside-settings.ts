// Settings that say what runs outside for a session, or whom it trusts there: ssh's and gpg's own, which name programs they start,
// and files of authorities. In: the policy and the person's surroundings. Out: the first that lies where the tool may write, also by a
// link, as in a checkout of one's own settings: it would count in this session already.

import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { Policy } from "../policy/policy.ts";
import type { RunRequest } from "./request.ts";
import { leading, showing } from "./seclusion.ts";

interface Setting {
  /** The rule, or variable, by which it is read. */
  readonly by: string;
  readonly file: string;
  readonly whose: string;
}

export interface Around extends Pick<RunRequest, "directory" | "environment"> {
  readonly home: string;
  /** As the system's list of accounts names it: ssh goes by that one. */
  readonly account: string;
}

/** `writable`: the trees that the tool may write. */
export function objectToOutsideSettings(
  policy: Pick<Policy, "network" | "signing">,
  writable: readonly string[],
  around: Around,
): Fault<"outside-settings"> | undefined {
  const settings = [...sshSettings(policy, around), ...gpgSettings(policy, around), ...authorities(around)];
  for (const { by, file, whose } of settings.filter((setting) => existsSync(setting.file))) {
    const tree = showing(file, writable) ?? leading(file, writable);
    if (tree === undefined) continue;
    return new Fault({
      code: "outside-settings",
      message: `${by}: ${tree} would be writable inside, and with it ${file}, ${whose}`,
      hint: "keep that file elsewhere, or take the tree out of files.write",
    });
  }
  return undefined;
}

/** ssh_config(5): `ProxyCommand`, `Match exec`. What it includes is the person's to keep apart. */
function sshSettings({ network }: Pick<Policy, "network">, { account }: Around): readonly Setting[] {
  const grant = network.find(({ protocol }) => protocol === "ssh");
  if (grant === undefined) return [];
  const names = ["", "config", "known_hosts"].map((name) => join(account, ".ssh", name));
  return names.map((file) => ({ by: grant.id, file, whose: "by which ssh runs outside" }));
}

/** gpg(1), gpg-agent(1), gpgsm(1): `agent-program`, `pinentry-program`, `dirmngr-program`. */
function gpgSettings({ signing }: Pick<Policy, "signing">, { environment, home }: Around): readonly Setting[] {
  if (signing === undefined || signing.format === "ssh") return [];
  const own = environment["GNUPGHOME"] ?? join(home, ".gnupg");
  const names = ["", "gpg.conf", "gpg-agent.conf", "gpgsm.conf", "scdaemon.conf", "common.conf"];
  return names.map((name) => ({
    by: signing.rule,
    file: join(own, name),
    whose: "one of gpg's own files, by which it runs outside",
  }));
}

/** As `outbound/authorities.ts` reads them. */
function authorities({ environment, directory }: Around): readonly Setting[] {
  return ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].flatMap((by) => {
    const named = environment[by];
    if (named === undefined || named === "") return [];
    return [{ by, file: resolve(directory, named), whose: "which says whom we trust outside" }];
  });
}

/** Users of a container that no account file knows have none. */
export function accountHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return "/";
  }
}
