// What passes is no reason to go without walls, whoever brought it about.

import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseNamespaces, refuseStep } from "../linux/remedies.ts";
import { isLasting } from "./lasting.ts";

const nothing = () => undefined;

test("what a kernel or a container does not give stays so", () => {
  for (const complaint of [
    "unshare: unshare failed: Operation not permitted",
    "unshare: unshare failed: Invalid argument",
    "unshare: write failed /proc/self/uid_map: Operation not permitted",
    "unshare: cannot change root filesystem propagation: Permission denied",
  ])
    assert.ok(isLasting(refuseNamespaces(complaint, nothing), nothing), complaint);
  for (const [step, complaint] of [
    ["routes", "RTNETLINK answers: Operation not permitted"],
    ["routes", "EROFS: read-only file system, open '/proc/sys/net/ipv6/conf/lo/disable_ipv6'"],
    ["rules", "/dev/stdin:2:1-5: Error: Could not process rule: No such file or directory"],
    ["rules", "netlink: Error: cache initialization failed: Operation not supported"],
  ] as const)
    assert.ok(isLasting(refuseStep(step, complaint), nothing), complaint);
});

test("what a tool can bring about for the next session passes", () => {
  for (const complaint of [
    "unshare: fork failed: Resource temporarily unavailable",
    "unshare: unshare failed: Cannot allocate memory",
    "unshare: cannot open /proc/self/uid_map: Too many open files in system",
    "unshare: unshare failed: No space left on device",
  ])
    assert.ok(!isLasting(refuseNamespaces(complaint, nothing), nothing), complaint);
  for (const [step, complaint] of [
    ["rules", "Error: Could not process rule: No buffer space available"],
    ["rules", "exit null"],
    ["doors", "listen EMFILE: too many open files 127.0.0.1:61000"],
    ["probe", "tcp 192.0.2.1, udp 192.0.2.1"],
  ] as const)
    assert.ok(!isLasting(refuseStep(step, complaint), nothing), complaint);
});

test("a service of the policy's for which there is no place inside never opens the walls", () => {
  for (const complaint of [
    "listen EADDRINUSE: address already in use 127.0.0.1:61000",
    "listen EACCES: permission denied 127.0.0.1:80",
  ])
    assert.ok(!isLasting(refuseStep("places", complaint), nothing), complaint);
});

test("as many namespaces as may be made: for good only where that is none", () => {
  const fault = refuseNamespaces("unshare: unshare failed: No space left on device", nothing);
  const only = (value: string) => (path: string) => (path === "/proc/sys/user/max_net_namespaces" ? value : undefined);
  assert.ok(isLasting(fault, only("0")));
  assert.ok(!isLasting(fault, only("15000")));
  // a setting that forbids them to others, and not to whoever runs this, says nothing of how many there are
  for (const setting of ["unprivileged_userns_clone", "apparmor_restrict_unprivileged_userns"]) {
    const there = (path: string) => (path === `/proc/sys/kernel/${setting}` ? forbids(setting) : undefined);
    assert.ok(!isLasting(fault, there), setting);
  }
});

const forbids = (setting: string): string => (setting.startsWith("apparmor") ? "1" : "0");

test("what a checkout's names or modes have a say in opens no walls, also where a setting forbids namespaces to others", () => {
  const clone = (path: string) => (path === "/proc/sys/kernel/unprivileged_userns_clone" ? "0" : undefined);
  for (const step of ["files", "places", "scratch", "detours", "watch"] as const)
    for (const complaint of ["mount: /home/me/work/denied/.git/config: no such file", "EACCES: permission denied"])
      assert.ok(!isLasting(refuseStep(step, complaint, clone), clone), `${step}: ${complaint}`);
  assert.ok(isLasting(refuseStep("rules", "Operation not permitted", clone), clone));
});
