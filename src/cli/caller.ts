// Who typed the command and from where: the only place that asks the process about itself.

import { hostname, userInfo } from "node:os";
import { withoutShims } from "../inventory/own-shims.ts";
import type { Person } from "../session/request.ts";

export interface Caller extends Person {
  readonly directory: string;
  /** Its PATH without our own shims, so that nothing started here leads back here. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The caller's own three descriptors. */
export const callerStreams = { input: 0, output: 1, errors: 2 } as const;

export function readCaller(): Caller {
  const { username, uid, gid, homedir, shell } = readAccount();
  const home = process.env["HOME"];
  return {
    directory: process.cwd(),
    environment: { ...process.env, PATH: withoutShims(typedPath()) },
    name: username,
    uid,
    gid,
    home: home?.startsWith("/") ? home : homedir,
    shell: shell ?? "/bin/sh",
    host: hostname(),
  };
}

/** PATH as it is where the person types. */
export function typedPath(): string {
  return process.env["PATH"] ?? "";
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
