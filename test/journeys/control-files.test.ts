// Hooks and configuration that others run: those that are there cannot be written, renamed or removed, not even by way of
// their directories; new ones are gone from the checkout when the session has ended, and shown. Looked at from outside.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, openStage, readLog, type Stage } from "./fault-stage.ts";

const existing: Readonly<Record<string, string>> = {
  ".git/hooks/pre-commit": "#!/bin/sh\nexit 0\n",
  ".vscode/tasks.json": "{}\n",
  ".claude/settings.json": "{}\n",
  "CLAUDE.md": "be kind\n",
  ".github/workflows/ci.yml": "on: push\n",
  ".envrc": "true\n",
};

function furnish(stage: Stage): void {
  for (const [path, text] of Object.entries({ ...existing, [`package/${nested}`]: "{}\n" })) {
    mkdirSync(join(stage.work, path, ".."), { recursive: true });
    writeFileSync(join(stage.work, path), text, { mode: 0o755 });
  }
}

const held = [...Object.keys(existing), ".git/config"];

const nested = ".mcp.json";

function digests(stage: Stage): Record<string, string> {
  return Object.fromEntries(held.map((path) => [path, digest(join(stage.work, path))]));
}

function digest(path: string): string {
  const { ino, mode } = lstatSync(path);
  return `${ino} ${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}

/** Every way a program has to change a file it may not write, each allowed to fail. */
const attack = (path: string): string => `
echo evil >"${path}"; echo evil >>"${path}"; rm -f "${path}"; mv "${path}" "${path}.away"; chmod 777 "${path}"
ln -f /dev/null "${path}"; ln -sf /dev/null "${path}"; cp -f evil "${path}"; mv -f evil "${path}"; truncate -s 0 "${path}"
mv "$(dirname "${path}")" aside; rm -rf "$(dirname "${path}")"; ln "${path}" hard && echo evil >hard
dd if=evil of="${path}" conv=notrunc; sed -i s/./x/ "${path}"
`;

void test("what is there cannot be written, renamed or removed", async () => {
  await using stage = await openStage();
  furnish(stage);
  const before = digests(stage);
  const deep = digest(join(stage.work, "package", nested));
  const script = [
    "echo evil >evil",
    ...[...held, `package/${nested}`].map(attack),
    "mv .git away; rm -rf .git; mv .git/hooks .git/other; mkdir x && mv x .git; cp -r .git copied",
    "git config core.fsmonitor ./evil; git config --global core.hooksPath ./x; git config alias.st '!evil'",
    "echo tried >canary",
  ].join("\n");
  const { code, errors } = await stage.ask(["run", "--", "sh", "-c", script]);
  assert.equal(code, 0, errors);
  assert.equal(readFileSync(stage.canary, "utf8"), "tried\n");
  assert.deepEqual(digests(stage), before);
  assert.equal(lstatSync(join(stage.work, ".git")).isDirectory(), true);
  // an ordinary directory around one may be moved; the file goes with it, unchanged
  const [moved = ""] = readdirSync(stage.work, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(nested),
  );
  assert.equal(digest(join(stage.work, moved)), deep);
  const entries = (await readLog(stage, ["--kind", "control-file"])).flatMap(({ sealed }) =>
    Array.isArray(sealed?.["held"]) ? sealed["held"].map(({ path }: { path: string }) => path) : [],
  );
  for (const path of ["CLAUDE.md", ".vscode", ".git/hooks", ".git/config"])
    assert.ok(
      entries.some((each) => each.startsWith(path)),
      `${path} is on the record as held`,
    );
});

const planted = `
mkdir -p .husky sub/.cursor fresh
printf '#!/bin/sh\\ntouch /tmp/evil\\n' >.husky/pre-commit
echo '{}' >.mcp.json
echo rules >sub/.cursor/rules
git init -q sub/repo
printf '#!/bin/sh\\ntouch /tmp/evil\\n' >sub/repo/.git/hooks/post-checkout
chmod +x sub/repo/.git/hooks/post-checkout .husky/pre-commit
git -C sub/repo config core.fsmonitor ./evil
printf '#!/bin/sh\\n' >.git/hooks/pre-push || true
echo work >work.txt
`;

void test("new ones are in quarantine afterwards, in the summary and on the record", async () => {
  await using stage = await openStage();
  const file = join(stage.base, "summary.json");
  const { code, errors } = await stage.ask(["run", "--summary", file, "--", "sh", "-c", planted]);
  assert.equal(code, 0, errors);
  const gone = [
    ".husky/pre-commit",
    ".mcp.json",
    "sub/.cursor/rules",
    "sub/repo/.git/hooks/post-checkout",
    ".git/hooks/pre-push",
  ];
  for (const path of gone) assert.equal(existsSync(join(stage.work, path)), false, path);
  const config = join(stage.work, "sub/repo/.git/config");
  assert.ok(!existsSync(config) || !readFileSync(config, "utf8").includes("fsmonitor"));
  assert.equal(readFileSync(join(stage.work, "work.txt"), "utf8"), "work\n");

  const summary = JSON.parse(readFileSync(file, "utf8"));
  const quarantined: string[] = summary.files.held
    .filter(({ state }: { state: string }) => state === "quarantined")
    .map(({ path }: { path: string }) => path);
  for (const path of gone.filter((path) => !path.startsWith(".git/")))
    assert.ok(
      quarantined.some((each) => path === each || path.startsWith(`${each}/`)),
      `${path} of ${quarantined.join()}`,
    );
  assert.match(errors, new RegExp(`held +${quarantined.length} new control files`));
  const entered = (await readLog(stage, ["--kind", "control-file"])).map(({ sealed }) => sealed?.["path"]);
  for (const path of quarantined) assert.ok(entered.includes(path), path);

  const [session = ""] = readdirSync(join(stage.state, "quarantine"));
  const kept = readdirSync(join(stage.state, "quarantine", session)).map(
    (id) => JSON.parse(readFileSync(join(stage.state, "quarantine", session, id, "manifest.json"), "utf8")).path,
  );
  assert.deepEqual(new Set(kept), new Set(quarantined));
});

void test("ordinary work with git goes on inside", async () => {
  await using stage = await openStage();
  furnish(stage);
  const script = `
    echo more >>src/a.txt
    git -c user.name=t -c user.email=t@example.org commit -qam work
    git switch -qc topic; echo x >x; git add x; git -c user.name=t -c user.email=t@example.org commit -qm x; git stash list`;
  const { code, errors } = await stage.ask(["run", "--", "sh", "-ec", script]);
  assert.equal(code, 0, errors);
  assert.match(git(stage.work, stage.home, ["log", "--format=%s", "topic"]), /^x\nwork\nfirst\n$/);
  assert.equal(git(stage.work, stage.home, ["fsck", "--strict"]).trim(), "");
});

void test("below a name that is no UTF-8 too, new or there before, also beside one that reads the same", async () => {
  await using stage = await openStage();
  const at = (path: string): Buffer => Buffer.from(`${stage.work}/${path}`, "latin1");
  mkdirSync(at("\xfe/.claude"), { recursive: true });
  writeFileSync(at("\xfe/.claude/settings.json"), "{}");
  const script = `set -e
    n=$(printf '\\377'); mkdir -p "$n/g/objects" "$n/g/refs" "$(printf '\\357\\277\\275')/g"; echo ref: refs/heads/main >"$n/g/HEAD"
    printf '[filter "x"]\\nclean = true\\n' >"$n/g/config"; echo evil >"$(printf '\\376')/.claude/settings.json"`;
  const { code, errors } = await stage.ask(["run", "--", "sh", "-c", script]);
  assert.equal(code, 0, errors);
  assert.equal(existsSync(at("\xff/g/HEAD")), true, "the tool made it");
  for (const path of ["\xff/g/config", "\xfe/.claude/settings.json"]) assert.equal(existsSync(at(path)), false, path);
  const entries = await readLog(stage, ["--kind", "control-file"]);
  const told = new Set(entries.map(({ sealed }) => sealed?.["path"]));
  for (const path of ["\ufffd/.claude/settings.json", "\ufffd/g/config"]) assert.ok(told.has(path), path);
});

void test("a link to what the tool keeps in its private home is gone, and the person's git does not find what lies there", async () => {
  await using stage = await openStage();
  const ran = join(stage.base, "ran");
  const make = `git init -q "$HOME/made"; git -C "$HOME/made" config core.fsmonitor "touch '${ran}'; false"`;
  assert.equal((await stage.ask(["run", "--", "sh", "-ec", make])).code, 0);
  const homes = join(stage.state, "homes");
  const [made = ""] = readdirSync(homes, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("/made"),
  );
  const plant = `ln -s "${join(homes, made)}" sub; ln -s "${join(homes, made, "..")}" home; mkdir deep
    printf 'gitdir: ../home/made/.git\\n' >deep/.git`;
  assert.equal((await stage.ask(["run", "--", "sh", "-ec", plant])).code, 0);
  git(join(homes, made), stage.home, ["status"]);
  assert.ok(existsSync(ran), "a repository that runs something lies there");
  rmSync(ran);
  for (const path of ["sub", "deep"].map((name) => join(stage.work, name)))
    if (existsSync(path)) git(path, stage.home, ["status"]);
  assert.ok(!existsSync(ran));
  assert.deepEqual(
    ["sub", "home", "deep/.git"].filter((path) => lstatSync(join(stage.work, path), { throwIfNoEntry: false })),
    [],
  );
});
