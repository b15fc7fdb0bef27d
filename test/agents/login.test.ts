// The published Codex with a ChatGPT login, unmodified, by the profile's words alone: the host's login, whose access token has
// ended. Which paths it needs to begin, to work and to begin again stands here, so that a version that needs another is red.
// Judged by both servers' logs, the host's file, the record and /proc. Needs npm to install it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo } from "../../src/vendor/demo.ts";
import { descendantsOf, formsOf, searchFiles, searchProcess } from "../journeys/memory.ts";
import type { Ran } from "../journeys/stage.ts";
import { check, credentials, endpoint, needed, open, past, pathOf, prompt, type Scene, turns } from "./login-scene.ts";
import { Terminal, withoutTmux } from "./tmux.ts";

const postern = new URL("../../postern", import.meta.url).pathname;

/** Its work is done: each step was asked for at the vendor, and the file is as it should be. */
function completes({ vendor }: Scene, { errors }: Ran, before: number): void {
  assert.ok(turns(vendor) - before > demo.script.steps.length, errors);
}

test("Codex with the host's ChatGPT login: refreshes, works, and begins a second time, holding placeholders alone", {
  timeout: 300_000,
}, async () => {
  const [held, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using scene = await open((vendor) => {
    if (turns(vendor) < demo.script.steps.length) return Promise.resolve();
    reached.resolve();
    return held.promise;
  });
  const { stage, server, vendor } = scene;
  const { child, ended } = scene.start();
  const early = await Promise.race([reached.promise, ended]);
  assert.equal(early, undefined, JSON.stringify(early));
  const forms = formsOf(server.grants.watermark);
  const inside = descendantsOf(child.pid ?? 0);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const tops = ["/dev/shm", "/etc", "/run", "/tmp", "/var/tmp", stage.home, stage.work];
  assert.deepEqual(searchFiles(`/proc/${inside.at(-1) ?? 0}/root`, tops, forms), []);
  assert.ok(searchProcess(child.pid ?? 0, forms).found.has("plain"), "the search is sound: we hold the token");
  held.resolve();
  completes(scene, await ended, 0);
  assert.equal(scene.edited, demo.mended.text);

  const before = turns(vendor);
  completes(scene, await scene.start().ended, before);
  assert.deepEqual(server.log, [`POST ${endpoint.paths[0]} refresh_token 200`], "refreshed once, and it lasts");
  assert.equal(server.grants.accepts(scene.own.tokens.refresh_token), "refresh");
  assert.equal(scene.own.tokens.account_id, "acc-1");
  assert.ok(Date.parse(scene.own.last_refresh) > Date.now() - past / 2);
  const asked = [...new Set(vendor.requests.map(pathOf))].toSorted();
  assert.deepEqual(asked, [
    "/backend-api/codex/models",
    "/backend-api/codex/responses",
    check,
    "/backend-api/wham/settings/user",
  ]);
  assert.ok(vendor.requests.every(({ status }) => status !== 401));
  // everything else it asked chatgpt.com for is its plugins and its telemetry, and was refused
  const refused = (await stage.log()).flatMap(({ verdict, sealed: { host, target } }) =>
    verdict === "refuse" && host === "chatgpt.com" && typeof target === "string" ? [target] : [],
  );
  const rest = refused.filter((target) => !/^\/backend-api\/(?:ps|plugins|codex\/analytics-events)\//.test(target));
  assert.deepEqual(rest, []);
});

test("Codex with a ChatGPT login needs these two paths and no other; without the account's it does not begin", {
  timeout: 300_000,
}, async () => {
  await using enough = await open();
  completes(enough, await enough.start({ isGranted: (path) => needed.includes(path) }).ended, 0);
  assert.equal(enough.edited, demo.mended.text);
  for (const missing of needed) {
    await using scene = await open();
    await scene.start({ isGranted: (path) => needed.includes(path) && path !== missing }).ended;
    assert.equal(turns(scene.vendor), 0, missing);
    assert.notEqual(scene.edited, demo.mended.text, missing);
  }
});

test("Codex told to keep its login in a keyring does not see the one in its file; told to use the file, it does: as our hint says", {
  timeout: 120_000,
}, async () => {
  await using scene = await open();
  const says = async (store: string): Promise<string> => {
    const config = scene.stage.write("home/.codex/config.toml", `cli_auth_credentials_store = "${store}"\n`);
    const { output, errors } = await scene.start({ words: ["codex", "login", "status"], read: [config] }).ended;
    return output + errors;
  };
  assert.match(await says("keyring"), /failed to load CLI auth from keyring/);
  assert.match(await says("auto"), /Logged in using ChatGPT/);
  assert.match(await says("file"), /Logged in using ChatGPT/);
});

test("Codex by keystrokes with the host's ChatGPT login: nothing of it is asked of the person, at the first start and the second", {
  skip: withoutTmux,
  timeout: 300_000,
}, async () => {
  await using scene = await open();
  const { stage, server, vendor } = scene;
  const policy = stage.write("by-hand.yaml", JSON.stringify({ version: 1, network: scene.network(), credentials }));
  const environment = { ...scene.environment, HOME: stage.home, PS1: "shell> ", POSTERN_HOME: stage.state };
  using terminal = new Terminal({ enter: ["env"], directory: stage.base, work: stage.work, environment });
  await terminal.until(/\$ ?$|# ?$|shell>/m);
  const ready = /› Ask Codex to do anything/;
  for (const first of [true, false]) {
    const before = turns(vendor);
    terminal.type(`clear; ${postern} run --policy ${policy} -- codex --dangerously-bypass-approvals-and-sandbox`);
    terminal.press("Enter");
    // whose folder it is, and no word of a login
    if (first) await terminal.until(/Trust this folder/);
    if (first) await terminal.pressUntil("Enter", ready);
    assert.doesNotMatch(await terminal.until(ready), /Sign in/);
    terminal.type(prompt);
    await terminal.until(/mend it/);
    await terminal.pressUntil("Enter", /Mended: the limits/);
    await terminal.pressUntil("C-c", /ended with 0/);
    assert.ok(turns(vendor) - before > demo.script.steps.length);
  }
  assert.equal(scene.edited, demo.mended.text);
  assert.deepEqual(server.log, [`POST ${endpoint.paths[0]} refresh_token 200`]);
  assert.ok(vendor.requests.every(({ status }) => status !== 401));
  // what it goes on without
  const refused = new Set((await stage.log()).map(({ verdict, sealed }) => verdict === "refuse" && sealed["target"]));
  for (const name of ["rate-limit-reset-credits", "security-setup"])
    assert.ok(refused.has(`/backend-api/wham/${name}`), [...refused].join());
  assert.ok(!terminal.history().includes(server.grants.watermark));
});
