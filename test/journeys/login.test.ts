// Invariant 4 for the tool's own login, through the real boundary, against our own authorisation server (PKCE, device code, refresh tokens that
// serve once, a family that ends when one comes twice). Truth is the server's log, the host's file, /proc, the record. Needs the
// boundary's tools.

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import type { Given } from "../../src/vendor/oauth/grants.ts";
import { type Authorisation, openAuthorisation } from "../../src/vendor/oauth/server.ts";
import { commandOf, loginTool, said, sayYes, until } from "./login-stage.ts";
import { descendantsOf, formsOf, readProcess, searchFiles, searchProcess } from "./memory.ts";
import { withoutCurl } from "./missing.ts";
import { Stage, type Started } from "./stage.ts";

const claude = { authorise: "/oauth/authorize", token: "/v1/oauth/token", device: "/none" };
const prefixes = { access: "sk-ant-oat01-", refresh: "sk-ant-ort01-" };

/** What tokens begin with, and what our placeholders hold. */
const beginnings = ["sk-ant-o", "eyJ", "postern"].map((text) => Buffer.from(text));
const isWord = (octet: number | undefined): boolean => octet !== undefined && /[\w.-]/.test(String.fromCharCode(octet));

/** Everything in the memory of these processes that looks like a token. */
function tokensInside(pids: readonly number[]): ReadonlySet<string> {
  const found = new Set<string>();
  const take = (chunk: Buffer, at: number): void => {
    let [from, to] = [at, at];
    while (at - from < 4096 && isWord(chunk[from - 1])) from -= 1;
    while (to - at < 4096 && isWord(chunk[to])) to += 1;
    if (to - from >= 24) found.add(chunk.toString("latin1", from, to));
  };
  for (const pid of pids)
    readProcess(pid, (chunk) => {
      for (const needle of beginnings)
        for (let at = chunk.indexOf(needle); at >= 0; at = chunk.indexOf(needle, at + needle.length)) take(chunk, at);
    });
  return found;
}

/** No process inside holds anything of a real token, in whatever form; what it holds is worth nothing at the server. */
function checkInside(children: readonly ChildProcess[], server: Authorisation, stages: readonly Stage[]): void {
  const forms = formsOf(server.grants.watermark);
  const inside = children.flatMap(({ pid }) => descendantsOf(pid ?? 0));
  assert.ok(inside.length >= children.length);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const held = tokensInside(inside);
  assert.ok(
    [...held].some((token) => /postern[0-9a-f]{56}$/.test(token)),
    "the search is sound: placeholders are found",
  );
  for (const token of held) assert.equal(server.grants.accepts(token), undefined, token.slice(0, 20));
  const tops = ["/dev/shm", "/etc", "/run", "/tmp", "/var", ...stages.flatMap(({ home, work }) => [home, work])];
  for (const { pid } of children) {
    const agent = descendantsOf(pid ?? 0).at(-1) ?? 0;
    assert.deepEqual(searchFiles(`/proc/${agent}/root`, tops, forms), []);
    assert.ok(searchProcess(pid ?? 0, forms).found.has("plain"), "the search is sound: we hold the token");
  }
}

function allow(server: Authorisation, stage: Stage, ca: string, hosts: readonly string[]) {
  const upstream = { address: server.address, ca: stage.write(`${hosts[0]}.pem`, ca) };
  return hosts.map((host) => ({ host, upstream }));
}

test("real boundary: three sessions and the host stay logged in for 200 refreshes, one of them killed in the middle", {
  skip: withoutCurl,
  timeout: 150_000,
}, async () => {
  const tls = issueForLoopback(["platform.claude.com", "api.anthropic.com"]);
  let held: { readonly reached: () => void } | undefined;
  await using server = await openAuthorisation({
    tls,
    prefixes,
    paths: claude,
    pace: async (_, gone) => {
      const holding = held;
      held = undefined;
      holding?.reached();
      if (holding !== undefined) await gone;
    },
  });
  using first = new Stage({ files: { "tool.ts": loginTool } });
  using second = new Stage({ files: { "tool.ts": loginTool } });
  using third = new Stage({ files: { "tool.ts": loginTool } });
  const stages = [first, second, third];
  const file = join(first.home, ".claude/.credentials.json");
  const own = (): Record<string, unknown> =>
    (JSON.parse(readFileSync(file, "utf8")) as { claudeAiOauth: Record<string, unknown> }).claudeAiOauth;
  const write = ({ access_token: accessToken, refresh_token: refreshToken, expires_in: seconds }: Given): void => {
    const oauth = {
      accessToken,
      refreshToken,
      expiresAt: Date.now() + seconds * 1000,
      scopes: ["user:inference"],
      subscriptionType: "max",
    };
    writeFileSync(file, JSON.stringify({ claudeAiOauth: oauth, other: "kept" }), { mode: 0o600 });
  };
  mkdirSync(join(first.home, ".claude"));
  write(server.grants.logIn());

  const hosts = ["platform.claude.com", "api.anthropic.com"];
  const policy = {
    network: { allow: allow(server, first, tls.ca, hosts) },
    credentials: { claude: { from: { login: "claude-code", of: "host" } } },
  };
  const environment = { HOME: first.home, POSTERN_HOME: first.state };
  const start = (stage: Stage): Started => stage.start(commandOf("rounds"), { policy, environment });
  const running = stages.map(start);
  const turn = (stage: Stage, name: string): void => writeFileSync(join(stage.work, "turn"), name);
  const done = (stage: Stage, name: string) =>
    until(() => said(stage, "rounds")?.["turn"] === name && said(stage, "rounds"), name);
  const whole = (name: string) => ({ turn: name, refresh: 200, ask: 200 });

  let refreshes = 0;
  for (let round = 1; round <= 60; round += 1) {
    if (round === 26) {
      // killed while it is the one that asks: its turn ends with it, and the server had done nothing yet
      const reached = Promise.withResolvers<void>();
      held = { reached: reached.resolve };
      turn(third, "killed");
      await reached.promise;
      running[2]?.child.kill("SIGKILL");
      assert.equal((await running[2]?.ended)?.code, 137);
      turn(third, "");
      running[2] = start(third);
    }
    for (const stage of stages) turn(stage, `${round}`);
    for (const stage of stages) assert.deepEqual(await done(stage, `${round}`), whole(`${round}`));
    refreshes += stages.length;
    if (round % 3 === 0) {
      // the tool outside, by itself; its next turn finds the sessions with a token that has been used
      const given = server.grants.refresh(String(own()["refreshToken"]));
      assert.ok(!("error" in given), `the host lost its login in round ${round}`);
      assert.equal(own()["subscriptionType"], "max");
      write(given);
      refreshes += 1;
    }
    if (round === 40)
      checkInside(
        running.map(({ child }) => child),
        server,
        stages,
      );
  }
  assert.equal(refreshes, 200);
  for (const stage of stages) turn(stage, "end");
  for (const { ended } of running) {
    const { code, errors } = await ended;
    assert.equal(code, 0, errors);
  }

  const [family, ...others] = server.grants.families;
  assert.deepEqual([family?.ended, others], [undefined, []], "never revoked, and no second login");
  // the server's own count: the host's 20, and one for each round of the sessions that did not find the host's work done
  assert.equal(family?.rotations, 20 + 41);
  const count = (line: string): number => server.log.filter((entry) => entry === line).length;
  assert.equal(count("GET /api/oauth/profile 200"), 180);
  assert.equal(server.log.filter((entry) => !entry.endsWith(" 200")).length, 0);
  assert.equal(server.grants.accepts(String(own()["refreshToken"])), "refresh");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal((JSON.parse(readFileSync(file, "utf8")) as { other: string }).other, "kept");
  const slots = readdirSync(join(first.state, "logins")).map((name) =>
    readFileSync(join(first.state, "logins", name), "utf8"),
  );
  assert.ok(!slots.join().includes(server.grants.watermark), "the host's tokens are in the host's file alone");

  assert.deepEqual(readdirSync(join(first.state, "bridges")), [], "nothing is left, of the killed one neither");

  const log = await first.log({ environment });
  const acts = log.filter(({ kind, sealed }) => kind === "credential" && sealed["act"] !== undefined);
  assert.equal(acts.filter(({ sealed }) => sealed["act"] === "refresh").length, 41);
  assert.equal(acts.filter(({ sealed }) => sealed["act"] === "kept").length, 139);
  assert.ok(
    acts.every(({ rule, sealed }) => rule === "user:credentials.claude" && sealed["host"] === "platform.claude.com"),
  );
  assert.ok(!JSON.stringify(log).includes(server.grants.watermark));
  // a session without the person's word about the host's login knows nothing of it
  const without = await first.run(["sh", "-c", "ls -A ~/.claude"], { environment });
  assert.notEqual(without.code, 0);
});

test("real boundary: a login made inside, by a page that leads back, by a pasted code, by a device", {
  skip: withoutCurl,
  timeout: 120_000,
}, async () => {
  const names = ["platform.claude.com", "api.anthropic.com", "chat.qwen.ai", "portal.qwen.ai", "other.example.com"];
  const tls = issueForLoopback(names);
  await using server = await openAuthorisation({ tls, prefixes, paths: claude });
  const paths = { authorise: "/none", token: "/api/v1/oauth2/token", device: "/api/v1/oauth2/device/code" };
  await using devices = await openAuthorisation({ tls, paths, interval: 0.3, slower: 0.2 });
  const elsewhere: string[] = [];
  const other = createServer(tls, (request, response) => {
    elsewhere.push(request.rawHeaders.join("\n"));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  using stage = new Stage({ files: { "tool.ts": loginTool } });
  const pem = stage.write("other.pem", tls.ca);
  const policy = {
    network: {
      allow: [
        ...allow(server, stage, tls.ca, ["platform.claude.com", "api.anthropic.com"]),
        ...allow(devices, stage, tls.ca, ["chat.qwen.ai", "portal.qwen.ai"]),
        {
          host: "other.example.com",
          upstream: { address: `127.0.0.1:${(other.address() as AddressInfo).port}`, ca: pem },
        },
      ],
    },
    credentials: { claude: { from: { login: "claude-code" } }, qwen: { from: { login: "qwen-code" } } },
  };
  const { child, ended } = stage.start(commandOf("login"), { policy });
  let told = "";
  child.stderr?.on("data", (chunk: Buffer) => (told += chunk.toString()));
  void ended.then(({ errors }) => (told += errors));

  // the person: takes the page from the terminal, says yes there, and is led back to the tool
  const yes = (at: unknown): Promise<string> => sayYes(server, tls.ca, at);
  const page = await until(
    () => /in your own browser: (https:\/\/claude\.ai\/\S+)/.exec(told)?.[1],
    "the page to be shown",
  );
  const back = await yes(page);
  assert.match(back, /^http:\/\/localhost:\d+\/callback\?code=code-/);
  const [landed] = (await once(get(back), "response")) as [
    { readonly statusCode: number; readonly resume: () => void },
  ];
  landed.resume();
  assert.equal(landed.statusCode, 200);

  const pasted = await until(() => said(stage, "paste")?.["page"], "the page to paste from");
  const code = new URL(await yes(pasted)).searchParams.get("code") ?? "";
  writeFileSync(join(stage.work, "pasted"), code);
  const user = await until(() => said(stage, "device")?.["user"], "the device's code");
  await until(() => devices.log.some((line) => line.endsWith(" 429")), "the device to be told to slow down");
  assert.ok(devices.grants.approve(String(user)));

  const statuses = await until(() => said(stage, "statuses"), "the end");
  assert.deepEqual(statuses, { page: 200, "page elsewhere": 403, paste: 200, "paste elsewhere": 403, device: 200 });
  assert.ok(devices.log.some((line) => line.endsWith("device_code 429")));
  assert.deepEqual(elsewhere, []);
  checkInside([child], server, [stage]);
  checkInside([child], devices, [stage]);
  // what led back is closed again
  await assert.rejects(once(get(back), "response"), { code: "ECONNREFUSED" });
  writeFileSync(join(stage.work, "turn"), "end");
  assert.equal((await ended).code, 0);
  const slots = readdirSync(join(stage.state, "logins")).filter((name) => name.endsWith(".json"));
  assert.equal(slots.length, 2);
  for (const name of slots) assert.equal(statSync(join(stage.state, "logins", name)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(stage.state, "bridges")), []);
  const acts = (await stage.log())
    .filter(({ kind }) => kind === "credential")
    .map(
      ({ sealed }) => `${String(sealed["credential"])} ${typeof sealed["act"] === "string" ? sealed["act"] : "used"}`,
    );
  assert.deepEqual(acts.toSorted(), [
    "claude asked",
    "claude login",
    "claude login",
    "claude used",
    "qwen login",
    "qwen used",
  ]);
  other.close();
});

test("real boundary: the host's login where the tool would see it is no start (invariant 4)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const access = "sk-ant-oat01-real-token-0123456789";
  const folder = join(stage.home, ".claude");
  mkdirSync(folder);
  writeFileSync(join(folder, ".credentials.json"), JSON.stringify({ claudeAiOauth: { accessToken: access } }));
  const credentials = { claude: { from: { login: "claude-code", of: "host" } } };
  for (const read of [folder, join(folder, ".credentials.json")]) {
    const policy = { files: { write: ["."], read: [process.execPath, read] }, credentials };
    const { code, errors } = await stage.run(["true"], { policy });
    assert.equal(code, 125);
    assert.match(errors, /the host's login to claude-code .* would be shown inside/);
  }
  const fine = await stage.run(["true"], { policy: { credentials } });
  assert.equal(fine.code, 0, fine.errors);
  // the file is out of sight, but the way to it is the tool's to change
  mkdirSync(join(stage.home, "safe"));
  renameSync(join(folder, ".credentials.json"), join(stage.home, "safe/login.json"));
  symlinkSync(join(stage.home, "safe/login.json"), join(folder, ".credentials.json"));
  const led = await stage.run(["true"], { policy: { files: { write: [".", folder] }, credentials } });
  assert.equal(led.code, 125);
  assert.match(led.errors, /is found by a link in .*, which would be shown inside/);
  const unseen = await stage.run(["true"], { policy: { credentials } });
  assert.equal(unseen.code, 0, unseen.errors);
});

test("real boundary: the host's login that is not there is no start, and says what to do", {
  skip: withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const policy = { credentials: { claude: { from: { login: "claude-code", of: "host" } } } };
  const { code, errors } = await stage.run(["true"], { policy });
  assert.equal(code, 125);
  assert.match(errors, /nobody is logged in to claude-code on this host \(user:credentials\.claude\)/);
  assert.match(errors, /hint: log in outside first, or log in inside: from: \{ login: claude-code \}/);
  // one that keeps its login in a keyring leaves its file without it, or without a token in it
  for (const text of [undefined, '{"auth_mode":"chatgpt","OPENAI_API_KEY":null}']) {
    if (text !== undefined) stage.write("home/.codex/auth.json", text);
    const codex = await stage.run(["true"], {
      policy: { credentials: { c: { from: { login: "codex", of: "host" } } } },
    });
    assert.equal(codex.code, 125);
    assert.match(
      codex.errors,
      /no login to codex is in .*\/\.codex\/auth\.json \(user:credentials\.c\): nobody is logged in on this host, or it is kept in the keyring/,
    );
    assert.match(
      codex.errors,
      /hint: .*from: \{ login: codex \}; kept elsewhere: set it to "file" there and log in outside anew: codex login/,
    );
  }
  assert.ok(!existsSync(join(stage.state, "homes")));
});
