// Homes as each manager leaves them, by names and links; nothing in them is ever run or read.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Toolchain } from "../../policy/policy.ts";
import { findToolchains, type Toolchains } from "./find.ts";

class Machine implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-toolchains-")));
  readonly home = join(this.root, "home/ann");
  readonly workspace = join(this.home, "work/shop");

  constructor() {
    mkdirSync(this.workspace, { recursive: true });
  }

  at(path: string): string {
    return path.startsWith("/") ? path : join(this.home, path);
  }

  put(...paths: string[]): void {
    for (const path of paths) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      writeFileSync(this.at(path), `secret of ${path}`, { mode: 0o755 });
    }
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  find(wanted: Toolchain | readonly Toolchain[], path: readonly string[] = [], more: Record<string, string> = {}) {
    const variables = { PATH: path.map((entry) => this.at(entry)).join(":"), ...more };
    const { home, workspace } = this;
    return findToolchains(typeof wanted === "string" ? [wanted] : wanted, { home, workspace, variables });
  }

  /** From the home; `=` before where a link leads, `-` before what is covered. */
  told({ mounts }: Toolchains): readonly string[] {
    const short = (path: string): string => path.replace(`${this.home}/`, "");
    return mounts.map((mount) => {
      if (mount.kind === "link") return `${short(mount.path)}=${short(mount.target)}`;
      if (mount.kind !== "read") return `-${short(mount.path)}`;
      return mount.from === mount.path ? short(mount.path) : `${short(mount.path)}<${short(mount.from)}`;
    });
  }

  path({ searchPath }: Toolchains): readonly string[] {
    return searchPath.map((entry) => entry.replace(`${this.home}/`, ""));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

test("nvm: its versions, not what it downloaded; a token in a version's npmrc is covered", () => {
  using machine = new Machine();
  const node = ".nvm/versions/node/v24.1.0";
  machine.put(".nvm/nvm.sh", ".nvm/alias/default", ".nvm/.cache/x", `${node}/bin/node`, `${node}/bin/npm`);
  machine.put(`${node}/etc/npmrc`, `${node}/include/node/node.h`, `${node}/lib/node_modules/npm/package.json`);
  const found = machine.find("node", [`${node}/bin`, "/usr/sbin"], { NVM_DIR: machine.at(".nvm") });
  assert.deepEqual(machine.told(found), [
    ".nvm/nvm.sh",
    ".nvm/alias",
    ".nvm/versions",
    `-${node}/etc/npmrc`,
    `.cache/node-gyp/24.1.0/include/node<${node}/include/node`,
    "-.cache/node-gyp/24.1.0/installVersion",
  ]);
  assert.deepEqual(machine.path(found), [`${node}/bin`, "/usr/sbin"]);
  assert.deepEqual(found.environment, { NVM_DIR: machine.at(".nvm") });
});

test("fnm: a shell's own link to a version becomes that version", () => {
  using machine = new Machine();
  const version = ".local/share/fnm/node-versions/v22.3.0/installation";
  machine.put(`${version}/bin/node`, ".local/share/fnm/fnm_multishells/x");
  machine.link("run/fnm_multishells/1", machine.at(version));
  const found = machine.find("node", ["run/fnm_multishells/1/bin"]);
  assert.deepEqual(machine.told(found), [".local/share/fnm/node-versions"]);
  assert.deepEqual(machine.path(found), [`${version}/bin`]);
});

test("volta, and pnpm and corepack beside their caches", () => {
  using machine = new Machine();
  machine.put(".volta/bin/volta-shim", ".volta/layout.v4", ".volta/tools/image/node/24.1.0/bin/node");
  machine.put(".volta/tools/inventory/node/x.tar.gz", ".volta/log/x");
  machine.link(".volta/bin/node", "volta-shim");
  const pnpm = ".local/share/pnpm";
  machine.put(`${pnpm}/pnpm`, `${pnpm}/store/v10/files/00/x`, `${pnpm}/global/5/node_modules/tsc/bin/tsc`);
  machine.link(`${pnpm}/tsc`, "global/5/node_modules/tsc/bin/tsc");
  machine.put(".cache/node/corepack/v1/pnpm/9.1.0/bin/pnpm.cjs", ".cache/node/corepack/lastKnownGood.json");
  const found = machine.find("node", [".volta/bin", pnpm], { PNPM_HOME: machine.at(pnpm) });
  assert.deepEqual(
    machine.told(found).toSorted(),
    [
      ".cache/node/corepack/v1/pnpm/9.1.0",
      `${pnpm}/global`,
      `${pnpm}/pnpm`,
      `${pnpm}/tsc=${pnpm}/global/5/node_modules/tsc/bin/tsc`,
      ".volta/bin",
      ".volta/layout.v4",
      ".volta/tools/image",
    ].toSorted(),
  );
  assert.deepEqual(found.environment, {}, "a root that more is put into is the private home's");
  assert.deepEqual(machine.path(found), [".volta/bin", pnpm]);
});

test("pyenv, uv and conda", () => {
  using machine = new Machine();
  machine.put(".pyenv/bin/pyenv", ".pyenv/shims/python3", ".pyenv/version", ".pyenv/versions/3.12.1/bin/python3.12");
  machine.put(".pyenv/versions/3.12.1/pip.conf", ".pyenv/cache/x", ".pyenv/sources/x", ".pyenv/.git/config");
  const uv = ".local/share/uv/python";
  machine.put(`${uv}/cpython-3.13.1-linux/bin/python3.13`, ".local/bin/uv", ".local/bin/other", ".cache/uv/x");
  machine.link(`${uv}/cpython-3.13-linux`, "cpython-3.13.1-linux");
  machine.link(".local/bin/python3.13", machine.at(`${uv}/cpython-3.13.1-linux/bin/python3.13`));
  machine.put("miniconda3/conda-meta/history", "miniconda3/bin/conda", "miniconda3/pkgs/x", "miniconda3/.condarc");
  machine.put("miniconda3/envs/ml/bin/python", "miniconda3/envs/ml/pip.conf", ".conda/envs/own/bin/python");
  const found = machine.find("python", [".local/bin", ".pyenv/shims", "miniconda3/condabin", "miniconda3/bin", "/bin"]);
  assert.deepEqual(
    machine.told(found).toSorted(),
    [
      "-.pyenv/versions/3.12.1/pip.conf",
      "-miniconda3/.condarc",
      "-miniconda3/envs/ml/pip.conf",
      "-miniconda3/pkgs",
      ".conda/envs/own",
      ".local/bin/uv",
      `${uv}/cpython-3.13-linux=${uv}/cpython-3.13.1-linux`,
      `${uv}/cpython-3.13.1-linux`,
      ".pyenv/bin",
      ".pyenv/shims",
      ".pyenv/version",
      ".pyenv/versions",
      "miniconda3",
    ].toSorted(),
  );
  assert.deepEqual(machine.path(found), [
    ".local/bin",
    ".pyenv/shims",
    "miniconda3/condabin",
    "miniconda3/bin",
    "/bin",
  ]);
});

test("rustup and cargo's programs; never its registry, configuration or credentials", () => {
  using machine = new Machine();
  machine.put(".rustup/toolchains/stable/bin/cargo", ".rustup/settings.toml", ".rustup/tmp/x", ".rustup/downloads/x");
  machine.put(".cargo/bin/rustup", ".cargo/registry/index/x", ".cargo/credentials.toml", ".cargo/config.toml");
  machine.put("dev/own/target/release/own");
  machine.link(".cargo/bin/cargo", "rustup");
  machine.link(".cargo/bin/own", machine.at("dev/own/target/release/own"));
  machine.link(".cargo/bin/gone", "/nowhere");
  const more = { RUSTUP_TOOLCHAIN: "nightly", CARGO_HOME: machine.at(".cargo"), RUSTUP_HOME: machine.at(".rustup") };
  const found = machine.find("rust", [".cargo/bin"], more);
  assert.deepEqual(machine.told(found), [
    ".rustup/toolchains",
    ".rustup/settings.toml",
    ".cargo/bin/rustup",
    ".cargo/bin/cargo=.cargo/bin/rustup",
    ".cargo/bin/own<dev/own/target/release/own",
  ]);
  assert.deepEqual(found.environment, { RUSTUP_HOME: machine.at(".rustup"), RUSTUP_TOOLCHAIN: "nightly" });
});

test("go and java in their places; sdk holds others' things too", () => {
  using machine = new Machine();
  machine.put("sdk/go1.23.1/bin/go", "sdk/android/x", "go/bin/gopls", "go/pkg/mod/x", "go/src/own/x");
  machine.put(".sdkman/candidates/java/21/bin/java", ".sdkman/candidates/maven/3.9/conf/settings.xml");
  machine.put(
    ".sdkman/etc/config",
    ".sdkman/tmp/x",
    ".jdks/corretto-17/bin/java",
    "opt/jdk/lib/modules",
    "opt/jdk/bin/java",
  );
  const path = ["sdk/go1.23.1/bin", "go/bin", ".sdkman/candidates/java/21/bin"];
  const found = machine.find(["go", "java"], path, { JAVA_HOME: machine.at("opt/jdk"), GOROOT: "/nowhere/go" });
  assert.deepEqual(
    machine.told(found).toSorted(),
    [
      "-.sdkman/candidates/maven/3.9/conf/settings.xml",
      ".jdks/corretto-17",
      ".sdkman/candidates/java",
      ".sdkman/candidates/maven",
      "go/bin/gopls",
      "opt/jdk",
      "sdk/go1.23.1",
    ].toSorted(),
  );
  assert.deepEqual(machine.path(found), path);
  assert.deepEqual(found.environment, { JAVA_HOME: machine.at("opt/jdk") });
});

test("asdf and mise: the versions of what was asked for alone", () => {
  using machine = new Machine();
  machine.put(
    ".asdf/bin/asdf",
    ".asdf/shims/node",
    ".asdf/installs/nodejs/22.1.0/bin/node",
    ".asdf/installs/ruby/3/bin/ruby",
  );
  const mise = ".local/share/mise";
  machine.put(`${mise}/installs/node/24.1.0/bin/node`, `${mise}/installs/ruby/3/bin/ruby`, `${mise}/downloads/x`);
  const found = machine.find("node", [
    ".asdf/shims",
    `${mise}/installs/node/24.1.0/bin`,
    `${mise}/installs/ruby/3/bin`,
  ]);
  assert.deepEqual(
    machine.told(found).toSorted(),
    [".asdf/bin", ".asdf/installs/nodejs", ".asdf/shims", `${mise}/installs/node`].toSorted(),
  );
  assert.deepEqual(machine.path(found), [".asdf/shims", `${mise}/installs/node/24.1.0/bin`]);
});

test("an environment that is active, in the workspace and elsewhere; a workspace's link chooses nothing", () => {
  using machine = new Machine();
  machine.put(
    "envs/shop/pyvenv.cfg",
    "envs/shop/bin/python",
    "work/shop/.venv/pyvenv.cfg",
    "private/lib/python3.12/os.py",
  );
  machine.put("private/bin/python3.12", "private/key");
  machine.link("work/shop/.venv/bin/python", machine.at("private/bin/python3.12"));
  const found = machine.find("python", ["envs/shop/bin", "work/shop/.venv/bin"], {
    VIRTUAL_ENV: machine.at("envs/shop"),
  });
  assert.deepEqual(machine.told(found), ["envs/shop"]);
  assert.deepEqual(machine.path(found), ["envs/shop/bin", "work/shop/.venv/bin"]);
  assert.deepEqual(found.environment, { VIRTUAL_ENV: machine.at("envs/shop") });
});

test("a program by itself where its directory is shared, and an installation wherever PATH finds it", () => {
  using machine = new Machine();
  machine.put(".local/bin/uv", ".local/bin/deploy-to-prod", ".local/lib/python3.12/site-packages/x", ".local/bin/pip");
  machine.put("tools/python/lib/python3.12/os.py", "tools/python/bin/python3.12");
  machine.link("tools/python/bin/python3", "python3.12");
  const found = machine.find("python", [".local/bin", "tools/python/bin"]);
  assert.deepEqual(machine.told(found), ["tools/python", ".local/bin/pip", ".local/bin/uv"]);
});

test("nothing around the home or workspace is shown, whatever a variable says", () => {
  using machine = new Machine();
  machine.put(".ssh/id", "bin/cargo", "versions/x", "keys/id_rsa", "keys/conda-meta/x", "keys/bin/python");
  for (const root of [machine.home, machine.root, "/", machine.workspace, `${machine.home}/../ann`]) {
    const more = { NVM_DIR: root, CARGO_HOME: root, PYENV_ROOT: root, VIRTUAL_ENV: root };
    assert.deepEqual(machine.find(["node", "rust", "python"], [], more).mounts, [], root);
  }
  // links to there neither
  machine.link(".rustup/toolchains", machine.home);
  const found = machine.find(["rust", "python"], ["bin", "keys/bin"], { CONDA_PREFIX: machine.at("keys") });
  assert.deepEqual(machine.told(found), ["bin/cargo", "keys/bin/python"]);
  assert.deepEqual(
    found.withheld.map(({ path }) => path.replace(`${machine.home}/`, "")),
    [".rustup/toolchains", "keys"],
  );
});

test("what is not here is said", () => {
  using machine = new Machine();
  assert.deepEqual(machine.find(["rust", "go"], ["/usr/no-such"]).missing, ["rust", "go"]);
  assert.deepEqual(machine.find([], []), { mounts: [], searchPath: [], environment: {}, missing: [], withheld: [] });
});

test("a thousand versions are bounded, and a root that is a link is there under both names", () => {
  using machine = new Machine();
  for (let at = 0; at < 400; at += 1) machine.put(`.jdks/jdk-${at}/bin/java`);
  assert.equal(machine.find("java").mounts.length, 256);
  const data = join(machine.root, "data/pyenv");
  machine.put(`${data}/versions/3.12/bin/python3`, `${data}/shims/python3`);
  machine.link(".pyenv", data);
  assert.deepEqual(
    machine.told(machine.find("python", [".pyenv/shims"])).toSorted(),
    [`.pyenv/shims<${data}/shims`, `.pyenv/versions<${data}/versions`, `${data}/shims`, `${data}/versions`].toSorted(),
  );
});
