// Policies that are wrong, that ask for more than they may, and that stand above everybody, through the command line. A
// canary in the checkout shows whether anything ran. The organisation's file is bound in a mount namespace of the test's
// own, which needs user namespaces.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openStage, readLog, type Stage, vendorHost } from "./fault-stage.ts";

const possible = spawnSync("unshare", ["-Urm", "true"]).status === 0;
const skip = possible ? false : "no user namespaces here: /etc/postern cannot be bound";
const vectors = fileURLToPath(new URL("../../vectors/policy/malformed/", import.meta.url));

interface Expected {
  readonly layer: "user" | "repository";
  readonly valid: boolean;
  readonly faults: readonly { line: number; column: number; says: string; hint: string }[];
}

const expected = Object.entries(
  JSON.parse(readFileSync(join(vectors, "expected.json"), "utf8")) as Record<string, Expected>,
);
const malformed = expected.filter(([, { layer, valid }]) => layer === "user" && !valid);

void test(`${malformed.length} malformed policies: check says where, what was meant and an example; run says it too, and nothing runs`, async () => {
  await using stage = await openStage();
  const file = (name: string) => join(stage.base, `${name}.yaml`);
  for (const [name] of malformed) copyFileSync(join(vectors, `${name}.yaml`), file(name));
  assert.ok(malformed.length >= 30);
  const waiting = [...malformed];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [name, { faults }] = next;
      const checked = await stage.ask(["policy", "check", file(name)]);
      assert.equal(checked.code, 1, name);
      taught(checked.errors, file(name), faults);
      const run = await stage.ask(["run", "--policy", file(name), "--", "touch", "canary"]);
      assert.equal(run.code, 125, name);
      taught(run.errors, file(name), faults);
    }
  };
  await Promise.all([work(), work()]);
  assert.equal(existsSync(stage.canary), false);
});

/** Each fault a paragraph: place and message, the line with a caret, a hint, an example. */
function taught(errors: string, file: string, faults: Expected["faults"]): void {
  const paragraphs = errors.split(/\n(?=postern: (?!hint: ))/);
  assert.equal(paragraphs.length, faults.length, errors);
  for (const [at, { line, column, says, hint }] of faults.entries()) {
    const [first = "", ...rest] = (paragraphs[at] ?? "").split("\n");
    assert.equal(first, `postern: ${file}:${line}:${column}: ${says}`);
    assert.ok(
      rest.some((text) => text.startsWith(`postern: hint: ${hint}`)),
      errors,
    );
    assert.ok(
      rest.some((text) => /^ {4}\S/.test(text)),
      `an example: ${errors}`,
    );
  }
}

const asking = (stage: Stage) =>
  JSON.stringify({
    version: 1,
    network: { allow: [JSON.parse(readFileSync(stage.policy, "utf8")).network.allow[0]] },
    files: { read: [join(stage.base, "notes")] },
  });

void test("a repository that asks for more: shown, not counted, until that very file is trusted", async () => {
  await using stage = await openStage();
  const file = join(stage.work, "postern.yaml");
  mkdirSync(join(stage.base, "notes"));
  writeFileSync(join(stage.base, "notes/note"), "note\n");
  writeFileSync(file, asking(stage));
  const run = () => stage.ask(["run", "--", process.execPath, "-e", once, vendorHost, join(stage.base, "notes/note")]);
  const noted = () => (existsSync(stage.canary) ? readFileSync(stage.canary, "utf8") : "");

  const checked = await stage.ask(["policy", "check"]);
  assert.equal(checked.code, 0, checked.errors);
  assert.match(checked.errors, /asked for by a repository, granted by nobody: .*network\.allow\[0\]/);
  assert.match(checked.errors, /files\.read\[0\]/);
  assert.match(
    (await run()).errors,
    /this checkout's policy asks for 2 things nobody granted\npostern: hint: look at them, then: postern trust/,
  );
  assert.deepEqual([stage.seen.length, noted()], [0, ""]);

  const refused = await stage.ask(["trust"]);
  assert.equal(refused.code, 1, "nobody is there to say yes");
  assert.match(refused.errors, /nothing was granted/);
  assert.equal((await stage.ask(["trust", "--yes"])).code, 0);
  const granted = await run();
  assert.equal(granted.code, 0, granted.errors);
  assert.doesNotMatch(granted.errors, /nobody granted/);
  assert.deepEqual([stage.seen.length > 0, noted()], [true, "note\n"]);

  const before = stage.seen.length;
  writeFileSync(file, `${asking(stage)}\n`);
  assert.match((await run()).errors, /asks for 2 things nobody granted/);
  assert.deepEqual([stage.seen.length, noted()], [before, ""]);
});

/** Asks the vendor once, and copies what it may read; neither need succeed. */
const once = `
const { readFileSync, writeFileSync } = require("node:fs");
const [host, note] = process.argv.slice(1);
try { writeFileSync("canary", readFileSync(note)); } catch { writeFileSync("canary", ""); }
require("node:https").get({ host, path: "/once" }, (answer) => answer.resume()).on("error", () => undefined);
`;

void test("a repository cannot weaken mode, and cannot hold limits", async () => {
  await using stage = await openStage();
  writeFileSync(join(stage.work, "postern.yaml"), readFileSync(join(vectors, "repository-weakens.yaml")));
  const weakened = await stage.ask(["run", "--summary", join(stage.base, "s.json"), "--", "touch", "canary"]);
  assert.equal(weakened.code, 0, weakened.errors);
  assert.equal(JSON.parse(readFileSync(join(stage.base, "s.json"), "utf8")).mode, "enforce");
  assert.match(weakened.errors, /weaker than what is in force/);
  rmSync(stage.canary);
  writeFileSync(join(stage.work, "postern.yaml"), readFileSync(join(vectors, "repository-limits.yaml")));
  const limited = await stage.ask(["run", "--", "touch", "canary"]);
  assert.equal(limited.code, 125);
  assert.match(limited.errors, /only the organisation's policy may hold limits/);
  assert.equal(existsSync(stage.canary), false);
});

/** A copy of /etc with the organisation's file, bound over it. */
function bound(stage: Stage, policy: unknown): string {
  const etc = join(stage.base, "etc");
  const file = join(stage.base, "organisation.yaml");
  writeFileSync(file, JSON.stringify(policy));
  return `
    mkdir -p ${etc} && cp -a /etc/. ${etc} 2>/dev/null || true
    mkdir -p ${etc}/postern && cp ${file} ${etc}/postern/policy.yaml
    mount --bind ${etc} /etc`;
}

void test("the organisation's limits hold against person and command line (needs user namespaces)", {
  skip,
}, async () => {
  await using stage = await openStage();
  const within = bound(stage, { version: 1, limits: { mode: "enforce", hosts: ["registry.example"] } });
  const run = await stage.ask(
    [
      "run",
      "--policy",
      stage.policy,
      "--summary",
      join(stage.base, "s.json"),
      "--",
      process.execPath,
      "-e",
      once,
      vendorHost,
      "none",
    ],
    { within },
  );
  assert.equal(run.code, 0, run.errors);
  assert.ok(existsSync(stage.canary));
  assert.equal(stage.seen.length, 0, "the person's own grant lies beyond the limit");
  assert.match(run.errors, /user:network\.allow\[0\]\.host does not count/);
  const names = (await readLog(stage)).filter(
    ({ kind }) => kind === "name" || kind === "refusal" || kind === "connection",
  );
  assert.ok(names.length > 0, "and the attempt is on the record");
  const audit = await stage.ask(["run", "--mode", "audit", "--summary", join(stage.base, "a.json"), "--", "true"], {
    within,
  });
  assert.ok(
    audit.code === 125 || JSON.parse(readFileSync(join(stage.base, "a.json"), "utf8")).mode === "enforce",
    audit.errors,
  );
});

void test("a banned tool: 122, why, and nothing ran (needs user namespaces)", { skip }, async () => {
  await using stage = await openStage();
  const tools = {
    touch: { status: "banned", why: "use the other one" },
    sh: { status: "banned", from: "2999-01-01", "warn-from": "2020-01-01" },
  };
  const within = bound(stage, { version: 1, tools });
  const banned = await stage.ask(["run", "--", "touch", "canary"], { within });
  assert.equal(banned.code, 122, banned.errors);
  assert.match(
    banned.errors,
    /^postern: touch is banned here \(organisation:tools\.touch\)\npostern: hint: use the other one$/m,
  );
  assert.equal(existsSync(stage.canary), false);
  // nor by a policy that says otherwise
  writeFileSync(stage.policy, JSON.stringify({ version: 1, tools: { touch: { status: "allowed" } } }));
  assert.equal((await stage.ask(["run", "--policy", stage.policy, "--", "touch", "canary"], { within })).code, 122);
  assert.equal(existsSync(stage.canary), false);
  const warned = await stage.ask(["run", "--", "sh", "-c", "touch canary"], { within });
  assert.equal(warned.code, 0, warned.errors);
  assert.match(warned.errors, /sh will be banned here from 2999-01-01/);
  assert.ok(existsSync(stage.canary));
});
