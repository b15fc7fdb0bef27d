// Claude Code in VS Code: what is typed into its terminal, and what an extension starts by the path of a copy of its own. VS Code is
// the real one (code-server: its server, extension host and terminals), opened in a browser; nothing was said to it but what `postern setup` says.
// Judged by the record, the vendor's log, the file and what reached any other address.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { profileNamed } from "../../src/policy/profile.ts";
import { demo } from "../../src/vendor/demo.ts";
import { lastOf } from "../../src/vendor/record.ts";
import { openOutside } from "../journeys/outside.ts";
import { Stage } from "../journeys/stage.ts";
import { command, layExtension } from "./editor/extension.ts";
import { sitDown } from "./editor/seat.ts";
import { equip, install } from "./packages.ts";
import { grants, startVendor } from "./play.ts";
import { roster } from "./roster.ts";

const skip = existsSync("/usr/bin/chromium") ? false : "NOT TRIED: no chromium here: scripts/setup --agents";
const prompt = "The tests fail. Find out why and mend it.";

async function there(file: string, pattern: RegExp): Promise<string> {
  for (const end = Date.now() + 150_000; Date.now() < end; await setTimeout(200))
    if (existsSync(file) && pattern.test(readFileSync(file, "utf8"))) return readFileSync(file, "utf8");
  throw new Error(`${file}: never ${pattern}: ${existsSync(file) ? readFileSync(file, "utf8") : "not there"}`);
}

test("VS Code's terminal, and an extension with an agent of its own", { skip, timeout: 900_000 }, async () => {
  const agent = roster.find(({ name }) => name === "claude-code") ?? assert.fail();
  const profile = profileNamed(agent.name) ?? assert.fail();
  const installed = install("claude-code");
  using stage = new Stage({ workspace: "parcel", files: demo.files, git: true });
  const key = agent.key();
  await using outside = await openOutside({ directory: stage.base });
  await using vendor = await startVendor(outside.enter, { key, names: agent.hosts, root: "" });
  void vendor.held.then(vendor.release);
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", vendor.ca) };
  const allow = grants(profile, { agent, way: { name: "", words: [] } }, upstream);
  stage.write("home/.config/postern/policy.yaml", JSON.stringify({ version: 1, network: { allow } }));
  const environment = {
    HOME: stage.home,
    PATH: `${join(installed.prefix, "bin")}:/usr/local/bin:/usr/bin:/bin`,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    POSTERN_HOME: stage.state,
    [agent.variable]: key,
  };
  const log = join(stage.base, "extension.log");
  const sdk = join(equip("sdk").prefix, "lib/node_modules", equip("sdk").package);
  const directory = join(stage.home, ".local/share/code-server/extensions");
  const copy = layExtension({ directory, agent: join(installed.prefix, "bin/claude"), sdk, log, prompt });
  const mine = '{\n  // mine\n  "workbench.startupEditor": "none"\n}\n';
  const settings = stage.write("home/.local/share/code-server/User/settings.json", mine);
  // the editor resolves what a login shell gives; where npm put the agent is said in the person's own start file
  stage.write("home/.bashrc", `PATH=${join(installed.prefix, "bin")}:$PATH\n`);
  const running = { environment, before: outside.enter };
  const setUp = await stage.call(["setup", "--yes", "--editor"], running);
  assert.equal(setUp.code, 0, setUp.errors);
  await using seat = await sitDown({ enter: outside.enter, directory: stage.base, work: stage.work, environment });

  const mended = join(stage.work, demo.mended.path);
  const before = readFileSync(mended, "utf8");
  const ended = join(stage.base, "ended");
  await seat.order({ kind: "press", keys: "Control+Shift+Backquote" });
  await seat.order({ kind: "see", selector: ".terminal-wrapper.active .xterm-screen" });
  await seat.order({
    kind: "type",
    text: `claude -p '${prompt}' --dangerously-skip-permissions; echo ended $? >${ended}`,
  });
  await seat.order({ kind: "press", keys: "Enter" });
  assert.equal(await there(ended, /ended/), "ended 0\n");
  await seat.order({ kind: "see", selector: ".terminal-wrapper.active" });
  assert.equal(readFileSync(mended, "utf8"), demo.mended.text);
  const first = (await vendor.all()).filter(({ target }) => agent.target.test(target)).length;
  assert.ok(first > demo.script.steps.length, `${first} requests`);

  writeFileSync(mended, before);
  await seat.order({ kind: "command", name: command });
  const told = await there(log, /"ended"|"failed"/);
  await seat.order({ kind: "see", selector: ".statusbar" });
  assert.match(told, /"ended":true/);
  assert.match(told, /"asked":"Edit"/, "its own questions came to the extension");
  assert.equal(readFileSync(mended, "utf8"), demo.mended.text);

  const requests = (await vendor.all()).filter(({ target }) => agent.target.test(target));
  assert.ok(requests.length >= 2 * first - 1, `${requests.length} requests`);
  for (const { headers } of requests) assert.equal(lastOf(headers).get("x-api-key"), key);
  const entries = await stage.log(running);
  const started = entries
    .filter(({ kind }) => kind === "session.start")
    .map(({ sealed }) => (sealed["command"] as string[])[0]);
  assert.deepEqual(started, ["claude", copy]);
  assert.equal(
    entries.filter(({ kind, verdict }) => kind === "request" && verdict === "allow").length >= requests.length,
    true,
  );
  const strays = async () =>
    (await outside.seen()).filter((one) => one.kind === "question" && /anthropic|claude/.test(one.name));
  assert.deepEqual(await strays(), [], "the agent asked nobody else for anything");

  // without it, the same extension's agent runs outside: the wrapper is what leads inside
  writeFileSync(log, "");
  assert.equal((await stage.call(["setup", "--undo"], running)).code, 0);
  assert.equal(readFileSync(settings, "utf8"), mine);
  await seat.order({ kind: "reload" });
  await seat.order({ kind: "command", name: command });
  await there(log, /"no wrapper"/);
  for (let look = 0; look < 200 && (await strays()).length === 0; look += 1) await setTimeout(300);
  assert.notDeepEqual(await strays(), []);
  assert.equal((await stage.log(running)).length, entries.length, "of which there is no record");
});
