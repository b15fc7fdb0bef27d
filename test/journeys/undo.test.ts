// What a session changed is taken back through the command line, exactly; what a person changed since is not; and a
// session that was killed is made up for. Ground truth is a listing of the checkout with kinds, permissions and contents.

import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, openStage, readLog, type Stage, until } from "./fault-stage.ts";

/** Path → kind, permissions, content; git's own directory left out. */
function listing(root: string, at = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(root, at)).flatMap((name) => {
      const path = at === "" ? name : `${at}/${name}`;
      const stats = lstatSync(join(root, path));
      const mode = (stats.mode & 0o7777).toString(8);
      if (path === ".git") return [];
      if (stats.isSymbolicLink()) return [[path, `link ${readlinkSync(join(root, path))}`]];
      if (stats.isDirectory()) return [[`${path}/`, mode], ...Object.entries(listing(root, path))];
      return [[path, `${mode} ${readFileSync(join(root, path), "latin1")}`]];
    }),
  );
}

const wild = `
echo changed >>src/a.txt
rm src/b.txt
chmod 600 run.sh
echo new >new.txt
mkdir -p deep/er; printf 'a\\0b' >deep/er/binary
mkdir empty
ln -s /etc/passwd planted
rm link; ln -s src/b.txt link
chmod 644 keep; mv moved "moved to"
rm -r gone; printf '' >gone
printf x >"od\td"
rm kind; mkdir kind; echo in >kind/in
`;

function furnish(stage: Stage): void {
  writeFileSync(join(stage.work, "keep"), "keep\n", { mode: 0o640 });
  chmodSync(join(stage.work, "keep"), 0o640);
  writeFileSync(join(stage.work, "moved"), "moved\n");
  writeFileSync(join(stage.work, "kind"), "a file\n");
  mkdirSync(join(stage.work, "gone/below"), { recursive: true });
  writeFileSync(join(stage.work, "gone/below/file"), "below\n");
  mkdirSync(join(stage.work, "hollow"));
  writeFileSync(join(stage.work, "uncommitted"), "never added to git\n");
}

const run = (stage: Stage, script: string) => stage.ask(["run", "--", "sh", "-ec", script]);
const newest = async (stage: Stage) => (await readLog(stage, ["--kind", "session.start"])).at(-1)?.session ?? "";

void test("edits, deletions, additions, links, kinds, permissions: put back exactly", async () => {
  await using stage = await openStage();
  furnish(stage);
  const before = listing(stage.work);
  const commits = git(stage.work, stage.home, ["log", "--format=%H"]);
  const { code, errors } = await run(stage, wild);
  assert.equal(code, 0, errors);
  const left = listing(stage.work);
  assert.notDeepEqual(left, before);
  assert.match(errors, /changed {2}\d+ files/);
  const undone = await stage.ask(["undo"]);
  assert.equal(undone.code, 0, undone.errors);
  assert.deepEqual(listing(stage.work), before);
  assert.equal(git(stage.work, stage.home, ["log", "--format=%H"]), commits);
  assert.equal(git(stage.work, stage.home, ["status", "--porcelain", "src", "run.sh", "link"]), "");
  const again = await stage.ask(["undo"]);
  assert.deepEqual([again.code, again.output], [0, "nothing to take back\n"]);
});

void test("one path alone, then a session by its name", async () => {
  await using stage = await openStage();
  const before = listing(stage.work);
  await run(stage, "echo x >>src/a.txt; echo y >>src/b.txt");
  assert.equal((await stage.ask(["undo", "src/a.txt"])).output, "restored  src/a.txt\n");
  assert.equal(listing(stage.work)["src/a.txt"], before["src/a.txt"]);
  assert.notEqual(listing(stage.work)["src/b.txt"], before["src/b.txt"]);
  const session = await newest(stage);
  await run(stage, "echo z >other");
  assert.equal((await stage.ask(["undo", session])).code, 0);
  assert.deepEqual(listing(stage.work), { ...before, other: "644 z\n" });
});

void test("a person's edit since is a conflict: nothing is touched, or only the rest", async () => {
  await using stage = await openStage();
  const before = listing(stage.work);
  await run(stage, "echo tool >>src/a.txt; echo tool >new");
  writeFileSync(join(stage.work, "src/a.txt"), "the person's\n");
  const left = listing(stage.work);
  const refused = await stage.ask(["undo"]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.errors,
    /src\/a\.txt changed after the session ended and is left as it is\n.*nothing was touched\n.*--rest/s,
  );
  assert.deepEqual(listing(stage.work), left);
  const rest = await stage.ask(["undo", "--rest", "--json"]);
  assert.equal(rest.code, 0);
  assert.deepEqual(JSON.parse(rest.output).conflicts, ["src/a.txt"]);
  assert.deepEqual(listing(stage.work), { ...before, "src/a.txt": "644 the person's\n" });
});

/** A session that has done what it would, and is killed then. */
async function killed(stage: Stage, script: string): Promise<string> {
  const running = stage.start(["run", "--", "sh", "-ec", `${script}\nrm -f done; echo >done; exec sleep 1000`]);
  await until("the tool has done its work", () => existsSync(join(stage.work, "done")));
  const session = await newest(stage);
  const early = await stage.ask(["undo", session]);
  assert.equal(early.code, 1);
  assert.match(early.errors, new RegExp(`session ${session} may still be running`));
  running.child.kill("SIGKILL");
  await running.told;
  return session;
}

void test("a killed session: its new control files are put away, its changes taken back when it is named", async () => {
  await using stage = await openStage();
  furnish(stage);
  const before = listing(stage.work);
  const session = await killed(stage, `${wild}\nmkdir .husky; echo evil >.husky/pre-commit`);
  const unnamed = await stage.ask(["undo"]);
  assert.equal(unnamed.code, 1);
  assert.match(unnamed.errors, /\.husky, a new control file, is in quarantine now/);
  assert.match(unnamed.errors, new RegExp(`session ${session} was killed: .*\\n.*postern undo ${session}`));
  assert.equal(existsSync(join(stage.work, ".husky")), false);
  writeFileSync(join(stage.work, "src/b.txt"), "the person's, since\n");
  const conflict = await stage.ask(["undo", session]);
  assert.equal(conflict.code, 1, "what was changed after its end was noted is told apart");
  const undone = await stage.ask(["undo", "--rest", session]);
  assert.equal(undone.code, 0, undone.errors);
  assert.deepEqual(listing(stage.work), { ...before, "src/b.txt": "644 the person's, since\n" });
});

void test("a killed session: the next one in the checkout makes up for its end first", async () => {
  await using stage = await openStage();
  const session = await killed(stage, "mkdir .claude; echo evil >.claude/settings.json; echo x >>src/a.txt");
  const next = await run(stage, "test ! -e .claude; echo next >next");
  assert.equal(next.code, 0, next.errors);
  assert.match(
    next.errors,
    new RegExp(`session ${session} was killed here before its end; a new control file is in quarantine`),
  );
  // at once, on its own record, or with the next one's beginning
  const entered = (await readLog(stage, ["--kind", "control-file"])).filter(
    ({ sealed }) => sealed?.["path"] === ".claude",
  );
  assert.deepEqual(
    entered.map((entry) => entry.sealed?.["session"] ?? entry.session),
    [session],
  );
  // the next session's own changes are its own
  assert.equal((await stage.ask(["undo"])).output, "removed   next\n");
  assert.equal((await stage.ask(["undo", session])).code, 0);
  assert.equal(readFileSync(join(stage.work, "src/a.txt"), "utf8"), "one\ntwo\n");
  assert.match((await stage.ask(["verify"])).output, /^verified: /);
});
