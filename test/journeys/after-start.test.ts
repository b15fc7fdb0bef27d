// Invariant 8: something of ours fails. Before the tool was started: 125, and it never ran. Afterwards: 124 by postern, whatever the
// tool said, and never "nothing ran". What fails is put into the command line's own sources as they are loaded; whether
// the tool ran is read from a file it wrote on the host. Needs the boundary's tools.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Stage } from "./stage.ts";

interface Planted {
  readonly what: string;
  /** Below `src/`. */
  readonly file: string;
  /** A piece of it, and what stands there instead. */
  readonly find: string;
  readonly put: string;
}

const injected = 'throw new Error("injected");';
const throwing = (what: string, file: string, find: string): Planted => ({
  what,
  file,
  find,
  put: `${injected} ${find}`,
});

/** Loaded before the command line; reads what to plant from its own environment. */
const planter = `
import { registerHooks } from "node:module";
const { file, find, put } = JSON.parse(process.env.PLANTED);
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith("/src/" + file)) return loaded;
    const text = String(loaded.source);
    if (text.split(find).length !== 2) throw new Error("not exactly once in " + file + ": " + find);
    return { ...loaded, source: text.replace(find, () => put) };
  },
});
`;

function plant(stage: Stage, { file, find, put }: Planted): Record<string, string> {
  const module = stage.write("planter.mjs", planter);
  return { NODE_OPTIONS: `--import=${module}`, PLANTED: JSON.stringify({ file, find, put }) };
}

const faultThrown = 'throw new Fault({ code: "injected", message: "injected", hint: "a remedy" });';
const late: readonly Planted[] = [
  throwing("the walls, when the tool has ended", "boundary/linux/tenant.ts", "await Promise.all([doorway.drain()"),
  {
    what: "the gate does not close",
    file: "session/gate.ts",
    find: "return { ...gateway, close,",
    put: 'return { ...gateway, close: () => Promise.reject(new Error("injected")),',
  },
  throwing("the checkouts cannot be closed", "session/checkout.ts", "return joinChanges(await"),
  {
    what: "the checkouts cannot be closed: a fault with a remedy",
    file: "session/checkout.ts",
    find: "return joinChanges(await",
    put: `${faultThrown} return joinChanges(await`,
  },
  {
    what: "the servers inside cannot be let go",
    file: "session/closing.ts",
    find: "async () => offers.end()",
    put: `async () => { ${injected} }`,
  },
  throwing("the commands' last words", "session/commands.ts", "await asking.close();"),
  throwing("the last entry", "session/milestones.ts", 'await book.append({ kind: "session.stop"'),
  throwing("the head", "session/milestones.ts", "return book.head();"),
  throwing("the note that it began stays", "review/unfinished.ts", "rmSync(place("),
  throwing("the walls cannot be put away", "boundary/linux/tenant.ts", "await relay.end();\n      doorway.close();"),
];

for (const planted of late) {
  test(`the tool ran, then: ${planted.what}: 124 by postern`, { timeout: 60_000 }, async () => {
    using stage = new Stage();
    const ran = await stage.run(["sh", "-c", "echo ran > canary; exit 0"], { environment: plant(stage, planted) });
    assert.equal(readFileSync(join(stage.work, "canary"), "utf8"), "ran\n");
    assert.equal(ran.code, 124, ran.errors);
    assert.deepEqual([ran.summary?.exit.code, ran.summary?.exit.by], [124, "postern"], ran.errors);
    assert.match(ran.summary?.exit.reason ?? "", /injected/);
    assert.match(ran.errors, /^postern: (?:this is a defect in postern: Error: )?injected/m);
    assert.equal(ran.errors.match(/^postern: .*injected/gm)?.length, 1, "said once");
    assert.equal((await stage.call(["verify"])).code, 0);
  });
}

test("the end that is entered is the same 124", { timeout: 60_000 }, async () => {
  using stage = new Stage();
  const [, gate, checkouts] = late;
  for (const planted of [gate, checkouts]) {
    assert.ok(planted !== undefined);
    await stage.run(["true"], { environment: plant(stage, planted) });
  }
  const stops = (await stage.log()).filter((entry) => entry.kind === "session.stop");
  assert.deepEqual(
    stops.map((entry) => entry.counts["exit-code"]),
    [124, 124],
  );
});

const untold: readonly Planted[] = [
  throwing("the summary cannot be composed", "session/summarise.ts", "const { prepared, walls, exit"),
  throwing("the last word cannot be said", "cli/last-word.ts", "const parts = ["),
];

for (const planted of untold) {
  test(`the tool ran, then: ${planted.what}: 124`, { timeout: 60_000 }, async () => {
    using stage = new Stage();
    const ran = await stage.run(["sh", "-c", "echo ran > canary; exit 0"], { environment: plant(stage, planted) });
    assert.equal(readFileSync(join(stage.work, "canary"), "utf8"), "ran\n");
    assert.equal(ran.code, 124, ran.errors);
    assert.match(ran.errors, /^postern: this is a defect in postern: Error: injected/m);
  });
}

/** Of anybody's processes on this machine. */
function isRunning(mark: string): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(mark);
      } catch {
        return false;
      }
    });
}

for (const [what, put] of [
  ["an exception nobody catches", "setTimeout(() => {", "}, 500)"],
  ["a rejection nobody awaits", "void (async () => { await new Promise((done) => setTimeout(done, 500));", "})()"],
].map(([what = "", before = "", after = ""]) => [what, `${before} ${injected} ${after}; request.hold({`] as const)) {
  test(`while the tool runs, ${what}: 124, and it is gone`, { timeout: 60_000 }, async () => {
    using stage = new Stage();
    const mark = `mark-${randomBytes(8).toString("hex")}`;
    const planted = { what, file: "session/ends.ts", find: "request.hold({", put };
    const ran = await stage.run(["sh", "-c", "echo ran > canary; exec tail -f canary /dev/null", mark], {
      environment: plant(stage, planted),
    });
    assert.equal(readFileSync(join(stage.work, "canary"), "utf8"), "ran\n");
    assert.equal(ran.code, 124, ran.errors);
    assert.match(ran.errors, /^postern: this is a defect in postern: Error: injected/m);
    assert.equal(isRunning(mark), false);
    assert.equal((await stage.run(["true"])).code, 0);
  });
}

const early: readonly Planted[] = [
  throwing("a policy that cannot be read for a reason nobody thought of", "session/prepare.ts", "const { policy } ="),
  throwing("the undo point is not noted", "session/checkout.ts", "using noted ="),
  throwing("a part of the walls cannot be loaded", "boundary/linux/furnish.ts", "export async function furnish("),
  throwing("the gate does not open", "session/gate.ts", "const out = readProxy("),
  throwing("the tool is not announced", "session/milestones.ts", 'request.tell({ kind: "banner", text: bannerOf('),
  {
    what: "an exception nobody catches",
    file: "session/prepare.ts",
    find: "const workspace = findWorkspace(request.directory, person.home);",
    put: `setImmediate(() => { ${injected} }); const workspace = findWorkspace(request.directory, person.home);`,
  },
];

for (const planted of early) {
  test(`before the tool is started: ${planted.what}: 125, and it never ran`, { timeout: 60_000 }, async () => {
    using stage = new Stage();
    const ran = await stage.run(["sh", "-c", "echo ran > canary"], { environment: plant(stage, planted) });
    assert.equal(existsSync(join(stage.work, "canary")), false);
    assert.deepEqual([ran.code, ran.summary], [125, undefined], ran.errors);
    assert.match(ran.errors, /^postern: this is a defect in postern: Error: injected/m);
    assert.equal((await stage.run(["true"])).code, 0);
  });
}

test("the view cannot be built when the tool was to be started: 125, it never ran, and the record has an end", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const [find, put] = ["    authority,\n", '    authority,\n    directory: "/nowhere",\n'];
  const planted = { what: "no such directory inside", file: "session/plan.ts", find, put };
  const ran = await stage.run(["sh", "-c", "echo ran > canary"], { environment: plant(stage, planted) });
  assert.equal(existsSync(join(stage.work, "canary")), false);
  assert.deepEqual([ran.code, ran.summary?.exit.code, ran.summary?.exit.by], [125, 125, "postern"], ran.errors);
  assert.match(ran.errors, /^postern: bubblewrap could not build the file view; .*\npostern: hint: [^\n]+\n$/m);
  assert.equal((await stage.log()).at(-1)?.counts["exit-code"], 125);
});

test("each of them is planted where it still belongs", () => {
  for (const { what, file, find } of [...late, ...untold, ...early]) {
    const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");
    assert.equal(source.split(find).length, 2, `${what}: not exactly once in src/${file}: ${find}`);
  }
});
