// git over ssh: only where a grant says so, in every mode; and with the policy's own words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import type { SshRequest } from "../domain/git-desk.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { judgeFor } from "./judge.ts";
import { judgeSsh } from "./ssh.ts";

const host = parseHost("git.example") ?? assert.fail();
const grant = (more: Partial<NetworkGrant> = {}): NetworkGrant => ({
  id: "user:network.allow[0]",
  host: { kind: "exact", name: host },
  ports: [22, 2222],
  protocol: "ssh",
  methods: undefined,
  paths: ["/team/**"],
  upstream: undefined,
  push: undefined,
  ssh: { user: "git", key: "/home/me/.ssh/id" },
  purpose: "other",
  why: undefined,
  ...more,
});
const request = (more: Partial<SshRequest> = {}): SshRequest => ({
  host,
  user: undefined,
  port: undefined,
  service: "git-upload-pack",
  repository: "team/one.git",
  version: undefined,
  ...more,
});
const judge = (asked: SshRequest, one = grant(), mode: "enforce" | "audit" = "enforce") =>
  judgeSsh({ mode, network: [one] }, asked);

test("a fetch by grant, with the policy's host, user and key", () => {
  const { kind, rule, order } = judge(request());
  assert.deepEqual([kind, rule], ["allow", "user:network.allow[0]"]);
  const own = { host: "git.example", port: 22, user: "git", key: "/home/me/.ssh/id" };
  assert.deepEqual(order, { ...own, service: "git-upload-pack", repository: "team/one.git", version: undefined });
  assert.equal(judge(request({ port: 2222, user: "git", repository: "/team/x" })).order?.port, 2222);
});

test("large files: fetching them is a fetch, sending them a push", () => {
  const large = (operation: "download" | "upload", push: "ask" | "allow" | "refuse") =>
    judge(request({ service: "git-lfs-authenticate", operation }), grant({ push }));
  assert.deepEqual(
    [large("download", "refuse").kind, large("download", "refuse").order?.operation],
    ["allow", "download"],
  );
  assert.deepEqual(
    [large("upload", "refuse").kind, large("upload", "ask").push, large("upload", "allow").push],
    ["refuse", "ask", "allow"],
  );
});

test("everything else is refused, in audit too: it would take the person's key", () => {
  const other = parseHost("other.example") ?? assert.fail();
  for (const mode of ["enforce", "audit"] as const) {
    for (const more of [
      { host: other },
      { user: "root" },
      { port: 443 },
      { repository: "other/two.git" },
      { repository: "team/../other/two.git" },
      { repository: "team//x" },
      { repository: "~/team/one.git" },
    ])
      assert.deepEqual(
        [judge(request(more), grant(), mode).kind, judge(request(more), grant(), mode).order],
        ["refuse", undefined],
      );
    assert.equal(judge(request(), grant({ protocol: "tcp" }), mode).kind, "refuse");
  }
});

test("a push is asked about unless the grant says otherwise", () => {
  const push = (rule: NetworkGrant["push"], mode: "enforce" | "audit" = "enforce") => {
    const verdict = judge(request({ service: "git-receive-pack" }), grant({ push: rule }), mode);
    return verdict.kind === "allow" ? verdict.push : verdict.kind;
  };
  assert.deepEqual([push(undefined), push("ask"), push("allow"), push("refuse")], ["ask", "ask", "allow", "refuse"]);
  assert.deepEqual([push(undefined, "audit"), push("refuse", "audit")], ["allow", "allow"]);
});

test("a grant of ssh opens nothing else to the host", () => {
  for (const mode of ["enforce"] as const) {
    const rules = { mode, network: [grant({ ports: [22, 443] })], credentials: [], logins: [], purposes: [] };
    for (const port of [22, 443, undefined]) assert.equal(judgeFor(rules).reach(host, port).kind, "refuse");
  }
});
