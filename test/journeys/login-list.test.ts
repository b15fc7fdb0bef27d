// `postern logins`: what is kept is listed without a token in it, and forgotten for good, also while a session of it runs or refreshes.
// Truth is the server's log, what is kept outside, and what is printed.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { openAuthorisation } from "../../src/vendor/oauth/server.ts";
import { commandOf, loginTool, said, sayYes, until } from "./login-stage.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const hosts = ["platform.claude.com", "api.anthropic.com"];

test("real boundary: logins kept are listed; one forgotten is logged out for the session that runs, in its turn", {
  skip: withoutCurl,
  timeout: 120_000,
}, async () => {
  const tls = issueForLoopback(hosts);
  await using server = await openAuthorisation({
    tls,
    prefixes: { access: "sk-ant-oat01-", refresh: "sk-ant-ort01-" },
    paths: { authorise: "/oauth/authorize", token: "/v1/oauth/token", device: "/none" },
  });
  using stage = new Stage({ files: { "tool.ts": loginTool } });
  const upstream = { address: server.address, ca: stage.write("server.pem", tls.ca) };
  const allow = hosts.map((host) => ({ host, upstream }));
  const policy = { network: { allow }, credentials: { claude: { from: { login: "claude-code" } } } };
  const paste = async (name: string): Promise<void> => {
    const page = await until(() => said(stage, name)?.["page"], name);
    const back = new URL(await sayYes(server, tls.ca, page));
    writeFileSync(join(stage.work, `${name}d`), back.searchParams.get("code") ?? "");
  };
  const list = async (): Promise<readonly Record<string, unknown>[]> => {
    const { code, output, errors } = await stage.call(["logins", "--json"]);
    assert.deepEqual([code, errors], [0, ""]);
    assert.ok(!output.includes(server.grants.watermark));
    return output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const slots = () => readdirSync(join(stage.state, "logins")).filter((name) => name.endsWith(".json"));
  assert.match((await stage.call(["logins"])).output, /^no tool's login is kept here\n$/);

  const { ended } = stage.start(commandOf("again"), { policy });
  assert.deepEqual(await list(), [], "nobody is logged in yet");
  await paste("first-paste");
  await until(() => said(stage, "in"), "the login");
  const [kept, ...others] = await list();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [kept?.["tool"], kept?.["of"], kept?.["workspace"], kept?.["state"]],
    ["claude-code", "inside", stage.work, "in"],
  );
  assert.ok(Date.parse(String(kept?.["expires"])) > Date.now());
  assert.match((await stage.call(["logins"])).output, /^claude-code +in .*\/work +logged in, access until \d{4}-/);

  for (const [words, expected, said] of [
    [["--forget", "nobody"], 2, /"?nobody"? has no login that is kept/],
    [["--forget", "codex"], 1, /no login to codex is kept for .*\/work/],
    [["--forget", "claude-code", stage.home], 1, /the workspace would be/],
    [["--all"], 2, /--forget TOOL/],
  ] as const) {
    const { code, errors } = await stage.call(["logins", ...words]);
    assert.equal(code, expected, errors);
    assert.match(errors, said);
  }
  assert.equal((await list()).length, 1);

  // as a session leaves it that is killed before it takes the slot's place
  for (const name of slots())
    copyFileSync(join(stage.state, "logins", name), join(stage.state, "logins", `${name}.next`));
  const forgotten = await stage.call(["logins", "--forget", "claude-code"]);
  assert.deepEqual(
    readdirSync(join(stage.state, "logins")).filter((name) => name.endsWith(".next")),
    [],
    "no token is left beside",
  );
  assert.equal(forgotten.code, 0, forgotten.errors);
  assert.match(forgotten.output, /^claude-code in .*\/work: logged out/);
  assert.match(forgotten.errors, /its server has not been told/);
  assert.deepEqual([slots(), await list()], [[], []]);
  const before = server.log.length;
  writeFileSync(join(stage.work, "out"), "");
  await until(() => said(stage, "second-paste"), "the tool to log in again");
  assert.deepEqual(server.log.slice(before), [], "nothing of what was forgotten reaches anybody");
  await paste("second-paste");
  assert.equal((await ended).code, 0);
  assert.equal((await list()).length, 1);
  assert.equal((await stage.call(["logins", "--forget", "claude-code", "--all"])).code, 0);
  assert.deepEqual(slots(), []);
});

test("real boundary: this machine's own login is listed where a session uses it, and is not ours to forget", {
  skip: withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  mkdirSync(join(stage.home, ".claude"));
  const own = { accessToken: "sk-ant-oat01-0123456789abcdef", refreshToken: "sk-ant-ort01-0123456789abcdef" };
  const file = stage.write("home/.claude/.credentials.json", JSON.stringify({ claudeAiOauth: own }));
  const credentials = { claude: { from: { login: "claude-code", of: "host" } } };
  assert.equal((await stage.run(["true"], { policy: { credentials } })).code, 0);
  const { output } = await stage.call(["logins"]);
  assert.match(output, /^claude-code +this machine's own, ~\/.claude\/.credentials.json +logged in\n$/);
  const refused = await stage.call(["logins", "--forget", "claude-code"]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.errors,
    /is this machine's own, ~\/\.claude\/\.credentials\.json\npostern: hint: log out with claude-code outside/,
  );
  assert.match((await stage.call(["logins", "--json"])).output, new RegExp(`"file":"${file}"`));
});
