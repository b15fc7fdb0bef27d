// What the guest is shown of the machine it runs on, laid out anew for each run: the project's own files, as git knows them,
// with what is built; and an /etc written here but for the entries that a boundary shows anyway. No home, no key, nothing of
// /usr/local, and no file of the checkout that is not in git.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { etcEntries } from "../../src/boundary/linux/view/etc.ts";

const root = new URL("../..", import.meta.url).pathname;

/** Into an empty directory. Its `node_modules` is a place to mount them at. */
export function layProject(directory: string): void {
  const names = execFileSync("git", ["-C", root, "ls-files", "-z"], { encoding: "utf8", maxBuffer: 1 << 26 });
  for (const name of names.split("\0").filter((each) => each !== "" && existsSync(join(root, each)))) {
    if (!lstatSync(join(root, name)).isFile()) continue;
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    cpSync(join(root, name), join(directory, name));
  }
  cpSync(join(root, "dist"), join(directory, "dist"), { recursive: true });
  mkdirSync(join(directory, "node_modules"));
}

/** Where they are, whatever link leads there. */
export const modules = (): string => realpathSync(join(root, "node_modules"));

/** One ordinary user with an account. */
const written: Readonly<Record<string, string>> = {
  passwd: [
    "root:x:0:0:root:/root:/bin/bash",
    "person:x:1000:1000:person:/home/person:/bin/bash",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
    "",
  ].join("\n"),
  group: "root:x:0:\ntty:x:5:\nperson:x:1000:\nnogroup:x:65534:\n",
  hosts: "127.0.0.1 localhost debian\n::1 localhost\n",
  hostname: "debian\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
  "resolv.conf": "nameserver 192.0.2.53\n",
  fstab: "/dev/vda /var ext4 defaults 0 0\n",
};

export function layEtc(directory: string): void {
  for (const entry of Object.keys(etcEntries)) {
    if (!existsSync(join("/etc", entry))) continue;
    mkdirSync(dirname(join(directory, entry)), { recursive: true });
    cpSync(join("/etc", entry), join(directory, entry), { recursive: true, verbatimSymlinks: true });
  }
  for (const [name, text] of Object.entries(written)) writeFileSync(join(directory, name), text);
}
