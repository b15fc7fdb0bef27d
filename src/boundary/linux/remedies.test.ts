import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../domain/fault.ts";
import { parseReport } from "./channel.ts";
import { lifeOf, mayLive } from "./life.ts";
import { resources } from "./limits.ts";
import { findPrograms, programNames } from "./programs.ts";
import { forbidding, oneLine, refuseStep, refuseView } from "./remedies.ts";
import { writeLimits } from "./resources.ts";
import { openFolder } from "./trial.ts";

test("missing programs are one fault with one command", () => {
  using folder = openFolder();
  const none = findPrograms([folder.path]);
  assert.ok(none instanceof Fault && none.code === "no-bubblewrap");
  assert.equal(none.hint, "sudo apt-get install -y bubblewrap mount util-linux iproute2 nftables dash");
  for (const name of programNames.filter((name) => name !== "nft")) {
    writeFileSync(join(folder.path, name), "");
    chmodSync(join(folder.path, name), 0o755);
  }
  const one = findPrograms([folder.path]);
  assert.ok(one instanceof Fault && one.code === "no-tools" && one.hint === "sudo apt-get install -y nftables");
});

test("the setting that forbids is the one named", () => {
  const only = (path: string, value: string) => (asked: string) => (asked === path ? value : undefined);
  assert.match(forbidding(only("/proc/sys/user/max_user_namespaces", "0"))?.remedy ?? "", /user\.max_user_namespaces=/);
  assert.match(forbidding(only("/proc/sys/kernel/unprivileged_userns_clone", "0"))?.remedy ?? "", /clone=1/);
  assert.match(
    forbidding(only("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))?.remedy ?? "",
    /apparmor/,
  );
  assert.equal(
    forbidding(() => "7"),
    undefined,
  );
  assert.match(
    refuseStep("rules", "Error: Could not process rule: No such file").hint ?? "",
    /^sudo modprobe -a nf_tables/,
  );
  assert.match(refuseStep("routes", "EROFS: read-only file system, open").hint ?? "", /systempaths=unconfined$/);
  const filtered = refuseView(only("/proc/self/status", "Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1\n"));
  assert.match(filtered.hint ?? "", /^in a container, start it with --security-opt seccomp=unconfined;/);
  assert.match(refuseView(only("/proc/self/status", "Seccomp:\t0\n")).hint ?? "", /^postern doctor/);
  assert.equal(oneLine(" a\n\x1b[31mb\0"), "a [31mb");
});

test("resource limits are ours or the caller's, whichever is lower, and 0 where they cannot be read", () => {
  const table =
    "Limit                     Soft Limit           Hard Limit           Units\nMax core file size        0                    unlimited            bytes\nMax open files            1024                 4096                 files\n";
  const limits = writeLimits(table, resources);
  assert.ok(limits.includes(`--core=${resources.core}:${resources.core}`));
  assert.ok(limits.includes("--nofile=4096:4096"));
  assert.ok(limits.includes("--nproc=0:0"));
});

test("a process is told from a later one of its number, and a zombie is none", () => {
  const stat = (state: string, name = "a) b (c"): string =>
    `7 (${name}) ${state} ${Array.from({ length: 18 }, () => "0").join(" ")} 4711 0`;
  assert.deepEqual(
    lifeOf(7, () => stat("S")),
    { pid: 7, began: "4711" },
  );
  assert.equal(
    lifeOf(7, () => stat("Z")),
    undefined,
  );
  assert.equal(
    lifeOf(7, () => ""),
    undefined,
  );
  const life = { pid: 7, began: "4711" };
  const failing = (code: string) => (): string => {
    throw Object.assign(new Error(code), { code });
  };
  assert.deepEqual(
    [stat("S"), stat("Z"), ""].map((text) => mayLive(life, () => text)),
    [true, false, false],
  );
  assert.equal(
    mayLive({ pid: 7, began: "1" }, () => stat("S")),
    false,
  );
  // with no descriptor left nothing is known, and nobody may take it for gone
  assert.deepEqual(
    ["EMFILE", "ENFILE", "ENOENT", "ESRCH"].map((code) => mayLive(life, failing(code))),
    [true, true, false, false],
  );
});

test("reports of the helper are read, anything else is none", () => {
  assert.deepEqual(parseReport({ kind: "ended", tool: 7, killed: false }), { kind: "ended", tool: 7, killed: false });
  assert.deepEqual(parseReport({ kind: "door", name: "dns", family: 6 }), { kind: "door", name: "dns", family: 6 });
  for (const wrong of [null, 1, {}, { kind: "door" }, { kind: "failed", step: "x" }, { kind: "other" }])
    assert.equal(parseReport(wrong), undefined);
  fc.assert(fc.property(fc.anything(), (message) => void parseReport(message)));
});
