// `postern demo`: the main job, end to end and offline. A published agent mends a small repository against a scripted
// vendor on loopback; then its edit is taken back and the record verified. Every claim it prints was checked just then.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { breakGround } from "../../boundary/bare/ground.ts";
import { Fault } from "../../domain/fault.ts";
import { issueForLoopback } from "../../gateway/authority/loopback.ts";
import { verify } from "../../ledger/verify.ts";
import type { Summary } from "../../session/summary.ts";
import { demoCommand, demoPolicy, demo as material } from "../../vendor/demo.ts";
import { openVendor, vendorNames } from "../../vendor/server.ts";
import { callerStreams, readCaller } from "../caller.ts";
import { lastWord } from "../last-word.ts";
import { paint, print, warn } from "../speech.ts";
import { runAs } from "./run.ts";
import { undoSession } from "./undo.ts";

export async function demo(options: { readonly keep: boolean }): Promise<number> {
  const base = mkdtempSync(join(tmpdir(), "postern-demo-"));
  try {
    return await play(base);
  } finally {
    if (options.keep) print(`\nkept: ${base}`);
    else rmSync(base, { recursive: true, force: true });
  }
}

async function play(base: string): Promise<number> {
  const stage = setStage(base);
  const key = `sk-ant-api03-${randomBytes(24).toString("hex")}`;
  const tls = issueForLoopback(vendorNames);
  const vendor = await openVendor({ script: material.script, key, tls });
  try {
    writeFileSync(stage.ca, tls.ca);
    writeFileSync(stage.key, key, { mode: 0o600 });
    writeFileSync(stage.policy, demoPolicy({ address: vendor.address, ca: stage.ca, key: stage.key }));
    step("a repository with a bug, a policy for one provider, a vendor on loopback", `$ cat ${material.mended.path}`);
    print(indent(readFileSync(stage.edited, "utf8")));
    const command = demoCommand(findAgent());
    step("pi, as published, inside the boundary", `$ postern run -- pi -p "${command.at(-1)}"`);
    await using ground = breakGround(callerStreams);
    const outcome = await runAs(command, { policy: stage.policy, headless: true }, { ...stage.standing, ground });
    if (outcome.kind === "refused") warn(outcome.text, outcome.hint);
    if (outcome.kind !== "ended") return outcome.code;
    print("");
    for (const line of lastWord(outcome.summary, process.stdout)) print(line);
    return await prove(stage, outcome.summary, {
      sawKey: vendor.requests.some((request) => request.headers.includes(key)),
      key,
    });
  } finally {
    await vendor.close();
  }
}

/** Where the demo's own programs are looked for: the checkout it is typed in may have put others first. */
const system = { PATH: "/usr/local/bin:/usr/bin:/bin" };

interface Stage {
  readonly work: string;
  readonly edited: string;
  readonly ca: string;
  readonly key: string;
  readonly policy: string;
  readonly state: string;
  readonly standing: {
    readonly directory: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly home: string;
  };
}

function setStage(base: string): Stage {
  const [home, work, state] = [join(base, "home"), join(base, "parcel"), join(base, "state")];
  for (const directory of [home, work, state]) mkdirSync(directory, { mode: 0o700 });
  for (const [path, text] of Object.entries(material.files)) writeFileSync(join(work, path), text);
  const git = (...words: string[]) =>
    execFileSync(
      "git",
      [
        "-C",
        work,
        "-c",
        "user.name=demo",
        "-c",
        "user.email=demo@example.org",
        "-c",
        "init.defaultBranch=main",
        ...words,
      ],
      {
        env: { ...system, HOME: home, GIT_CONFIG_NOSYSTEM: "1" },
        stdio: "ignore",
      },
    );
  git("init");
  git("add", "-A");
  git("commit", "-m", "the price of a parcel");
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    POSTERN_HOME: state,
    TERM: process.env["TERM"] ?? "dumb",
    LANG: "C.UTF-8",
  };
  return {
    work,
    edited: join(work, material.mended.path),
    ca: join(base, "vendor.pem"),
    key: join(base, "key"),
    policy: join(base, "policy.yaml"),
    state,
    standing: { directory: work, environment, home },
  };
}

/** The agent of the checkout, else of the caller's PATH. */
function findAgent(): string {
  const beside = join(dirname(fileURLToPath(import.meta.url)), "../../../node_modules/.bin/pi");
  const found = [
    beside,
    ...(readCaller().environment["PATH"] ?? "").split(delimiter).map((directory) => join(directory, "pi")),
  ].find(existsSync);
  if (found !== undefined) return found;
  throw new Fault({
    code: "no-agent",
    message: "pi, the demo's agent, is not installed",
    hint: "npm install --global @mariozechner/pi-coding-agent",
  });
}

async function prove(
  stage: Stage,
  summary: Summary,
  { sawKey, key }: { sawKey: boolean; key: string },
): Promise<number> {
  const mended = readFileSync(stage.edited, "utf8") === material.mended.text;
  step("what it did, taken back", `$ postern undo ${summary.session}`);
  const undone = await undoSession(stage.state, summary.session);
  const back = readFileSync(stage.edited, "utf8") === material.files[material.mended.path];
  step("the record, verified", "$ postern verify");
  const verified = await verify(stage.state, {});
  print(indent(`${verified.kind}: ${summary.ledger.size} entries under signed heads`));
  const claims: [boolean, string][] = [
    [summary.exit.code === 0, "the agent ended by itself, with 0"],
    [mended, "it mended the bug"],
    [sawKey, "the vendor saw the real key"],
    [!readInside(stage.state).includes(key), "which was never written where the agent could read it"],
    [
      summary.network.namesRefused.includes(material.refused),
      `the tests asked for ${material.refused}: refused, recorded, never resolved`,
    ],
    [undone && back, "undo put every byte back"],
    [verified.kind === "ok", "the record verifies"],
  ];
  print("");
  for (const [held, what] of claims) print(`${held ? "✓" : paint.red("✗")} ${what}`);
  return claims.every(([held]) => held) ? 0 : 1;
}

/** Everything in the tool's private home. */
function readInside(state: string): string {
  return execFileSync("find", [join(state, "homes"), "-type", "f", "-exec", "cat", "{}", "+"], {
    encoding: "latin1",
    env: system,
    maxBuffer: 1 << 28,
  });
}

function step(what: string, command: string): void {
  print(`\n${paint.bold(`— ${what}`)}\n${paint.dim(command)}`);
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "  ");
}
