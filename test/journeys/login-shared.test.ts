// Two logins whose tokens are given out at one place, as Claude Code's and pi's are, in one policy, through the real boundary: each
// refresh is its own login's, a code the running tool's, and one that could be either's is refused. Truth is the server's log and
// what is kept outside.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { openAuthorisation } from "../../src/vendor/oauth/server.ts";
import { commandOf, loginTool, said, sayYes, until } from "./login-stage.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const hosts = ["platform.claude.com", "api.anthropic.com"];
const asked = { skip: withoutCurl, timeout: 120_000 };

async function stand() {
  const tls = issueForLoopback(hosts);
  const server = await openAuthorisation({
    tls,
    prefixes: { access: "sk-ant-oat01-", refresh: "sk-ant-ort01-" },
    paths: { authorise: "/oauth/authorize", token: "/v1/oauth/token", device: "/none" },
  });
  const script = `#!/bin/sh\nexec ${commandOf("once").join(" ")}\n`;
  const stage = new Stage({ files: { "tool.ts": loginTool, claude: script, pi: script } });
  for (const name of ["claude", "pi"]) chmodSync(join(stage.work, name), 0o755);
  const upstream = { address: server.address, ca: stage.write("server.pem", tls.ca) };
  const allow = hosts.map((host) => ({ host, upstream }));
  return {
    server,
    stage,
    policy: (credentials: object) => ({ network: { allow }, credentials }),
    /** Runs it, with the person's yes; what the tool was told. */
    logIn: async (words: readonly string[], policy: object) => {
      for (const name of ["once.said", "once-paste.said", "once-pasted"])
        rmSync(join(stage.work, name), { force: true });
      const { ended } = stage.start(words, { policy });
      const page = await until(() => said(stage, "once-paste")?.["page"], "the page");
      const back = new URL(await sayYes(server, tls.ca, page));
      writeFileSync(join(stage.work, "once-pasted"), back.searchParams.get("code") ?? "");
      const { code, errors } = await ended;
      assert.equal(code, 0, errors);
      return said(stage, "once")?.["status"];
    },
    /** Tools whose login, made inside, is kept. */
    kept: () =>
      readdirSync(join(stage.state, "logins"))
        .filter((name) => name.endsWith(".json") && !name.startsWith("host."))
        .filter((name) => readFileSync(join(stage.state, "logins", name), "utf8").includes(server.grants.watermark))
        .map((name) => name.split(".").at(-2)),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      stage[Symbol.dispose]();
    },
  };
}

test(
  "real boundary: a refresh is that login's whose placeholder it holds, whichever the policy names first",
  asked,
  async () => {
    await using it = await stand();
    const { stage, server } = it;
    const { access_token: accessToken, refresh_token: refreshToken } = server.grants.logIn();
    const file = join(stage.home, ".claude/.credentials.json");
    mkdirSync(join(stage.home, ".claude"));
    writeFileSync(file, JSON.stringify({ claudeAiOauth: { accessToken, refreshToken } }));
    const policy = it.policy({
      pi: { from: { login: "pi" } },
      claude: { from: { login: "claude-code", of: "host" } },
    });
    const { ended } = stage.start(commandOf("rounds"), { policy });
    writeFileSync(join(stage.work, "turn"), "1");
    const round = await until(() => said(stage, "rounds"), "a refresh");
    assert.deepEqual(round, { turn: "1", refresh: 200, ask: 200 });
    writeFileSync(join(stage.work, "turn"), "end");
    assert.equal((await ended).code, 0);
    const { claudeAiOauth: own } = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
    assert.equal(server.grants.accepts(own?.["refreshToken"] ?? ""), "refresh");
    assert.deepEqual(it.kept(), []);
    // a code can only be pi's, for the host's login takes none
    assert.equal(await it.logIn(commandOf("once"), policy), 200);
    assert.deepEqual(it.kept(), ["pi"]);
    const acts = (await stage.log()).filter(({ sealed }) => ["login", "refresh"].includes(String(sealed["act"])));
    assert.deepEqual(
      acts.map(({ sealed }) => [sealed["credential"], sealed["act"]]),
      [
        ["claude", "refresh"],
        ["pi", "login"],
      ],
    );
  },
);

test(
  "real boundary: a code is the running tool's; of a tool that is not known by its name it is refused, and says what to do",
  asked,
  async () => {
    await using it = await stand();
    const policy = it.policy({ pi: { from: { login: "pi" } }, claude: { from: { login: "claude-code" } } });
    assert.match(String(await it.logIn(commandOf("once"), policy)), /403/);
    assert.deepEqual([it.kept(), it.server.log.filter((line) => line.includes("token"))], [[], []]);
    const [refused] = (await it.stage.log()).filter(({ rule }) => rule === "login:which");
    assert.match(String(refused?.sealed["reason"]), /for pi and claude: start the tool by its own name/);
    assert.equal(await it.logIn(["./claude"], policy), 200);
    assert.deepEqual(it.kept(), ["claude-code"]);
  },
);
