// Where the proof sends nothing: what a grant opens is left alone, so that no machine of the person's is asked for anything.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkGrant } from "../domain/reach.ts";
import { parseHostPattern } from "../policy/host-pattern.ts";
import { placesUnder } from "./plan.ts";
import type { Evidence } from "./row.ts";
import { kernelRows } from "./rows/kernel.ts";

function grant(host: string, ports: readonly number[]): NetworkGrant {
  const parsed = parseHostPattern(host);
  assert.ok(parsed.ok);
  const open = { methods: undefined, paths: undefined, upstream: undefined, why: undefined } as const;
  return { id: "user:network.allow[0]", host: parsed.pattern, ports, protocol: "http", purpose: "other", ...open };
}

for (const mode of ["enforce", "audit"] as const)
  test(`${mode}: an address that a grant names is not tried, and every other is`, () => {
    const rules = (...network: NetworkGrant[]) => ({ mode, network, credentials: [], logins: [], purposes: [] });
    const tried = (...network: NetworkGrant[]) =>
      placesUnder(rules(...network)).flatMap(({ ip, rule }) => (rule === undefined ? [ip] : []));
    assert.deepEqual(tried(), ["169.254.169.254", "10.0.0.1", "192.0.2.1"]);
    assert.deepEqual(tried(grant("10.0.0.1", [80])), ["169.254.169.254", "192.0.2.1"]);
    assert.deepEqual(tried(grant("10.0.0.1", [8080])), ["169.254.169.254", "10.0.0.1", "192.0.2.1"]);
  });

test("a process that could not be looked at proves nothing of what it holds", () => {
  const glimpse = { words: ["node", "/w/trespasser.cjs", "mark"], open: [], userNamespace: "user:[1]", traced: false };
  const seen = { ...glimpse, pid: 2, sockets: [], mounts: [], environment: undefined };
  const answers = Object.fromEntries(
    "user raw packet netlink io_uring bpf perf userfaultfd fanotify key mount ptrace"
      .split(" ")
      .map((name) => [`call:${name}`, "EPERM"]),
  );
  const rows = (glimpses: Evidence["glimpses"]) => {
    const told = { report: answers, entries: [], missing: [], policy: { origins: {} }, scratch: { mark: "mark" } };
    return new Set(
      kernelRows({ ...told, glimpses, keyed: false } as unknown as Evidence).map(({ outcome }) => outcome),
    );
  };
  assert.deepEqual(rows([seen]), new Set(["held"]));
  assert.deepEqual(rows([]), new Set(["broken"]));
});
