// Which mount a path lies in, from mountinfo as the kernel writes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { holderOf, parseMounts } from "./mountinfo.ts";

const text = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:6 / /dev rw,nosuid shared:2 - devtmpfs devtmpfs rw
24 23 0:24 / /dev/pts rw,nosuid,noexec shared:3 - devpts devpts rw
25 23 0:6 /null /dev/null rw - devtmpfs devtmpfs rw
26 25 0:6 /zero /dev/null ro,nosuid - devtmpfs devtmpfs rw
27 22 0:30 / /devices ro - tmpfs tmpfs rw
`;

test("the mount that holds a path: the deepest, and of those over one another the last", () => {
  const mounts = parseMounts(text);
  assert.equal(mounts.length, 6);
  for (const [path, point, first] of [
    ["/dev/zero", "/dev", "rw"],
    ["/dev/null", "/dev/null", "ro"],
    ["/dev/nullify", "/dev", "rw"],
    ["/dev/pts/3", "/dev/pts", "rw"],
    ["/devices/a", "/devices", "ro"],
    ["/usr/bin", "/", "rw"],
  ] as const) {
    const found = holderOf(path, mounts);
    assert.deepEqual([found?.point, found?.options[0]], [point, first], path);
  }
  assert.equal(holderOf("/a", []), undefined);
});

test("any text is read without complaint", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (text, path) => void holderOf(path, parseMounts(text))));
});
