// Who the tool is inside, in; the account and name files of its /etc out. No name, group or address of the host.

import type { Identity } from "../../contract.ts";
import { resolver } from "../network.ts";

export const hostname = "postern";

/** Path under /etc → text. Refusing odd names is the caller's: `isIdentity`. */
export function writeAccounts({ uid, gid, name, home, shell }: Identity): Readonly<Record<string, string>> {
  return {
    passwd: [
      "root:x:0:0:root:/nonexistent:/usr/sbin/nologin",
      `${name}:x:${uid}:${gid}::${home}:${shell}`,
      "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
      "",
    ].join("\n"),
    group: ["root:x:0:", `${name}:x:${gid}:`, "nogroup:x:65534:", ""].join("\n"),
    hostname: `${hostname}\n`,
    hosts: ["127.0.0.1 localhost", `127.0.1.1 ${hostname}`, "::1 localhost ip6-localhost ip6-loopback", ""].join("\n"),
    "nsswitch.conf": [
      "passwd: files",
      "group: files",
      "shadow: files",
      "hosts: files dns",
      "networks: files",
      "protocols: files",
      "services: files",
      "",
    ].join("\n"),
    "resolv.conf": `nameserver ${resolver}\n`,
  };
}

/** Never 0, and nothing that would start a second field or line in passwd. */
export function isIdentity({ uid, gid, name, home, shell }: Identity): boolean {
  const numbers = [uid, gid].every((id) => Number.isInteger(id) && id > 0 && id < 65_534);
  return numbers && /^[a-z_][a-z0-9_-]{0,31}$/i.test(name) && [home, shell].every((path) => /^\/[^:\n\0]*$/.test(path));
}
