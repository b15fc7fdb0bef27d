// A person's machine for one test, and the real command line on it: home, checkout, state directory of its own, and
// outside the boundary a server that keeps what it saw. What the tool did is read from files of the host and from that
// server, never from what the tool says.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";

export const postern = fileURLToPath(new URL("../../postern", import.meta.url));
export const vendorHost = "api.vendor.example";

export interface Told {
  /** 128+n where a signal ended the command line itself. */
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly told: Promise<Told>;
}

export interface Asking {
  /** Working directory; the checkout. */
  readonly at?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Shell commands run first as root of a user and mount namespace of the test's own. */
  readonly within?: string;
}

export interface Stage extends AsyncDisposable {
  readonly base: string;
  readonly home: string;
  readonly work: string;
  readonly state: string;
  /** In the checkout: a tool that ran has written it. */
  readonly canary: string;
  /** A policy of the person's that lets the tool reach the vendor. */
  readonly policy: string;
  /** Targets of the requests that reached the vendor, as they came. */
  readonly seen: readonly string[];
  readonly start: (words: readonly string[], asking?: Asking) => Running;
  /** Waits for its end. */
  readonly ask: (words: readonly string[], asking?: Asking) => Promise<Told>;
  /** Another checkout of the same person. */
  readonly checkout: (name: string) => string;
}

/** `pace`: awaited before the vendor answers a request. */
export async function openStage(pace?: (target: string) => Promise<void>): Promise<Stage> {
  const base = mkdtempSync(join(tmpdir(), "postern-faults-"));
  const [home, state] = [join(base, "home"), join(base, "state")];
  for (const directory of [home, state]) mkdirSync(directory, { mode: 0o700 });
  const vendor = await openVendor(pace ?? (() => Promise.resolve()));
  const [ca, policy] = [join(base, "vendor.pem"), join(base, "policy.yaml")];
  writeFileSync(ca, vendor.ca);
  const grant = { host: vendorHost, upstream: { address: vendor.address, ca }, why: "inference" };
  writeFileSync(policy, JSON.stringify({ version: 1, network: { allow: [grant] } }));
  const checkout = (name: string) => makeCheckout(join(base, name), home);
  const work = checkout("work");
  const started: Running[] = [];
  const start: Stage["start"] = (words, asking) => {
    const running = startCommand(words, { base, home, state, work, ...asking });
    started.push(running);
    return running;
  };
  return {
    base,
    home,
    work,
    state,
    canary: join(work, "canary"),
    policy,
    seen: vendor.seen,
    start,
    ask: (words, asking) => start(words, asking).told,
    checkout,
    [Symbol.asyncDispose]: async () => {
      for (const { child, told } of started) {
        child.kill("SIGKILL");
        await told;
      }
      await vendor.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

interface Vendor {
  readonly address: string;
  readonly ca: string;
  readonly seen: readonly string[];
  readonly close: () => Promise<void>;
}

/** Answers everything with 200; notes a request when its head is whole. */
async function openVendor(pace: (target: string) => Promise<void>): Promise<Vendor> {
  const issued = issueForLoopback([vendorHost]);
  const seen: string[] = [];
  const server = createServer({ key: issued.key, cert: issued.cert }, (request, response) => {
    seen.push(request.url ?? "");
    request.resume();
    request.on("end", () => void pace(request.url ?? "").then(() => response.end("noted")));
    request.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { address: `127.0.0.1:${port}`, ca: issued.ca, seen, close };
}

/** A repository with one commit: src/a.txt, src/b.txt, run.sh (0755), link → src/a.txt. */
function makeCheckout(work: string, home: string): string {
  mkdirSync(join(work, "src"), { recursive: true });
  writeFileSync(join(work, "src/a.txt"), "one\ntwo\n");
  writeFileSync(join(work, "src/b.txt"), "three\n");
  writeFileSync(join(work, "run.sh"), "#!/bin/sh\necho run\n", { mode: 0o755 });
  execFileSync("ln", ["-s", "src/a.txt", join(work, "link")]);
  git(work, home, ["init", "-q", "-b", "main"]);
  git(work, home, ["add", "-A"]);
  git(work, home, ["commit", "-q", "-m", "first"]);
  return work;
}

export function git(work: string, home: string, words: readonly string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const environment = { PATH: process.env["PATH"], HOME: home, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", ["-C", work, ...who, ...words], {
    encoding: "utf8",
    env: environment,
    maxBuffer: 2 ** 26,
  });
}

type Placed = Asking & { readonly base: string; readonly home: string; readonly state: string; readonly work: string };

function startCommand(words: readonly string[], placed: Placed): Running {
  const line = [postern, ...words];
  const command =
    placed.within === undefined ? line : ["unshare", "-Urm", "sh", "-ec", `${placed.within}\nexec "$@"`, "sh", ...line];
  const child = spawn(command[0] ?? "", command.slice(1), {
    cwd: placed.at ?? placed.work,
    env: {
      PATH: process.env["PATH"],
      HOME: placed.home,
      POSTERN_HOME: placed.state,
      LANG: "C.UTF-8",
      ...placed.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, pid: child.pid ?? 0, told: listen(child) };
}

function listen(child: ChildProcess): Promise<Told> {
  let [output, errors] = ["", ""];
  child.stdout?.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr?.on("data", (part: Buffer) => (errors += part.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const tell = (): void => resolve({ code: code ?? 128 + numberOf(signal), output, errors });
      child.on("close", tell);
      // whatever it left running may hold its output open: that is for the test to find
      setTimeout(tell, 10_000).unref();
    });
  });
}

function numberOf(signal: string | null): number {
  return { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 }[signal ?? ""] ?? 0;
}

/** The record as `postern log --json` gives it. */
export interface Line {
  readonly index: number;
  readonly kind: string;
  readonly session: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly sealed: Readonly<Record<string, unknown>> | null;
}

export async function readLog(stage: Stage, words: readonly string[] = []): Promise<readonly Line[]> {
  const { output } = await stage.ask(["log", "--json", ...words]);
  return parseLines(output);
}

export function parseLines(output: string): readonly Line[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

/** Targets of the requests whose intent is in the record. */
export function intents(lines: readonly Line[]): ReadonlySet<string> {
  return new Set(lines.filter(({ kind }) => kind === "request").map(({ sealed }) => String(sealed?.["target"])));
}

/** Node as the tool: it asks the vendor for `/tag/0`, `/tag/1` …, four at a time, until it has `most` answers. */
export function asker(tag: string, most: number): readonly string[] {
  return [process.execPath, "-e", asking, tag, String(most), vendorHost];
}

const asking = `
const https = require("node:https");
const [tag, most, host] = process.argv.slice(1);
const agent = new https.Agent({ keepAlive: true, maxSockets: 4 });
let next = 0;
let answered = 0;
const ask = () => {
  const request = https.request({ host, path: "/" + tag + "/" + next++, method: "POST", agent }, (response) => {
    response.resume();
    response.on("end", () => (++answered >= Number(most) ? process.exit(0) : ask()));
  });
  request.on("error", () => setTimeout(ask, 5));
  request.end("x".repeat(200));
};
for (let at = 0; at < Math.min(4, Number(most)); at += 1) ask();
`;

/** Resolves when it holds; looks every few milliseconds and gives up after a minute. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
