// A login while things happen to its session, through the real boundary: it rests (Ctrl-Z), the person logs out, the host's file is
// led elsewhere, it is killed before that file was written. Truth is the server's log and families, the host's files, /proc.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { childrenOf } from "../../src/boundary/linux/doors/owners.ts";
import { openDesk } from "../../src/boundary/linux/terminal/desk.ts";
import { type Issued, issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { type Authorisation, openAuthorisation } from "../../src/vendor/oauth/server.ts";
import { commandOf, loginTool, said, sayYes, until } from "./login-stage.ts";
import { withoutCurl } from "./missing.ts";
import { Stage, type Started } from "./stage.ts";

const postern = new URL("../../postern", import.meta.url).pathname;
const hosts = ["platform.claude.com", "api.anthropic.com"];
const asked = { skip: withoutCurl, timeout: 150_000 };

interface Held {
  readonly reached: Promise<void>;
  readonly release: () => void;
}

/** A server that holds a request for tokens where it is told to, and a person who is logged in on the host. */
class Scene implements AsyncDisposable {
  readonly stage = new Stage({ files: { "tool.ts": loginTool } });
  readonly tls: Issued = issueForLoopback(hosts);
  readonly folder = join(this.stage.home, ".claude");
  readonly file = join(this.folder, ".credentials.json");
  readonly #ca = this.stage.write("server.pem", this.tls.ca);
  #server: Authorisation | undefined;
  #next: { readonly reached: () => void; readonly released: Promise<void> } | undefined;

  get server(): Authorisation {
    return this.#server ?? assert.fail();
  }

  static async open(): Promise<Scene> {
    const scene = new Scene();
    scene.#server = await openAuthorisation({
      tls: scene.tls,
      prefixes: { access: "sk-ant-oat01-", refresh: "sk-ant-ort01-" },
      paths: { authorise: "/oauth/authorize", token: "/v1/oauth/token", device: "/none" },
      pace: async () => {
        const next = scene.#next;
        scene.#next = undefined;
        next?.reached();
        await next?.released;
      },
    });
    return scene;
  }

  /** The next request for tokens reaches the server, and stays there. */
  hold(): Held {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#next = { reached: reached.resolve, released: released.promise };
    return { reached: reached.promise, release: released.resolve };
  }

  logInOnHost(): void {
    const { access_token: accessToken, refresh_token: refreshToken } = this.server.grants.logIn();
    mkdirSync(this.folder);
    const own = { accessToken, refreshToken, expiresAt: Date.now() + 3_600_000 };
    writeFileSync(this.file, JSON.stringify({ claudeAiOauth: own }), { mode: 0o600 });
  }

  policy(of: "host" | "inside") {
    const upstream = { address: this.server.address, ca: this.#ca };
    return {
      network: { allow: hosts.map((host) => ({ host, upstream })) },
      credentials: { claude: { from: { login: "claude-code", of } } },
    };
  }

  start(stage: Stage, mode: string, of: "host" | "inside" = "host"): Started {
    const environment = { HOME: this.stage.home, POSTERN_HOME: this.stage.state };
    return stage.start(commandOf(mode), { policy: this.policy(of), environment });
  }

  /** One refresh of the tool there, and one question with what it has then. */
  async round(stage: Stage, turn: string): Promise<Record<string, unknown>> {
    writeFileSync(join(stage.work, "turn"), turn);
    return until(() => said(stage, "rounds")?.["turn"] === turn && said(stage, "rounds"), turn);
  }

  /** Logged in by the token in the host's file, and no token came twice. */
  isWell(): boolean {
    const { claudeAiOauth: own } = JSON.parse(readFileSync(this.file, "utf8")) as Record<
      string,
      { refreshToken: string }
    >;
    const { grants } = this.server;
    return grants.accepts(own?.refreshToken ?? "") === "refresh" && grants.families.every(({ ended }) => !ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.stage[Symbol.dispose]();
  }
}

const fine = { refresh: 200, ask: 200 };

test(
  "real boundary: a session that rests holds no login's lock; one that refreshes rests when that is over",
  asked,
  async () => {
    await using scene = await Scene.open();
    scene.logInOnHost();
    using other = new Stage({ files: { "tool.ts": loginTool } });
    using desk = await openDesk();
    const { stage } = scene;
    const shell = spawn("setsid", ["--ctty", "--", "bash", "--norc", "--noprofile", "-i"], {
      cwd: stage.work,
      env: { HOME: stage.home, PATH: "/usr/bin:/bin", POSTERN_HOME: stage.state, PS1: "shell> ", TERM: "xterm" },
      stdio: [desk.peer, desk.peer, desk.peer],
    });
    const over = once(shell, "exit");
    await desk.until(/shell> $/);
    const files = { write: ["."], read: [process.execPath] };
    const policy = stage.write("by-hand.yaml", JSON.stringify({ version: 1, files, ...scene.policy("host") }));
    desk.type(`${postern} run --policy ${policy} -- ${commandOf("rounds").join(" ")}\n`);
    assert.deepEqual(await scene.round(stage, "1"), { turn: "1", ...fine });

    const held = scene.hold();
    writeFileSync(join(stage.work, "turn"), "2");
    await held.reached;
    const stopped = desk.until(/Stopped[\s\S]*shell> $/);
    desk.type("\x1a");
    const first = await Promise.race([stopped.then(() => "rests"), pause(1500).then(() => "refreshes")]);
    assert.equal(first, "refreshes", "it does not stop with the lock in its hand");
    held.release();
    await stopped;
    const [job = 0] = childrenOf("/proc", shell.pid ?? 0);
    assert.match(readFileSync(`/proc/${job}/stat`, "utf8"), /\) T /);

    const { ended } = scene.start(other, "rounds");
    // what the resting session refreshed is given; then it is asked for anew, and nobody is waited for
    for (const turn of ["1", "2", "3"]) assert.deepEqual(await scene.round(other, turn), { turn, ...fine });
    assert.match(readFileSync(`/proc/${job}/stat`, "utf8"), /\) T /);
    desk.type("fg\n");
    assert.deepEqual(await until(() => said(stage, "rounds")?.["turn"] === "2" && said(stage, "rounds"), "fg"), {
      turn: "2",
      ...fine,
    });
    assert.deepEqual(await scene.round(stage, "3"), { turn: "3", ...fine });
    for (const { work } of [stage, other]) writeFileSync(join(work, "turn"), "end");
    assert.equal((await ended).code, 0);
    await desk.until(/ended with 0[\s\S]*shell> $/);
    desk.type("exit 5\n");
    assert.deepEqual(await over, [5, null]);
    assert.ok(scene.isWell());
  },
);

test(
  "real boundary: logged out while a session runs, it is logged out; then it logs in again, and so it stays",
  asked,
  async () => {
    await using scene = await Scene.open();
    const { stage, server } = scene;
    const paste = async (name: string): Promise<void> => {
      const page = await until(() => said(stage, name)?.["page"], name);
      const back = new URL(await sayYes(server, scene.tls.ca, page));
      writeFileSync(join(stage.work, `${name}d`), back.searchParams.get("code") ?? "");
    };
    const slots = () => readdirSync(join(stage.state, "logins")).filter((name) => name.endsWith(".json"));
    const { ended } = scene.start(stage, "again", "inside");
    await paste("first-paste");
    await until(() => said(stage, "in"), "the login");
    const [slot = ""] = slots();
    rmSync(join(stage.state, "logins", slot));
    const before = server.log.length;
    writeFileSync(join(stage.work, "out"), "");
    await until(() => said(stage, "second-paste"), "the tool to log in again");
    assert.deepEqual(server.log.slice(before), [], "nothing of what was logged out reaches anybody");
    await paste("second-paste");
    assert.equal((await ended).code, 0);
    assert.deepEqual(said(stage, "again"), {
      before: 200,
      out: { ask: 401, refresh: 400 },
      after: { ask: 200, refresh: 200 },
    });
    assert.deepEqual(slots(), [slot]);
    assert.deepEqual(
      server.grants.families.map(({ rotations, ended: why }) => [rotations, why]),
      [
        [0, undefined],
        [1, undefined],
      ],
    );
    // a new session goes on with it
    const next = scene.start(stage, "rounds", "inside");
    assert.deepEqual(await scene.round(stage, "1"), { turn: "1", ...fine });
    writeFileSync(join(stage.work, "turn"), "end");
    assert.equal((await next.ended).code, 0);
    assert.equal(server.grants.families.length, 2);
  },
);

test(
  "real boundary: the host's login is neither read nor written through a link that comes while the session runs",
  asked,
  async () => {
    await using scene = await Scene.open();
    scene.logInOnHost();
    const { stage, server, file, folder } = scene;
    const canary = stage.write("canary/.credentials.json", "untouched");
    const { ended } = scene.start(stage, "rounds");
    assert.deepEqual(await scene.round(stage, "1"), { turn: "1", ...fine });
    const before = server.log.length;
    renameSync(file, `${file}.moved`);
    symlinkSync(canary, file);
    assert.equal((await scene.round(stage, "2"))["refresh"], 503);
    rmSync(file);
    renameSync(`${file}.moved`, file);
    renameSync(folder, `${folder}.moved`);
    symlinkSync(join(stage.base, "canary"), folder);
    assert.equal((await scene.round(stage, "3"))["refresh"], 503);
    rmSync(folder);
    renameSync(`${folder}.moved`, folder);
    assert.equal(server.log.filter((line) => line.includes("refresh_token")).length, 1);
    assert.ok(
      server.log.slice(before).every((line) => !line.includes("token")),
      "the server was not asked",
    );

    // while the server is asked: what it gives is kept, and comes to the file when that is itself again
    const held = scene.hold();
    writeFileSync(join(stage.work, "turn"), "4");
    await held.reached;
    symlinkSync(canary, `${file}.postern-next`);
    renameSync(file, `${file}.moved`);
    symlinkSync(canary, file);
    held.release();
    await until(() => said(stage, "rounds")?.["turn"] === "4", "4");
    assert.equal(said(stage, "rounds")?.["refresh"], 503);
    assert.equal(readFileSync(canary, "utf8"), "untouched");
    renameSync(`${file}.moved`, file);
    assert.deepEqual(await scene.round(stage, "5"), { turn: "5", ...fine });
    assert.ok(scene.isWell());
    assert.equal(readFileSync(canary, "utf8"), "untouched");
    writeFileSync(join(stage.work, "turn"), "end");
    assert.equal((await ended).code, 0);
    assert.deepEqual(readdirSync(folder), [".credentials.json"]);
    const states = (await stage.log()).filter(({ rule }) => rule === "login:state");
    assert.equal(states.length, 3);
  },
);

test(
  "real boundary: killed between the server's answer and the host's file, the next session puts it there",
  asked,
  async () => {
    await using scene = await Scene.open();
    scene.logInOnHost();
    const { stage, file } = scene;
    const { child, ended } = scene.start(stage, "rounds");
    assert.deepEqual(await scene.round(stage, "1"), { turn: "1", ...fine });
    // the file cannot be replaced while this stands there
    mkdirSync(`${file}.postern-next`);
    assert.equal((await scene.round(stage, "2"))["refresh"], 503);
    child.kill("SIGKILL");
    assert.equal((await ended).code, 137);
    assert.ok(!scene.isWell(), "the token in the host's file has served");
    const refused = await stage.run(["true"], { policy: scene.policy("host") });
    assert.equal(refused.code, 125);
    assert.match(refused.errors, /cannot be written to .*; what the server gave is kept/);
    rmSync(`${file}.postern-next`, { recursive: true });
    assert.equal((await stage.run(["true"], { policy: scene.policy("host") })).code, 0);
    assert.ok(scene.isWell());
    assert.ok(!existsSync(`${file}.postern-next`));
  },
);

test(
  "real boundary: a token that ends before its time costs one question: who is told 401 refreshes, and goes on",
  asked,
  async () => {
    await using scene = await Scene.open();
    scene.logInOnHost();
    const { stage, server } = scene;
    using other = new Stage({ files: { "tool.ts": loginTool } });
    const running = [scene.start(stage, "rounds"), scene.start(other, "lazy")];
    const lazy = async (turn: string) => {
      writeFileSync(join(other.work, "turn"), turn);
      return until(() => said(other, "lazy")?.["turn"] === turn && said(other, "lazy"), turn);
    };
    assert.deepEqual(await lazy("1"), { turn: "1", asks: [200] });
    assert.deepEqual(await scene.round(stage, "1"), { turn: "1", ...fine });
    // the one that did not refresh has what the other got, without a word
    assert.deepEqual(await lazy("2"), { turn: "2", asks: [200] });
    server.grants.endAccess();
    // its placeholder is older than what is there, which has time left and is worth nothing
    assert.deepEqual(await lazy("3"), { turn: "3", asks: [401, 200] });
    assert.deepEqual(await lazy("4"), { turn: "4", asks: [200] });
    assert.ok(scene.isWell());
    assert.equal(server.grants.families[0]?.rotations, 2);
    for (const { work } of [stage, other]) writeFileSync(join(work, "turn"), "end");
    for (const { ended } of running) assert.equal((await ended).code, 0);
  },
);
