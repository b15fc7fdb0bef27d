// Audit, propose, enforce, with published agents: a session in audit, the policy learned from it, the same session under that
// policy, and then, under the same policy and as the same tool, what nobody had seen it do. Judged by what the vendor received,
// by what came to any other address, and by the record. Needs the boundary's tools, and npm to install the agents.

import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { parsePolicy } from "../../src/policy/document.ts";
import { profileNamed } from "../../src/policy/profile.ts";
import type { AllowEntry } from "../../src/policy/schema/file.ts";
import { demo } from "../../src/vendor/demo.ts";
import type { Received } from "../../src/vendor/record.ts";
import { openOutside } from "../journeys/outside.ts";
import { type Logged, Stage } from "../journeys/stage.ts";
import { install, nodeDirectory } from "./packages.ts";
import { grants, patience, startVendor } from "./play.ts";
import { type Agent, roster, type Way } from "./roster.ts";

const rows: object[] = [];
after(() => console.table(rows));

/** One way each; Claude Code with its telemetry on, so that there is something to leave out. */
const ways: readonly (readonly [agent: string, way: string])[] = [
  ["pi", "it asks nothing"],
  ["claude-code", "bypass, telemetry left on"],
  ["codex", "bypass, WebSocket"],
  ["gemini-cli", "bypass"],
  ["opencode", "bypass"],
];

for (const [name, called] of ways)
  void test(`${name}: audited, learned, enforced`, { timeout: 4 * patience }, async () => {
    const agent = roster.find((one) => one.name === name);
    const way = agent?.ways.find((one) => one.name === called);
    assert.ok(agent !== undefined && way !== undefined);
    await learnAndEnforce(agent, way);
  });

/** Where anything is asked that the profile has a purpose for, so that in audit it would arrive. */
function namesOf(agent: Agent): Record<string, readonly string[]> {
  const hosts = profileNamed(agent.name)?.hosts.map(({ host }) => host) ?? [];
  const all = [...hosts, ...agent.refused.map(([, host]) => host), stranger];
  return Object.fromEntries([...new Set(all)].map((host, at) => [host, [`93.184.216.${40 + at}`]]));
}

const stranger = "exfil.example.net";

async function learnAndEnforce(agent: Agent, way: Way): Promise<void> {
  const installed = install(agent.name);
  const profile = profileNamed(agent.name);
  assert.ok(profile !== undefined);
  using stage = new Stage({ workspace: "parcel", files: demo.files, git: true });
  const key = agent.key();
  await using outside = await openOutside({ directory: stage.base, names: namesOf(agent) });
  await using vendor = await startVendor(outside.enter, { key, names: agent.hosts, root: "" });
  vendor.release();
  const settings = Object.entries(way.files ?? {}).map(([path, text]) => stage.write(join(stage.home, path), text));
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", vendor.ca) };
  const running = {
    policy: {
      files: { write: ["."], read: settings },
      network: { allow: grants(profile, { agent, way }, upstream) },
    },
    environment: {
      PATH: `${join(installed.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      [agent.variable]: key,
      ...way.environment,
    },
    before: outside.enter,
  };
  const command = [installed.program, ...way.words];

  const audited = await stage.run(command, { ...running, flags: ["--mode", "audit", "--headless"] });
  const session = audited.summary?.session ?? "";
  assert.deepEqual([audited.summary?.mode, mended(stage)], ["audit", demo.mended.text], audited.errors);
  const first = await vendor.all();

  const learned = join(stage.base, "learned.yaml");
  const said = await stage.call(["policy", "learn", "--from", session, "--out", learned], running);
  assert.equal(said.code, 0, said.errors);
  const text = readFileSync(learned, "utf8");
  const parsed = parsePolicy(Buffer.from(text), learned);
  assert.ok(parsed.ok, text);
  const { allow = [], profile: rest } = parsed.policy.value.network ?? {};
  assert.equal(rest, "none");
  assert.ok(!allow.some(({ why = "" }) => /^(?:telemetry|flags|update|login)$/.test(why)), text);
  const checked = await stage.call(["policy", "check", learned], running);
  assert.equal(checked.code, 0, checked.errors);

  for (const [path, before] of Object.entries(demo.files)) stage.write(join(stage.work, path), before);
  const enforced = await stage.run(command, { ...running, flags: ["--policy", learned, "--headless"] });
  const [all, log] = [await vendor.all(), await stage.log(running)];
  const second = all.slice(first.length);
  const told = `${enforced.errors}\n${text}`;
  assert.deepEqual([enforced.summary?.mode, mended(stage)], ["enforce", demo.mended.text], told);
  assert.deepEqual(shapeOf(second, agent), shapeOf(first, agent), told);
  const own = log.filter((entry) => entry.session === enforced.summary?.session);
  const passed = own.filter(({ kind }) => kind === "request");
  assert.ok(passed.length > 0 && passed.every(({ rule }) => rule?.startsWith("user:network.allow[")), told);
  leavesOutOnly(own, { text, audited: log.filter((entry) => entry.session === session) });

  const others = await refusesTheRest(
    { agent, stage, running, learned, count: all.length, allow },
    vendor.all,
    outside.seen,
  );
  rows.push({
    agent: agent.name,
    requests: `${first.length}, ${second.length}`,
    refused: own.filter(isRefusal).length,
    others,
  });
}

const mended = (stage: Stage): string => readFileSync(join(stage.work, demo.mended.path), "utf8");
const isRefusal = ({ kind }: Logged): boolean => kind === "refusal";

/** What was asked of inference, each once: how often is the agent's mood. */
function shapeOf(requests: readonly Received[], { target }: Agent): readonly string[] {
  const inference = requests.filter((one) => target.test(one.target));
  assert.ok(inference.length > demo.script.steps.length, `${inference.length} requests`);
  return [...new Set(inference.map((one) => `${one.method} ${one.target} ${one.protocol} ${one.status}`))].sort();
}

/** Whatever is refused now was in audit something beside inference, and the policy tells of it as not granted. */
function leavesOutOnly(log: readonly Logged[], { text, audited }: { text: string; audited: readonly Logged[] }): void {
  const inference = new Set(audited.filter(({ purpose }) => purpose === "inference").map(placeOf));
  for (const refusal of log.filter(isRefusal)) {
    const host = String(refusal.sealed["host"]);
    assert.ok(text.includes(host), `${placeOf(refusal)} is refused and not told of\n${text}`);
    assert.ok(!inference.has(placeOf(refusal)), placeOf(refusal));
  }
}

function placeOf({ sealed }: Logged): string {
  return `${String(sealed["host"])} ${String(sealed["target"]).split("?")[0]}`;
}

interface Trying {
  readonly agent: Agent;
  readonly stage: Stage;
  readonly running: { readonly before: readonly string[]; readonly environment: Readonly<Record<string, string>> };
  readonly learned: string;
  readonly count: number;
  readonly allow: readonly AllowEntry[];
}

/** A program that goes by the tool's name, so that its profile counts, asks for what was never seen. */
async function refusesTheRest(
  { agent, stage, running, learned, count, allow }: Trying,
  received: () => Promise<readonly Received[]>,
  seen: () => Promise<readonly unknown[]>,
): Promise<number> {
  // a policy's paths have no query
  const asks = (one: string): boolean => [one, `${one}?beta=true`].some((target) => agent.target.test(target));
  const granted = allow.find(({ paths }) => paths?.some(asks));
  const { host = "", methods = [], paths = [] } = granted ?? {};
  const path = paths.find(asks) ?? "";
  const [method = ""] = methods;
  const profile = profileNamed(agent.name);
  const tried = [
    ...["DELETE", "POST", "PUT"].filter((one) => !methods.includes(one)).map((one) => [one, host, path]),
    [method, host, "/v1/files"],
    [method, host, `${path}/more`],
    [method, host, "/"],
    ["POST", stranger, "/"],
    ...(profile?.hosts ?? [])
      .filter((one) => !one.host.startsWith("*") && !allow.some((entry) => entry.host === one.host))
      .map((one) => [one.methods?.[0] ?? "POST", one.host, one.paths?.[0]?.replaceAll("*", "x") ?? "/"]),
  ];
  // and the last one may: without it nothing before it would say anything
  const lines = [...tried, [method, host, path]].map(
    ([how, where, what]) => `curl -s -m 20 -o /dev/null -X ${how} 'https://${where}${what}'`,
  );
  const script = stage.write(`bin/${profile?.commands[0] ?? ""}`, `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(script, 0o755);
  const before = (await seen()).length;
  const { summary, errors } = await stage.run([script], { ...running, flags: ["--policy", learned, "--headless"] });
  assert.equal(summary?.tool.name, agent.name, errors);
  const log = (await stage.log(running)).filter(({ session }) => session === summary.session);
  const refused = log.filter(isRefusal).map(({ sealed }) => [sealed["method"], sealed["host"], sealed["target"]]);
  assert.deepEqual(refused, tried, errors);
  assert.equal((await received()).length, count + 1, "the vendor has seen the one that was granted");
  assert.equal((await seen()).length, before, "nothing came to any other address");
  return tried.length;
}
