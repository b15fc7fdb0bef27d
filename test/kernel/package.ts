// Debian's own kernel 6.1, out of its package and never installed: fetched by apt, unpacked in a directory of its own, once
// for each version.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  /** `linux-image-…` and its version. */
  readonly package: string;
  /** Holds `boot/` and `lib/modules/`. */
  readonly directory: string;
  readonly image: string;
}

export const cache = "/var/tmp/postern-kernel";

/** The metapackage depends on the newest of the system's own kernel. */
const meta = "linux-image-amd64";
const wanted = /^ *Depends: (linux-image-(6\.1\.\S*-amd64))$/m;

export function openKernel(): Kernel {
  const depends = execFileSync("apt-cache", ["depends", meta], { encoding: "utf8" });
  const [, name, release] = wanted.exec(depends) ?? [];
  if (name === undefined || release === undefined)
    throw new Error(`${meta} is no kernel 6.1 here: Debian 12's package lists are needed (apt-get update)`);
  const policy = execFileSync("apt-cache", ["policy", name], { encoding: "utf8" });
  const version = /^ *Candidate: (\S+)$/m.exec(policy)?.[1] ?? "";
  const directory = join(cache, `${name}_${version.replaceAll(/[^\w.+~-]/g, "_")}`);
  if (!existsSync(directory)) unpack(name, release, directory);
  return { release, package: `${name} ${version}`, directory, image: join(directory, `boot/vmlinuz-${release}`) };
}

function unpack(name: string, release: string, directory: string): void {
  const making = `${directory}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  execFileSync("apt-get", ["download", "-q", name], { cwd: making, stdio: ["ignore", "ignore", "pipe"] });
  for (const file of readdirSync(making).filter((one) => one.endsWith(".deb"))) {
    execFileSync("dpkg", ["-x", file, "."], { cwd: making });
    rmSync(join(making, file));
  }
  execFileSync("depmod", ["-b", making, release], { env: { PATH: "/usr/sbin:/sbin:/usr/bin:/bin" } });
  renameSync(making, directory);
}
