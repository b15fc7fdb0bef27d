// A machine that gives no seccomp listener, as within a runtime that has its own: the boundary is refused there, unless the
// organisation accepts a weaker one, and then it is called so wherever its grade is. Judged by canaries, summary and record.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { without } from "./mutation.ts";
import { underOrganisation } from "./organisation.ts";
import { bad, here, proveUnder, tell } from "./prove-stage.ts";
import { type Logged, Stage } from "./stage.ts";

const possible = spawnSync("unshare", ["-Urm", "true"]).status === 0;
const skip = possible ? false : "no user namespaces here: /etc/postern cannot be bound";

/** Words before a command: from there on no other listener can be had. */
const unwatched = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  fileURLToPath(new URL("./other-listener.ts", import.meta.url)),
];
const accepting = "require: partial\n";
const canary = (stage: Stage): string => join(stage.work, "canary");
const gradeOf = (entry: Logged): string => entry.grade;

test("no watch can be had: 125, the remedy, and nothing ran", async () => {
  using stage = new Stage();
  const ran = await stage.run(["touch", "canary"], { before: unwatched });
  assert.equal(ran.code, 125);
  assert.match(ran.errors, /the watch over commands could not be set up: .*\npostern: hint: it needs Linux 5\.7/);
  assert.equal(existsSync(canary(stage)), false);
});

test("walls that stood weaker than anybody accepts are refused by the session, too", async () => {
  using stage = new Stage();
  const file = "src/session/plan.ts";
  const changes = [["lesser: policy.acceptGrades", 'lesser: ["partial"]']] as const;
  const environment = without([{ file, changes }], join(stage.base, "loader.mjs"));
  const ran = await stage.run(["touch", "canary"], { before: unwatched, environment });
  assert.equal(ran.code, 125, ran.errors);
  assert.match(
    ran.errors,
    /the boundary is partial here, without the watch over commands, and the policy accepts no less/,
  );
  assert.equal(existsSync(canary(stage)), false);
});

test("a person cannot accept less by themselves: 125, and it is said that the line does not count", async () => {
  using stage = new Stage();
  stage.write("home/.config/postern/policy.yaml", "version: 1\nrequire: partial\n");
  const ran = await stage.call(["run", "--", "touch", "canary"], { before: unwatched });
  assert.equal(ran.code, 125, ran.errors);
  assert.equal(existsSync(canary(stage)), false);
  const checked = await stage.call(["policy", "check"]);
  assert.match(
    checked.output + checked.errors,
    /`require` is less than full, which only the organisation's policy can accept/,
  );
});

test("accepted by the organisation: it runs, the walls stand, and it is called partial everywhere (needs user namespaces)", {
  skip,
}, async () => {
  using stage = new Stage({ files: { "CLAUDE.md": "as it was\n" }, git: true });
  const before = [...underOrganisation(stage, accepting), ...unwatched];
  stage.write("home/secret", "word\n");
  const script = `touch canary; echo changed > CLAUDE.md; cat ${stage.home}/secret > taken; true`;
  const ran = await stage.run(["sh", "-c", script], { before });
  assert.equal(ran.code, 0, ran.errors);
  assert.ok(existsSync(canary(stage)));
  assert.equal(readFileSync(join(stage.work, "CLAUDE.md"), "utf8"), "as it was\n");
  assert.equal(readFileSync(join(stage.work, "taken"), "utf8"), "");
  assert.deepEqual([ran.summary?.grade, ran.summary?.missing], ["partial", ["watch"]]);
  assert.match(
    ran.errors,
    /^postern: boundary partial, enforce.*\npostern: not whole: without the watch over commands/m,
  );
  assert.match(ran.errors, /^ +boundary partial .{1,2} record sealed/m);
  assert.match(ran.errors, /^lacked {3}the watch over commands: postern doctor says why$/m);
  const log = await stage.log();
  assert.ok(log.length >= 3);
  assert.deepEqual(new Set(log.map(gradeOf)), new Set(["partial"]));
  assert.deepEqual(log.find(({ kind }) => kind === "session.start")?.sealed["missing"], ["watch"]);
  assert.equal(
    log.some(({ kind }) => kind === "exec"),
    false,
    "nobody could see what began",
  );
  assert.match((await stage.call(["log"])).output, /sh -c .*, without watch/s);
  assert.equal((await stage.call(["verify", "--contents"])).code, 0);
});

test("where the boundary can be whole it is, whatever is accepted (needs user namespaces)", { skip }, async () => {
  using stage = new Stage();
  const ran = await stage.run(["touch", "canary"], { before: underOrganisation(stage, accepting) });
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual([ran.summary?.grade, ran.summary?.missing], ["full", []]);
  assert.deepEqual(new Set((await stage.log()).map(gradeOf)), new Set(["full"]));
});

test("a repository that requires more, and rules nobody could enforce: 125, and nothing ran (needs user namespaces)", {
  skip,
}, async () => {
  using stage = new Stage({ files: { "postern.yaml": "version: 1\nrequire: full\n" }, git: true });
  const before = [...underOrganisation(stage, accepting), ...unwatched];
  const strict = await stage.run(["touch", "canary"], { before });
  assert.equal(strict.code, 125, strict.errors);
  using other = new Stage();
  const denying = {
    before: [...underOrganisation(other, accepting), ...unwatched],
    policy: { commands: { deny: [["ssh"]] } },
  };
  const ruled = await other.run(["touch", "canary"], denying);
  assert.equal(ruled.code, 125, ruled.errors);
  assert.match(ruled.errors, /without the watch over commands, and nothing would enforce user:commands\.deny\[0\]/);
  assert.deepEqual([existsSync(canary(stage)), existsSync(canary(other))], [false, false]);
});

test("the doctor says which grade there can be, and what is missing", async () => {
  using stage = new Stage();
  const { code, output } = await stage.call(["doctor"], { before: unwatched });
  assert.equal(code, 1);
  assert.match(output, /^missing +the watch over commands +/m);
  assert.match(
    output,
    /\na boundary of grade partial can be had here, without: the watch over commands\n {2}without the watch over commands: no program/,
  );
  const json = (await stage.call(["doctor", "--json"], { before: unwatched })).output.trim().split("\n");
  const failed = json.map((line) => JSON.parse(line) as { name: string; ok: boolean; lesser?: string });
  assert.deepEqual(
    failed.filter(({ ok }) => !ok).map(({ name, lesser }) => [name, lesser]),
    [["the watch over commands", "partial"]],
  );
});

test("a proof at that grade says exactly what is missing, and what that leaves open (needs user namespaces)", {
  skip,
}, async () => {
  using stage = new Stage();
  const before = [...underOrganisation(stage, accepting), ...unwatched];
  const proved = await proveUnder(stage, "", { before, environment: here(stage) });
  assert.equal(proved.ran.code, 1, tell(proved));
  assert.equal(proved.told?.grade, "partial");
  const named = bad(proved);
  assert.ok(named.some(({ tried, by }) => tried === "boundary" && by === "partial: without the watch over commands"));
  assert.ok(
    named.some(({ tried }) => tried === "begin a program unseen"),
    tell(proved),
  );
  const left = named.filter(({ tried }) => tried !== "boundary" && tried !== "grade");
  assert.ok(left.length >= 5, tell(proved));
  for (const { outcome, by } of left) {
    assert.equal(outcome, "open", tell(proved));
    assert.match(by, /^the watch over commands is missing here: left no entry/);
  }
  const entry = (await stage.log()).find(({ kind }) => kind === "proof");
  assert.equal(entry?.grade, "partial");
});
