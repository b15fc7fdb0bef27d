// When a tool is started without walls: only where the whole was tried, refused for what this machine does not give, and the plan
// accepts it. Needs /proc.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault, Ground, Plan } from "../contract.ts";
import { bystander } from "../linux/watch/bystander.ts";
import { orBare } from "./ground.ts";

const plan: Plan = {
  mounts: [],
  identity: { uid: 1_000, gid: 1_000, name: "one", home: "/tmp", shell: "/bin/sh" },
  environment: { PATH: "/usr/bin:/bin:/run/postern/bin", BROWSER: "/run/postern/bin/xdg-open", KEPT: "kept" },
  directory: "/tmp",
  authority: "",
};

function refusing(code: BoundaryFault["code"], message = "user namespaces cannot be made here: EPERM") {
  const fault: BoundaryFault = new Fault({ code, message, hint: "none" });
  const asked: Plan[] = [];
  const ground: Ground = {
    enter: (one) => {
      asked.push(one);
      return Promise.reject(fault);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { fault, asked, ground };
}

test("nobody accepts it: what the whole was refused for is told", async () => {
  for (const lesser of [undefined, [], ["outer", "partial"]] as const) {
    const { fault, ground } = refusing("no-namespaces");
    await assert.rejects(orBare(ground).enter({ ...plan, lesser: lesser ?? [] }), fault);
  }
});

test("accepted: only where this machine gives no namespaces or no redirect, and not for want that passes", async () => {
  const lesser = ["full", "outer", "partial", "record-only"] as const;
  for (const code of [
    "no-bubblewrap",
    "no-tools",
    "no-terminal",
    "no-mount",
    "no-watch",
    "platform",
    "helper",
  ] as const) {
    const { fault, ground } = refusing(code);
    await assert.rejects(orBare(ground).enter({ ...plan, lesser }), fault, code);
  }
  for (const message of ["unshare: fork failed: Resource temporarily unavailable", "unshare: Cannot allocate memory"]) {
    const { fault, ground } = refusing("no-namespaces", message);
    await assert.rejects(orBare(ground).enter({ ...plan, lesser }), fault, message);
  }
  for (const code of ["no-namespaces", "no-redirect"] as const) {
    const { asked, ground } = refusing(code);
    await using walls = await orBare(ground).enter({ ...plan, lesser });
    assert.deepEqual([asked.length, walls.grade, walls.missing.length], [1, "record-only", 5]);
    const script = 'test "$KEPT" = kept && test -z "$BROWSER" && test "$PATH" = /usr/bin:/bin && exit 42';
    assert.deepEqual(await walls.run(["sh", "-c", script], bystander()), { code: 42, byTool: true });
  }
});
