// Codex with its own questions on, started as its extension for editors starts it: `codex app-server` on pipes, JSON-RPC, and an editor
// outside that answers what it asks. Judged by the vendor's log, the file, the record, and that the questions came.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { profileNamed } from "../../src/policy/profile.ts";
import { demo } from "../../src/vendor/demo.ts";
import { lastOf } from "../../src/vendor/record.ts";
import { openOutside } from "../journeys/outside.ts";
import { Stage } from "../journeys/stage.ts";
import { openPeer, type Peer } from "./asking/peer.ts";
import { install, nodeDirectory } from "./packages.ts";
import { grants, startVendor } from "./play.ts";
import { roster } from "./roster.ts";

const prompt = "The tests fail. Find out why and mend it.";
/** Its key from the variable: its server reads none by itself. */
const provider = '{name="own",base_url="https://api.openai.com/v1",env_key="CODEX_API_KEY",wire_api="responses"}';
const words = ["-c", "model_provider=own", "-c", `model_providers.own=${provider}`, "app-server"];

/** Until its work is done. */
async function drive(peer: Peer, work: string): Promise<void> {
  await peer.ask("initialize", { clientInfo: { name: "editor", title: "Editor", version: "1.0.0" } });
  peer.tell("initialized", {});
  const how = { cwd: work, approvalPolicy: "untrusted", sandbox: "danger-full-access", model: "gpt-5.5" };
  const { thread } = (await peer.ask("thread/start", how)) as { readonly thread: { readonly id: string } };
  await peer.ask("turn/start", { threadId: thread.id, input: [{ type: "text", text: prompt }] });
  await peer.heard("turn/completed");
}

/** What it asked. */
async function work(decision: "accept" | "decline") {
  const agent = roster.find(({ name }) => name === "codex") ?? assert.fail();
  const profile = profileNamed(agent.name) ?? assert.fail();
  const installed = install(agent.name);
  using stage = new Stage({ workspace: "parcel", files: demo.files, git: true });
  const key = agent.key();
  await using outside = await openOutside({ directory: stage.base });
  await using vendor = await startVendor(outside.enter, { key, names: agent.hosts, root: "" });
  void vendor.held.then(vendor.release);
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", vendor.ca) };
  const running = {
    policy: { network: { allow: grants(profile, { agent, way: { name: "", words: [] } }, upstream) } },
    environment: {
      PATH: `${join(installed.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      [agent.variable]: key,
    },
    before: outside.enter,
    input: "pipe" as const,
  };
  const { child, ended } = stage.start([installed.program, ...words], running);
  const asked: string[] = [];
  const peer = openPeer(child, (method) => {
    asked.push(method);
    return { decision };
  });
  const early = ended.then(({ errors, output }) => assert.fail(`it has ended: ${output}${errors}`));
  await Promise.race([drive(peer, stage.work), early]);
  early.catch(() => undefined);
  child.stdin?.end();
  const { summary, errors } = await ended;
  const requests = (await vendor.all()).filter(({ target }) => agent.target.test(target));
  const [header, scheme] = agent.header;
  for (const { headers } of requests) assert.equal(lastOf(headers).get(header), scheme + key);
  assert.deepEqual([summary?.grade, summary?.tool.name], ["full", agent.name], errors);
  assert.deepEqual(await outside.seen(), []);
  const log = await stage.log(running);
  assert.ok(log.filter(({ kind }) => kind === "request").length >= requests.length);
  return { asked, requests, mended: readFileSync(join(stage.work, demo.mended.path), "utf8") };
}

test("Codex's own questions come to an editor outside, and yes lets it work", { timeout: 240_000 }, async () => {
  const { asked, requests, mended } = await work("accept");
  assert.ok(asked.length > 0 && asked.every((method) => method.endsWith("/requestApproval")), asked.join());
  assert.ok(requests.length > 0);
  assert.equal(mended, demo.mended.text);
});

test("and no does not", { timeout: 240_000 }, async () => {
  const { asked, mended } = await work("decline");
  assert.ok(asked.length > 0, "it asked");
  assert.equal(mended, demo.files[demo.mended.path]);
});
