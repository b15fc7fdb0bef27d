// Which mounts below /proc count, from mountinfo as the kernel writes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCovers } from "./covers.ts";

const plain = "22 28 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw\n";

test("a plain /proc, with or without the automount of an ordinary machine", () => {
  assert.deepEqual(parseCovers(plain), []);
  assert.deepEqual(
    parseCovers(`${plain}30 22 0:26 / /proc/sys/fs/binfmt_misc rw shared:13 - autofs systemd-1 rw\n`),
    [],
  );
});

test("a container's covers", () => {
  const covered = `${plain}121 120 0:45 /irq /proc/irq ro - proc proc rw\n122 120 0:45 /bus /proc/bus ro - proc proc rw\n`;
  assert.deepEqual(parseCovers(covered), ["/proc/irq", "/proc/bus"]);
});

test("any text is read without complaint", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseCovers(text)));
});
