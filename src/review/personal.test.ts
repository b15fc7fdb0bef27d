import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Personal } from "./collected.ts";
import { type Found, findControlFiles } from "./control-files.ts";
import { holds } from "./holds.ts";
import { Lookout } from "./lookout.ts";
import { namedByPerson } from "./personal.ts";
import type { Quarantined } from "./quarantine.ts";
import { sweep } from "./sweep.ts";

class Desk implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-personal-")));
  readonly home = join(this.root, "home");
  readonly work = join(this.home, "work");

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.put(join(this.root, path), text);
    mkdirSync(this.work, { recursive: true });
    execFileSync("git", ["init", "-q", this.work]);
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  named(): Personal {
    const environment = { HOME: this.home, GIT_CONFIG_NOSYSTEM: "1" };
    return (
      namedByPerson({ home: this.home, environment }, [this.work]).get(this.work) ?? assert.fail("not of this checkout")
    );
  }

  find(): Found {
    return findControlFiles(this.work, { personal: this.named() });
  }

  held(): readonly string[] {
    return this.find()
      .held.map(({ path }) => path)
      .filter((path) => !path.startsWith(".git/"))
      .sort();
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const settings = `[core]
  hooksPath = scripts/hooks
  fsmonitor = tools/monitor.sh
  pager = ~/work/bin/pager --plain
[alias]
  lint = "!sh ci/lint.sh"
  lg = log --format=src/x
[remote "o"]
  url = host:src/x
[include]
  path = work/dotfiles/more
[includeIf "gitdir:~/elsewhere/"]
  path = ~/.config/git/elsewhere
`;

test("what a person's own git settings name in a checkout is held, also what holds only elsewhere", () => {
  using desk = new Desk({
    "home/.gitconfig": settings,
    "home/.config/git/elsewhere": '[filter "f"]\n  clean = filters/clean %f\n',
    "home/work/dotfiles/more": "[core]\n  sshCommand = ssh/run\n",
    "home/work/scripts/hooks/pre-commit": "",
    "home/work/tools/monitor.sh": "",
    "home/work/bin/pager": "",
    "home/work/ci/lint.sh": "",
    "home/work/filters/clean": "",
    "home/work/ssh/run": "",
    "home/work/src/x": "",
    "home/work/src/hooks/use.ts": "",
  });
  assert.deepEqual(desk.held(), [
    "bin/pager",
    "ci/lint.sh",
    "dotfiles/more",
    "filters/clean",
    "scripts/hooks",
    "ssh/run",
    "tools/monitor.sh",
  ]);
  const pinned = holds(desk.find()).filter(({ kind }) => kind === "write");
  assert.ok(
    pinned.some(({ path }) => path === join(desk.work, "scripts")),
    "the directory above could be moved away",
  );
});

test("what a link of the home leads to is held; the checkout itself, and what is around it, is not", () => {
  using desk = new Desk({ "home/work/shell/rc": "", "home/work/nvim/init.lua": "", "home/work/own": "" });
  mkdirSync(join(desk.home, ".config/deep"), { recursive: true });
  symlinkSync("work/shell/rc", join(desk.home, ".bashrc"));
  symlinkSync("../work/nvim", join(desk.home, ".config/nvim"));
  symlinkSync("../../work/not-yet", join(desk.home, ".config/deep/later"));
  symlinkSync("work", join(desk.home, ".work"));
  symlinkSync("work/own", join(desk.home, "visible"));
  assert.deepEqual(desk.held(), ["nvim", "shell/rc"]);
  assert.deepEqual([...desk.named().files].sort(), ["not-yet", "nvim", "shell/rc"]);
});

test("a home without settings names nothing, and one git cannot read names no more than its links", () => {
  using plain = new Desk({});
  assert.deepEqual(plain.named(), { places: [], files: [] });
  using broken = new Desk({ "home/.gitconfig": "[core\n", "home/work/rc": "" });
  symlinkSync("work/rc", join(broken.home, ".zshrc"));
  assert.deepEqual(broken.named(), { places: [], files: ["rc"] });
});

for (const [what, gone, make] of [
  ["a new hook", "scripts/hooks", (desk: Desk) => desk.put(join(desk.work, "scripts/hooks/pre-commit"), "")],
  [
    "one in a repository that is new",
    "sub/scripts/hooks",
    (desk: Desk) => {
      execFileSync("git", ["init", "-q", join(desk.work, "sub")]);
      desk.put(join(desk.work, "sub/scripts/hooks/pre-commit"), "");
    },
  ],
  [
    "one by way of a link",
    "scripts",
    (desk: Desk) => {
      desk.put(join(desk.work, "x/hooks/pre-commit"), "");
      symlinkSync("x", join(desk.work, "scripts"));
    },
  ],
  ["what a link of the home waits for", "rc", (desk: Desk) => desk.put(join(desk.work, "rc"), "")],
] as const)
  test(`${what} is put away at the end, and while the session runs`, async () => {
    for (const live of [false, true]) {
      using desk = new Desk({ "home/.gitconfig": "[core]\n  hooksPath = scripts/hooks\n", "home/work/a": "" });
      symlinkSync("work/rc", join(desk.home, ".bashrc"));
      const before = desk.find();
      const put: Quarantined[] = [];
      const store = join(desk.root, "quarantine");
      const watch = new Lookout(before, store, { quarantined: (item) => put.push(item), failed: assert.fail });
      if (live) await new Promise((turn) => setTimeout(turn, 300));
      make(desk);
      if (live)
        for (let at = 0; at < 100 && put.length === 0; at += 1) await new Promise((turn) => setTimeout(turn, 50));
      await watch[Symbol.asyncDispose]();
      if (!live) put.push(...(await sweep(before, store)).quarantined);
      assert.ok(
        put.some(({ path }) => path.endsWith(gone)),
        `${what}, live: ${live}: ${put.map(({ path }) => path).join()}`,
      );
      assert.ok(!existsSync(join(desk.work, gone)));
    }
  });
