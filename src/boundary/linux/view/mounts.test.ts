import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../../../domain/fault.ts";
import type { Mount } from "../../contract.ts";
import { openFolder } from "../trial.ts";
import { collectArguments } from "./arguments.ts";
import { addMounts } from "./mounts.ts";

function words(mounts: readonly Mount[]): string {
  const args = collectArguments();
  addMounts(args, mounts);
  return args.finish().words.toString().split("\0").join(" ").trim();
}

const refused = (mounts: readonly Mount[], pattern: RegExp): void =>
  assert.throws(
    () => words(mounts),
    (error) =>
      error instanceof Fault && error.code === "no-mount" && error.hint !== undefined && pattern.test(error.message),
  );

test("mounts in order, mount points that exist", () => {
  using folder = openFolder();
  writeFileSync(join(folder.path, ".env"), "");
  writeFileSync(join(folder.path, "key"), "");
  mkdirSync(join(folder.path, "secrets"));
  const ws: Mount = { kind: "write", path: "/ws", from: folder.path };
  assert.equal(
    words([
      ws,
      { kind: "text", path: "/ws/.env", text: "x" },
      { kind: "empty", path: "/ws/secrets" },
      { kind: "empty", path: "/ws/key" },
    ]),
    `--bind ${folder.path} /ws --perms 0444 --ro-bind-data 6 /ws/.env --bind /sys/kernel/0 /ws/secrets --perms 0444 --ro-bind-data 7 /ws/key`,
  );
  assert.equal(words([{ kind: "link", path: "/l", target: "/ws" }]), "--symlink /ws /l");
});

test("nothing is made in a tree of the host, and no link is followed there", () => {
  using folder = openFolder();
  const ws: Mount = { kind: "write", path: "/ws", from: folder.path };
  symlinkSync("/etc", join(folder.path, "away"));
  refused([ws, { kind: "text", path: "/ws/missing", text: "" }], /does not exist/);
  refused(
    [
      { ...ws, kind: "read" },
      { kind: "empty", path: "/ws/missing" },
    ],
    /does not exist/,
  );
  refused([ws, { kind: "text", path: "/ws/away/passwd", text: "" }], /symbolic link/);
  refused([ws, { kind: "link", path: "/ws/new", target: "/x" }], /would change/);
  refused([{ kind: "empty", path: "/usr/missing" }], /does not exist/);
  refused([{ kind: "read", path: "/x", from: "/no/such/place" }], /does not exist/);
  assert.ok(!existsSync(join(folder.path, "missing")));
});

test("in a directory of ours the mount point is made, links still refused", () => {
  using folder = openFolder();
  const home: Mount = { kind: "write", path: "/home/dev", from: folder.path, ours: true };
  words([home, { kind: "text", path: "/home/dev/.config/a", text: "" }, { kind: "empty", path: "/home/dev/b/c" }]);
  words([
    home,
    { kind: "read", path: "/home/dev/bin", from: "/usr/bin" },
    { kind: "read", path: "/home/dev/f", from: "/etc/passwd" },
  ]);
  for (const made of [".config/a", "b/c", "bin", "f"]) assert.ok(existsSync(join(folder.path, made)), made);
  symlinkSync("/tmp", join(folder.path, "planted"));
  refused([home, { kind: "empty", path: "/home/dev/planted/x" }], /symbolic link/);
});

test("a link of ours that an earlier session left stays where it is right, and gives way where it is not", () => {
  using folder = openFolder();
  const home: Mount = { kind: "write", path: "/home/dev", from: folder.path, ours: true };
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  const link = (target: string) => words([home, { kind: "link", path: "/home/dev/bin/tool", target }]);
  const bind = `--bind ${folder.path} /home/dev`;
  assert.equal(link("/opt/tool/1"), `${bind} --symlink /opt/tool/1 /home/dev/bin/tool`);
  symlinkSync("/opt/tool/1", join(bin, "tool")); // as bubblewrap makes it
  assert.equal(link("/opt/tool/1"), bind);
  assert.equal(link("/opt/tool/2"), `${bind} --symlink /opt/tool/2 /home/dev/bin/tool`);
  assert.deepEqual(readdirSync(bin), [], "the old one is gone, what it led to was not touched");
  writeFileSync(join(bin, "tool"), "the tool's own");
  refused([home, { kind: "link", path: "/home/dev/bin/tool", target: "/opt/tool/1" }], /would change/);
  symlinkSync("/tmp", join(folder.path, "planted"));
  refused([home, { kind: "link", path: "/home/dev/planted/tool", target: "/opt/tool/1" }], /symbolic link/);
});

test("odd paths are refused, NUL too", () => {
  for (const path of ["relative", "/", "/a/../b", "/a//b", "/a/", "/proc/1", "/dev", "/sys/x"])
    refused([{ kind: "empty", path }], /cannot mount/);
  assert.throws(() => words([{ kind: "link", path: "/a", target: "b\0--bind\0/\0/" }]), RangeError);
  const args = collectArguments();
  assert.throws(() => {
    for (;;) args.addText("/a", "");
  }, /more than/);
});
