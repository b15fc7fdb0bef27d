// Who typed the command and from where: the only place that asks the process about itself.

import { hostname, userInfo } from "node:os";

export interface Caller {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly host: string;
}

export function readCaller(): Caller {
  const { username, uid, gid, homedir, shell } = readAccount();
  const home = process.env["HOME"];
  return {
    directory: process.cwd(),
    environment: process.env,
    name: username,
    uid,
    gid,
    home: home?.startsWith("/") ? home : homedir,
    shell: shell ?? "/bin/sh",
    host: hostname(),
  };
}

/** Containers run as users that no account file knows: their number is their name. */
function readAccount() {
  try {
    return userInfo();
  } catch {
    const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1];
    return { username: `uid-${uid}`, uid, gid, homedir: "/", shell: null };
  }
}
