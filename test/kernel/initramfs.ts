// What the guest's kernel begins with: busybox, the modules that bring what the machine outside shows, the guest's own
// programs, its /etc and its orders. A cpio archive, written by busybox.

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Kernel } from "./package.ts";
import { layEtc } from "./shown.ts";

const guest = new URL("./guest", import.meta.url).pathname;
const first = ["virtio_pci", "9pnet_virtio", "9p"];

/** `directory`: empty; the archive is written beside it. `orders`: by name, for the guest's `begin`. */
export function layInitramfs(directory: string, kernel: Kernel, orders: Readonly<Record<string, unknown>>): string {
  for (const name of ["bin", "dev", "proc", "new", "etc", "guest/orders"])
    mkdirSync(join(directory, name), { recursive: true });
  const busybox = execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
  copyFileSync(busybox, join(directory, "bin/busybox"));
  cpSync(guest, join(directory, "guest"), { recursive: true });
  copyFileSync(join(guest, "init"), join(directory, "init"));
  for (const [name, order] of Object.entries(orders))
    writeFileSync(join(directory, `guest/orders/${name}.json`), JSON.stringify(order));
  layEtc(join(directory, "etc"));
  layModules(directory, kernel);
  const archive = `${directory}.cpio`;
  execFileSync("sh", ["-c", 'find . | busybox cpio -o -H newc -R 0:0 >"$0"', archive], {
    cwd: directory,
    stdio: ["ignore", "ignore", "ignore"],
  });
  return archive;
}

/** With those they need, and a list of them in the order in which they go in. */
function layModules(directory: string, { directory: unpacked, release }: Kernel): void {
  const from = join(unpacked, "lib/modules", release);
  const lines = readFileSync(join(from, "modules.dep"), "utf8").split("\n");
  const order = first.flatMap((module) => {
    const line = lines.find((one) => one.includes(`/${module}.ko:`));
    if (line === undefined) throw new Error(`the kernel's package has no module ${module}`);
    // depmod(8): a module, then what it needs, the last of which goes in first
    return line.replace(":", "").split(" ").filter(Boolean).toReversed();
  });
  const unique = [...new Set(order)];
  mkdirSync(join(directory, "modules"));
  for (const path of unique) copyFileSync(join(from, path), join(directory, "modules", basename(path)));
  writeFileSync(join(directory, "modules/order"), unique.map((path) => `${basename(path)}\n`).join(""));
}
