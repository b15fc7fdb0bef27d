// Needs user namespaces, unshare. Judged by the mount table of a namespace of the test's own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const scratch = new URL("scratch.ts", import.meta.url).pathname;
const script = `import { layScratch } from ${JSON.stringify(scratch)};
import { readFileSync } from "node:fs";
await layScratch({ bytes: 1048576, files: 100, modes: [0o1777] });
process.stdout.write(readFileSync("/proc/self/mountinfo", "utf8"));`;

for (const [where, before] of [
  ["sysfs is mounted", ":"],
  ["there is an empty /sys alone", "mount -t tmpfs none /sys"],
] as const)
  test(`temporary directories can be made where ${where}`, { timeout: 60_000 }, () => {
    const node = [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      "--input-type=module-typescript",
      "-e",
      script,
    ];
    const words = ["-Urm", "sh", "-c", `${before} && exec "$@"`, "sh", ...node];
    const table = execFileSync("unshare", words, { encoding: "utf8", timeout: 50_000 });
    const line = table.split("\n").find((one) => one.split(" ")[4] === "/sys/kernel" && one.includes(" - tmpfs "));
    assert.match(line ?? "", /size=1024k,nr_inodes=100\b/);
  });
