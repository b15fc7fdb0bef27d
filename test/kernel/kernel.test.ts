// The lane that boots another kernel, without one: what it shows of this machine, what a machine that falls over costs, and
// that a difference nobody explained is a fault. The run itself: `npm run conformance kernel`.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Outcome } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { tell } from "../conformance/kernel.ts";
import { differencesOf, explained } from "./differences.ts";
import { layInitramfs } from "./initramfs.ts";
import { tryThere } from "./lane.ts";
import { columns, ordersFor } from "./orders.ts";
import type { Kernel } from "./package.ts";
import { type Kernels, writePage } from "./page.ts";
import { layEtc, layProject } from "./shown.ts";

const root = new URL("../..", import.meta.url).pathname;
const recorded: Outcome = { kind: "blocked+recorded" };
const silent: Outcome = { kind: "blocked+silent", failed: false };

function open(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "postern-kernel-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A package that holds only what an initramfs is made of. */
function forgeKernel(directory: string): Kernel {
  const modules = join(directory, "lib/modules/6.1.0-test");
  mkdirSync(modules, { recursive: true });
  for (const name of ["ring", "virtio_pci", "9pnet_virtio", "9p"]) writeFileSync(join(modules, `${name}.ko`), name);
  writeFileSync(join(modules, "modules.dep"), "./virtio_pci.ko: ring.ko\n./9pnet_virtio.ko: ring.ko\n./9p.ko:\n");
  return { release: "6.1.0-test", package: "linux-image-test 1", directory, image: join(directory, "image") };
}

test("the guest is shown the project as git knows it, and nothing else of the checkout", () => {
  using directory = open();
  const stray = join(root, `stray-${process.pid}`);
  const dist = existsSync(join(root, "dist"));
  writeFileSync(stray, "mine\n");
  try {
    layProject(directory.path);
  } finally {
    rmSync(stray);
  }
  assert.ok(dist, "nothing is built here: npm run build");
  assert.ok(existsSync(join(directory.path, "test/battery/battery.ts")));
  assert.ok(existsSync(join(directory.path, "dist/postern.cjs")));
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name.startsWith("stray") || name === ".git"),
    [],
  );
});

test("the guest's /etc is no copy of this machine's", () => {
  using directory = open();
  layEtc(directory.path);
  const names = readdirSync(directory.path);
  for (const name of ["shadow", "machine-id", "ssh", "sudoers", "npmrc", "pip.conf", "gitconfig", "environment"])
    assert.ok(!names.includes(name), name);
  assert.ok(names.includes("ld.so.cache"));
  assert.equal(readFileSync(join(directory.path, "passwd"), "utf8").trim().split("\n").length, 3);
});

test("modules go in after those they need", () => {
  using directory = open();
  const kernel = forgeKernel(join(directory.path, "kernel"));
  const into = join(directory.path, "archive");
  mkdirSync(into);
  assert.ok(existsSync(layInitramfs(into, kernel, { user: {} })));
  assert.equal(readFileSync(join(into, "modules/order"), "utf8"), "ring.ko\nvirtio_pci.ko\n9pnet_virtio.ko\n9p.ko\n");
});

/** Instead of qemu: falls over at the second thing that is ordered, once; tells a lie about nothing else. */
const falling = `#!${process.execPath}
const { appendFileSync, readFileSync, existsSync } = require("node:fs");
const { execFileSync } = require("node:child_process");
const [here] = process.argv.flatMap((word, at, all) => (all[at - 1] === "-initrd" ? [word] : []));
const text = execFileSync("sh", ["-c", 'busybox cpio -i --to-stdout guest/orders/user.json <"$0" 2>/dev/null', here]);
const say = (told) => console.log(JSON.stringify(told));
say({ kind: "machine", release: "6.1.0-test", build: "", modules: "" });
JSON.parse(text).orders.forEach((order, nth) => {
  say({ kind: "trying", order });
  appendFileSync(process.env.SEEN, order.id + " " + order.target + "\\n");
  if (order.id === "second" && order.target === "postern") process.exit(3);
  say({ kind: "outcome", order, outcome: { kind: "blocked+recorded" }, seconds: 1 });
});
say({ kind: "end" });
`;

test("a machine that falls over costs the probe it was at, and the rest is tried on another", async () => {
  using directory = open();
  const bin = join(directory.path, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "qemu-system-x86_64"), falling);
  writeFileSync(join(bin, "mke2fs"), "#!/bin/sh\n");
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
  const [path, seen] = [process.env["PATH"] ?? "", join(directory.path, "seen")];
  const kernel = forgeKernel(join(directory.path, "kernel"));
  process.env["PATH"] = `${bin}:${path}`;
  process.env["SEEN"] = seen;
  const orders = ordersFor(["first", "second", "third"], false);
  const dead = join(directory.path, "run-999999999-killed");
  mkdirSync(dead);
  const wish = { digest: `test-${process.pid}`, atOnce: 1, cache: directory.path };
  try {
    const { rows } = await tryThere(kernel, orders, wish);
    assert.deepEqual(
      rows.map(({ order, outcome }) => `${order.id} ${order.target} ${outcome.kind}`),
      orders.map(
        ({ id, target }) =>
          `${id} ${target} ${id === "second" && target === "postern" ? "broken" : "blocked+recorded"}`,
      ),
    );
    assert.ok(!existsSync(dead), "what a killed run left is still there");
    const before = readFileSync(seen, "utf8");
    assert.equal(before.trim().split("\n").length, orders.length);
    // a second run goes on where the first one was: nothing is left for it
    assert.equal((await tryThere(kernel, orders, wish)).rows.length, orders.length);
    assert.equal(readFileSync(seen, "utf8"), before);
  } finally {
    process.env["PATH"] = path;
    delete process.env["SEEN"];
  }
});

const when = { tried: "2026-01-01T00:00:00.000Z", sources: "0".repeat(64) };

test("a difference is explained for its own outcomes alone", () => {
  const known = [
    { id: "a", column: "none", there: "blocked+silent", here: "escaped", because: "the older kernel says no" },
  ] as const;
  const row = (there: Outcome, here: Outcome) => ({ id: "a", column: "none" as const, there, here, ...when });
  const escaped: Outcome = { kind: "escaped", why: "" };
  assert.deepEqual(differencesOf([row(silent, silent)], known), []);
  assert.equal(differencesOf([row(silent, escaped)], known)[0]?.because, "the older kernel says no");
  assert.equal(differencesOf([row(escaped, escaped), row(escaped, silent)], known)[0]?.because, null);
  assert.equal(differencesOf([row(silent, recorded)], known)[0]?.because, null);
  assert.equal(differencesOf([row(recorded, escaped)], known)[0]?.because, null);
});

test("every explanation is of a probe that there is", () => {
  for (const { id, column, because } of explained) {
    assert.ok(
      probes.some((probe) => probe.id === id),
      id,
    );
    assert.ok(columns.includes(column) && because.length > 20, id);
  }
});

test("what differs and is not explained, escapes, was not tried or ran elsewhere is not held", () => {
  const kernel: Kernel = { release: "6.1.0-test", package: "", directory: "", image: "" };
  const orders = ordersFor(["a"], false).slice(0, 1);
  const facts = { release: "6.1.0-test", build: "", modules: "" };
  const [passed, failed] = [true, false].map((one) => [{ name: "bounded", passed: one, why: "" }]);
  interface More {
    readonly tests?: readonly { readonly name: string; readonly passed: boolean; readonly why: string }[] | undefined;
    readonly kept?: Kernels;
  }
  const judge = (there: Outcome | undefined, here: Outcome | undefined, ran = facts, more: More = {}) =>
    tell({
      kernel,
      orders,
      facts: ran,
      tests: more.tests ?? passed ?? [],
      decisive: true,
      rows: there === undefined ? [] : orders.map((order) => ({ order, outcome: there, seconds: 1 })),
      here: { release: "x", from: "", outcomes: new Map(here === undefined ? [] : [["a", { postern: here }]]) },
      emulator: "",
      sources: when.sources,
      kept: more.kept,
    });
  assert.ok(judge(recorded, recorded).held);
  const escaped: Outcome = { kind: "escaped", why: "" };
  for (const [there, here] of [
    [recorded, silent],
    [escaped, escaped],
    [
      { kind: "broken", why: "" },
      { kind: "broken", why: "" },
    ],
    [undefined, recorded],
    [recorded, undefined],
  ] as const) {
    const { held, found } = judge(there, here);
    assert.ok(!held, JSON.stringify([there, here]));
    assert.ok(writePage(found, "2026-01-01").includes("Not as it must be:"));
  }
  assert.ok(!judge(recorded, recorded, { ...facts, release: "6.18" }).held);
  // what was kept of another probe is judged again; of the same one it gives way
  const first = judge(escaped, escaped).found;
  assert.ok(judge(recorded, recorded, facts, { kept: first }).held);
  const other = { ...first, rows: first.rows.map((row) => ({ ...row, id: "b" })) };
  const both = judge(recorded, recorded, facts, { kept: other });
  assert.deepEqual([both.held, both.found.rows.length], [false, 2]);
  for (const tests of [failed, []]) assert.ok(!judge(recorded, recorded, facts, { tests }).held);
});
