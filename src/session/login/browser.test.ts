// A tool that wants a page opened: what the person is shown, which port is lent and for how long; and what a tool that lies or
// floods gets out of it.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Entry } from "../../domain/entry.ts";
import { Fault } from "../../domain/fault.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import type { Notice } from "../request.ts";
import { makeBridge, openBrowserWay } from "./browser.ts";

const inside = { listening: async () => [], reach: () => Promise.reject(new Error("nobody")) };
const back = encodeURIComponent("http://localhost:45454/callback");
const page = `https://claude.ai/oauth/authorize?redirect_uri=${back}`;

function stand(lend?: () => never) {
  const base = mkdtempSync(join(tmpdir(), "postern-browser-"));
  const bridge = makeBridge(join(base, "bridges"), "s-1");
  const [notices, entries, ports]: [Notice[], Entry[], string[]] = [[], [], []];
  const onLogin = new Set<() => void>();
  const grant = { id: "me", rule: "user:credentials.me", authorise: ["claude.ai"] } as unknown as LoginGrant;
  const way = openBrowserWay({
    prepared: { bridge, logins: [{ grant, onLogin }], request: { tell: (notice) => notices.push(notice) } },
    gate: {
      lend: async ({ port, rule }) => {
        lend?.();
        ports.push(`open ${port} ${rule}`);
        return { close: () => ports.push(`closed ${port}`) };
      },
    },
    inside,
    append: async (entry) => ({ index: entries.push(entry) }),
  });
  const asked = join(bridge.directory, "asked");
  return {
    base,
    bridge,
    asked,
    notices,
    entries,
    ports,
    onLogin,
    way,
    want: (text: string, name = "1") => writeFileSync(join(asked, name), text),
    told: async (count: number) => {
      for (let tries = 0; notices.length < count && tries < 300; tries += 1) await pause(20);
      return notices.map((notice) => ("text" in notice ? `${notice.text} | ${notice.hint ?? ""}` : notice.kind));
    },
    [Symbol.dispose]: () => {
      way[Symbol.dispose]();
      rmSync(base, { recursive: true });
    },
  };
}

test("a page of the login's host is shown and on the record, and its port is lent until somebody has logged in", async () => {
  using it = stand();
  it.want(`${page}\n`);
  assert.deepEqual(await it.told(1), [
    `the tool asks you to log in (me), in your own browser: ${page} | it leads back to port 45454, which is open on this machine until then`,
  ]);
  assert.deepEqual(it.ports, ["open 45454 user:credentials.me"]);
  assert.deepEqual(it.entries, [
    {
      kind: "credential",
      rule: "user:credentials.me",
      purpose: "login",
      sealed: { credential: "me", host: "claude.ai", act: "asked" },
    },
  ]);
  for (const told of it.onLogin) told();
  assert.deepEqual([it.ports.at(-1), it.onLogin.size], ["closed 45454", 0]);
});

test("any other page is refused in words that do not repeat it, and nothing is lent", async () => {
  using it = stand();
  it.want(`https://evil.example/?redirect_uri=${back}\n`, "1");
  it.want("file:///etc/passwd\u001b[2J\n", "2");
  const told = await it.told(2);
  assert.deepEqual(told.toSorted(), [
    "the tool wanted a page of evil.example opened in your browser: it is no login of this policy's | ",
    "the tool wanted something opened in your browser: it is no login of this policy's | ",
  ]);
  assert.deepEqual([it.ports, it.entries], [[], []]);
});

test("a port that is taken is said, and the page is shown all the same", async () => {
  using it = stand(() => {
    throw new Fault({ code: "publish", message: "port 45454 cannot be published", hint: "end that" });
  });
  it.want(`${page}\n`);
  assert.match(
    (await it.told(1))[0] ?? "",
    /log in \(me\).*\| port 45454 cannot be published, so the page cannot lead back: end that$/,
  );
});

test("links, directories and half a line are not read; a flood is shown twenty times at most", async () => {
  using it = stand();
  const canary = join(it.base, "canary");
  writeFileSync(canary, `${page}\n`);
  symlinkSync(canary, join(it.asked, "link"));
  mkdirSync(join(it.asked, "directory"));
  it.want(page, "half");
  for (let at = 0; at < 50; at += 1) it.want(`https://other${at}.example/\n`, `flood-${at}`);
  await it.told(20);
  await pause(700);
  assert.equal(it.notices.length, 20);
  assert.deepEqual(readdirSync(it.asked), ["half"]);
  assert.ok(existsSync(canary), "what a link led to is still there");
  assert.deepEqual(it.ports, []);
});

test("what the session made is gone with it; what a killed one left goes with the next, a running one's stays", () => {
  const it = stand();
  const bridges = join(it.base, "bridges");
  mkdirSync(join(bridges, "s-dead"));
  writeFileSync(join(bridges, "s-dead", "owner"), "another-boot pid:[1] 1 1");
  makeBridge(bridges, "s-2");
  assert.deepEqual(readdirSync(bridges).toSorted(), ["s-1", "s-2"]);
  it.way[Symbol.dispose]();
  assert.deepEqual(readdirSync(bridges), ["s-2"]);
  rmSync(it.base, { recursive: true });
});

/** Modes mean nothing to root. */
function asSomebody(): Disposable {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  return { [Symbol.dispose]: () => void (root && process.seteuid?.(0)) };
}

test("a directory the tool closed, or closed things in it, end nothing: not this session's way, nor its end, nor the next", async () => {
  using _somebody = asSomebody();
  const it = stand();
  mkdirSync(join(it.asked, "tree/below"), { recursive: true });
  chmodSync(join(it.asked, "tree/below"), 0);
  chmodSync(join(it.asked, "tree"), 0o500);
  it.want(`${page}\n`);
  assert.equal((await it.told(1)).length, 1, "what can be read is still shown");
  chmodSync(it.asked, 0);
  await pause(700);
  chmodSync(it.asked, 0o500);
  await pause(700);
  const bridges = join(it.base, "bridges");
  mkdirSync(join(bridges, "s-dead/asked/closed/below"), { recursive: true });
  writeFileSync(join(bridges, "s-dead/owner"), "another-boot pid:[1] 1 1");
  chmodSync(join(bridges, "s-dead/asked/closed"), 0);
  makeBridge(bridges, "s-2");
  it.way[Symbol.dispose]();
  assert.deepEqual(readdirSync(bridges), ["s-2"]);
  rmSync(it.base, { recursive: true });
});

test("what cannot be taken away was not asked: it is shown once at most", async () => {
  using _somebody = asSomebody();
  using it = stand();
  it.want(`${page}\n`);
  chmodSync(it.asked, 0o500);
  await pause(1000);
  assert.equal(it.notices.length, 0);
  chmodSync(it.asked, 0o700);
  await it.told(1);
  await pause(700);
  assert.equal(it.notices.length, 1);
});
