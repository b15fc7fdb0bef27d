// Shims of pyenv and its kin: which version is run, by what the manager itself would look at.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { locate } from "./installation.ts";

class Machine implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-versions-")));
  readonly home = join(this.root, "home/ann");
  readonly workspace = join(this.home, "work/shop");

  constructor() {
    mkdirSync(this.workspace, { recursive: true });
  }

  put(path: string, text = "\x7fELF"): string {
    const full = join(this.home, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text, { mode: 0o755 });
    return full;
  }

  shim(manager: string, name: string): void {
    const root = join(this.home, `.${manager}`);
    this.put(
      `.${manager}/shims/${name}`,
      `#!/usr/bin/env bash\nset -e\nexec "${root}/libexec/${manager}" exec "$program" "$@"\n`,
    );
  }

  async run(command: string, search: readonly string[], variables: Record<string, string> = {}) {
    const path = search.map((each) => (each.startsWith("/") ? each : join(this.home, each))).join(":");
    const { home, workspace } = this;
    const found = await locate([command], {
      path,
      home,
      workspace,
      directory: workspace,
      variables,
      digests: undefined,
    });
    return found instanceof Fault ? found : found.tool.path.replace(`${home}/`, "");
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function withPyenv(machine: Machine): void {
  machine.shim("pyenv", "python");
  for (const version of ["3.9.1", "3.12.2", "3.12.10"]) {
    machine.put(`.pyenv/versions/${version}/bin/python`);
    machine.put(`.pyenv/versions/${version}/lib/os.py`);
  }
  machine.put("other/python");
}

test("pyenv: the variable, then the nearest file, then the global one, then what PATH has besides", async () => {
  using machine = new Machine();
  withPyenv(machine);
  const search = [".pyenv/shims", "other"];
  assert.equal(await machine.run("python", search), "other/python", "system, where nothing is chosen");
  machine.put(".pyenv/version", "3.9.1\n");
  assert.equal(await machine.run("python", search), ".pyenv/versions/3.9.1/bin/python");
  machine.put("work/.python-version", "gone\n3.12\n");
  assert.equal(await machine.run("python", search), ".pyenv/versions/3.12.10/bin/python", "the newest of that name");
  assert.equal(
    await machine.run("python", search, { PYENV_VERSION: "3.12.2:3.9.1" }),
    ".pyenv/versions/3.12.2/bin/python",
  );
  assert.equal(await machine.run("python", search, { PYENV_VERSION: "system" }), "other/python");
});

test("pyenv: what is not installed, and what leads elsewhere, is no version", async () => {
  using machine = new Machine();
  withPyenv(machine);
  machine.put("evil/bin/python");
  for (const said of ["../../evil", "/evil", "4.1", "3.12.2/../../../evil", ".", "..", "-x", "\0"]) {
    machine.put("work/shop/.python-version", `${said}\n`);
    const found = await machine.run("python", [".pyenv/shims"]);
    assert.ok(found instanceof Fault && found.code === "shim", JSON.stringify(said));
    assert.match(found.hint ?? "", /pyenv which python/);
  }
});

test("a version file that would never be read to its end is passed over", { timeout: 20_000 }, async () => {
  using machine = new Machine();
  withPyenv(machine);
  execFileSync("mkfifo", [join(machine.workspace, ".python-version")]);
  assert.equal(await machine.run("python", [".pyenv/shims", "other"]), "other/python");
});

test("its kin: goenv, jenv, nodenv, rbenv", async () => {
  for (const [manager, file, name] of [
    ["goenv", ".go-version", "go"],
    ["jenv", ".java-version", "java"],
    ["nodenv", ".node-version", "node"],
    ["rbenv", ".ruby-version", "ruby"],
  ] as const) {
    using machine = new Machine();
    machine.shim(manager, name);
    machine.put(`.${manager}/versions/1.2.3/bin/${name}`);
    machine.put(`work/shop/${file}`, "1.2.3\n");
    assert.equal(await machine.run(name, [`.${manager}/shims`]), `.${manager}/versions/1.2.3/bin/${name}`);
  }
});
