import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { type Context, type Installation, locate } from "./installation.ts";
import { withoutShims } from "./own-shims.ts";

/** A machine of its own: a home, a workspace and no more. */
class Machine implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-inventory-")));
  readonly home = join(this.root, "home/ann");
  readonly workspace = join(this.home, "work/shop");

  constructor() {
    mkdirSync(this.workspace, { recursive: true });
  }

  put(path: string, text = "\x7fELF", mode = 0o755): string {
    const full = join(this.home, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    chmodSync(full, mode);
    return full;
  }

  link(path: string, target: string): string {
    const full = join(this.home, path);
    mkdirSync(dirname(full), { recursive: true });
    symlinkSync(target, full);
    return full;
  }

  package(path: string, name: string, version = "1.2.3", bin: unknown = "cli.js"): void {
    this.put(`${path}/package.json`, JSON.stringify({ name, version, bin }), 0o644);
  }

  node(path: string): string {
    return this.put(path);
  }

  locate(command: readonly string[], path: readonly string[] = [], more: Partial<Context> = {}) {
    const search = path.map((each) => (each.startsWith("/") ? each : join(this.home, each))).join(":");
    const { home, workspace } = this;
    return locate(command, {
      path: search,
      home,
      workspace,
      directory: workspace,
      variables: {},
      digests: undefined,
      ...more,
    });
  }

  async found(command: readonly string[], path?: readonly string[], more?: Partial<Context>): Promise<Installation> {
    const installation = await this.locate(command, path, more);
    if (installation instanceof Fault) assert.fail(`${installation.message} (${installation.hint})`);
    return installation;
  }

  async fault(command: readonly string[], path?: readonly string[]): Promise<Fault> {
    const fault = await this.locate(command, path);
    if (!(fault instanceof Fault)) assert.fail(JSON.stringify(fault));
    return fault;
  }

  /** Relative to home, `=` before the target of a link. */
  mounts(installation: Installation): readonly string[] {
    const short = (path: string) => path.replace(`${this.home}/`, "");
    return installation.mounts.map((each) =>
      each.kind === "read" ? short(each.path) : `${short(each.path)}=${short(each.target)}`,
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const script = "#!/usr/bin/env node\n";

test("nvm: the global tree, the version's prefix, the link in bin", async () => {
  using machine = new Machine();
  const prefix = ".nvm/versions/node/v24.1.0";
  machine.put(".nvm/package.json", '{"name":"nvm"}', 0o644);
  machine.node(`${prefix}/bin/node`);
  machine.package(`${prefix}/lib/node_modules/@scope/agent`, "@scope/agent");
  const file = machine.put(`${prefix}/lib/node_modules/@scope/agent/cli.js`, script);
  machine.link(`${prefix}/bin/agent`, "../lib/node_modules/@scope/agent/cli.js");
  const found = await machine.found(["agent", "-p", "hello"], [`${prefix}/bin`]);
  assert.deepEqual(machine.mounts(found), [prefix]);
  assert.deepEqual(found.command, [join(machine.home, prefix, "bin/agent"), "-p", "hello"]);
  assert.deepEqual(found.tool, {
    path: file,
    sha256: createHash("sha256").update(script).digest("hex"),
    version: "1.2.3",
    packageName: "@scope/agent",
  });
  assert.deepEqual(found.searchPath, [join(machine.home, prefix, "bin")]);
});

test("pnpm: the store of links, for the package's own node_modules points into it", async () => {
  using machine = new Machine();
  const store = ".local/share/pnpm/global/5/.pnpm";
  machine.package(`${store}/agent@1.2.3/node_modules/agent`, "agent");
  machine.put(`${store}/agent@1.2.3/node_modules/agent/cli.js`, script);
  machine.link(".local/share/pnpm/agent", `global/5/.pnpm/agent@1.2.3/node_modules/agent/cli.js`);
  const node = machine.node(".local/share/fnm/node-versions/v24.0.0/installation/bin/node");
  // fnm's PATH entry is a link to a directory
  machine.link("run/fnm_multishells/1", dirname(dirname(node)));
  const found = await machine.found(["agent"], [".local/share/pnpm", "run/fnm_multishells/1/bin"]);
  assert.deepEqual(machine.mounts(found), [
    ".local/share/fnm/node-versions/v24.0.0/installation",
    store,
    `.local/share/pnpm/agent=${store}/agent@1.2.3/node_modules/agent/cli.js`,
  ]);
});

test("volta: the shim's tool and the node it would choose", async () => {
  using machine = new Machine();
  const image = ".volta/tools/image";
  machine.put(".volta/bin/volta-shim");
  machine.link(".volta/bin/agent", "volta-shim");
  machine.put(".volta/tools/user/bins/agent.json", JSON.stringify({ package: "agent", platform: { node: "24.1.0" } }));
  machine.package(`${image}/packages/agent/lib/node_modules/agent`, "agent");
  machine.put(`${image}/packages/agent/lib/node_modules/agent/cli.js`, script);
  machine.link(`${image}/packages/agent/bin/agent`, "../lib/node_modules/agent/cli.js");
  machine.node(`${image}/node/24.1.0/bin/node`);
  const found = await machine.found(["agent"], [".volta/bin"]);
  assert.deepEqual(machine.mounts(found), [
    `${image}/node/24.1.0`,
    `${image}/packages/agent/lib/node_modules`,
    `${image}/packages/agent/bin/agent=${image}/packages/agent/lib/node_modules/agent/cli.js`,
  ]);
});

test("pnpm's wrapper: the package's own file, said in its last line or in how it starts node", async () => {
  using machine = new Machine();
  const store = ".local/share/pnpm/store/v11/links/@/agent/1.2.3/b81a/node_modules";
  machine.package(`${store}/agent`, "agent");
  const file = machine.put(`${store}/agent/cli.js`, script);
  machine.link(".local/share/pnpm/global/v11/1881/node_modules/agent", `${machine.home}/${store}/agent`);
  const way = "global/v11/1881/node_modules/agent/cli.js";
  const node = machine.node(".nvm/versions/node/v24.1.0/bin/node");
  const head = '#!/bin/sh\nbasedir="$here"\n';
  const older = `${head}if [ -x "$basedir/node" ]; then\n  exec "$basedir/node"  "$basedir/${way}" "$@"\nelse\n  exec node  "$basedir/${way}" "$@"\nfi\n`;
  const newer = `${head}  exec node  "$basedir_abs"/'../${way}' "$@"\n# cmd-shim-target=${machine.home}/.local/share/pnpm/${way}\n`;
  machine.put(".local/share/pnpm/agent", older);
  machine.put(".local/share/pnpm/bin/agent", newer);
  for (const directory of [".local/share/pnpm", ".local/share/pnpm/bin"]) {
    const found = await machine.found(["agent"], [directory, dirname(node)]);
    assert.equal(found.tool.path, file);
    assert.deepEqual([found.name, found.tool.packageName], ["agent", "agent"]);
    assert.ok(machine.mounts(found).includes(".local/share/pnpm/store/v11/links"), machine.mounts(found).join("\n"));
  }
  // a shell script of another kind is what it is
  const plain = machine.put("bin/agent", `${head}exec "$basedir/real" "$@"\n`);
  assert.equal((await machine.found(["agent"], ["bin"])).tool.path, plain);
});

test("a wrapper in the checkout leads nowhere out of it", async () => {
  using machine = new Machine();
  const secret = machine.put(".ssh/id_ed25519", "#!/bin/sh\n");
  const text = `#!/bin/sh\nbasedir="x"\n# cmd-shim-target=${secret}\n`;
  const wrapper = machine.put("work/shop/node_modules/.bin/agent", text);
  const fault = await machine.fault([wrapper]);
  assert.equal(fault.code, "shim");
  assert.ok(fault.message.includes(secret), fault.message);
  machine.put("work/shop/node_modules/agent/cli.js", "#!/bin/sh\n");
  machine.put(
    "work/shop/node_modules/.bin/agent",
    text.replace(secret, `${machine.workspace}/node_modules/agent/cli.js`),
  );
  assert.equal((await machine.found([wrapper])).tool.path, `${machine.workspace}/node_modules/agent/cli.js`);
});

test("asdf: the only installation, or the one that .tool-versions names", async () => {
  using machine = new Machine();
  const shim = (versions: readonly string[]) =>
    `#!/usr/bin/env bash\n${versions.map((version) => `# asdf-plugin: nodejs ${version}\n`).join("")}exec asdf exec "agent" "$@"\n`;
  const [old, next] = ["20.11.0", "24.1.0"].map((version) => `.asdf/installs/nodejs/${version}`);
  for (const root of [old, next]) {
    machine.node(`${root}/bin/node`);
    machine.package(`${root}/lib/node_modules/agent`, "agent");
    machine.put(`${root}/lib/node_modules/agent/cli.js`, script);
    machine.link(`${root}/bin/agent`, "../lib/node_modules/agent/cli.js");
  }
  machine.put(".asdf/shims/agent", shim(["24.1.0"]));
  assert.deepEqual(machine.mounts(await machine.found(["agent"], [".asdf/shims"])), [next]);
  machine.put(".asdf/shims/agent", shim(["20.11.0", "24.1.0"]));
  assert.match((await machine.fault(["agent"], [".asdf/shims"])).hint ?? "", /asdf which agent/);
  machine.put("work/.tool-versions", "python 3.12.1\nnodejs 20.11.0 # pinned\n");
  assert.deepEqual(machine.mounts(await machine.found(["agent"], [".asdf/shims"])), [old]);
  machine.put("work/shop/.tool-versions", "nodejs ../../../.ssh\n");
  assert.equal((await machine.fault(["agent"], [".asdf/shims"])).code, "shim");
});

test("mise: the one version that has it; with several, mise is to be asked", async () => {
  using machine = new Machine();
  const data = ".local/share/mise";
  machine.put(".local/bin/mise");
  machine.link(`${data}/shims/agent`, "../../../bin/mise");
  const root = `${data}/installs/npm-agent/1.2.3`;
  machine.package(`${root}/lib/node_modules/agent`, "agent");
  machine.put(`${root}/lib/node_modules/agent/cli.js`, "#!/bin/sh\n");
  machine.link(`${root}/bin/agent`, "../lib/node_modules/agent/cli.js");
  machine.link(`${data}/installs/npm-agent/latest`, "1.2.3");
  assert.equal((await machine.found(["agent"], [`${data}/shims`])).tool.packageName, "agent");
  machine.put(`${data}/installs/npm-agent/1.2.4/bin/agent`, "#!/bin/sh\n");
  assert.match((await machine.fault(["agent"], [`${data}/shims`])).hint ?? "", /mise which agent/);
});

test("our own shims are passed over, by name and named outright", async () => {
  using machine = new Machine();
  machine.put("state/shims/agent", "#!/bin/sh\nexit 125\n");
  const real = machine.put("bin/agent", "#!/bin/sh\n");
  const path = ["state/shims", "bin"];
  assert.equal((await machine.found(["agent"], path)).tool.path, join(machine.home, "state/shims/agent"), "unmarked");
  machine.put("state/shims/.postern-shims", "", 0o644);
  assert.equal((await machine.found(["agent"], path)).tool.path, real);
  assert.equal((await machine.found([join(machine.home, "state/shims/agent"), "-p"], path)).tool.path, real);
  assert.equal((await machine.fault(["agent"], ["state/shims"])).code, "not-found");
  assert.equal(withoutShims(path.map((each) => join(machine.home, each)).join(":")), join(machine.home, "bin"));
});

test("a native program: the file and the link to it, nothing around", async () => {
  using machine = new Machine();
  const file = machine.put(".local/share/claude/versions/2.1.328");
  machine.link(".local/bin/claude", file);
  const found = await machine.found(["claude"], [".local/bin"]);
  assert.deepEqual(machine.mounts(found), [
    ".local/share/claude/versions/2.1.328",
    ".local/bin/claude=.local/share/claude/versions/2.1.328",
  ]);
  assert.equal(found.tool.version, undefined);
});

test("a Python environment and the interpreter it links to", async () => {
  using machine = new Machine();
  machine.put(".pyenv/versions/3.12.1/bin/python3.12");
  mkdirSync(join(machine.home, ".pyenv/versions/3.12.1/lib"));
  const venv = ".local/share/pipx/venvs/aider";
  machine.put(`${venv}/pyvenv.cfg`, "home = x", 0o644);
  mkdirSync(join(machine.home, venv, "lib"));
  machine.link(`${venv}/bin/python`, join(machine.home, ".pyenv/versions/3.12.1/bin/python3.12"));
  machine.put(`${venv}/bin/aider`, `#!${machine.home}/${venv}/bin/python\n`);
  machine.link(".local/bin/aider", `../share/pipx/venvs/aider/bin/aider`);
  assert.deepEqual(machine.mounts(await machine.found(["aider"], [".local/bin"])), [
    venv,
    ".pyenv/versions/3.12.1",
    `.local/bin/aider=${venv}/bin/aider`,
  ]);
});

test("an installation in the workspace is mounted over it, through npx too", async () => {
  using machine = new Machine();
  machine.package("work/shop/node_modules/@scope/agent", "@scope/agent", "1.2.3", { agent: "cli.js" });
  machine.put("work/shop/node_modules/@scope/agent/cli.js", "#!/bin/sh\n");
  machine.link("work/shop/node_modules/.bin/agent", "../@scope/agent/cli.js");
  for (const command of [
    ["npx", "agent"],
    ["npx", "-y", "@scope/agent"],
    ["npx", "@scope/agent@1.2.3"],
    ["node_modules/.bin/agent"],
  ]) {
    const found = await machine.found([...command, "-x"]);
    assert.deepEqual(machine.mounts(found), ["work/shop/node_modules"]);
    assert.equal(found.command.at(-1), "-x");
  }
  assert.equal((await machine.fault(["npx", "@scope/agent@9.9.9"])).code, "not-found");
  assert.equal((await machine.fault(["npx", "-p", "x", "y"])).code, "runner");
});

test("a file of the workspace chooses no tree of the home to be shown", async () => {
  using machine = new Machine();
  machine.put("other/bin/sh");
  machine.put("other/key", "secret", 0o600);
  mkdirSync(join(machine.home, "other/lib"));
  machine.put("work/shop/tool", `#!${machine.home}/other/bin/sh\n`);
  machine.put("work/shop/venv/pyvenv.cfg", "", 0o644);
  machine.link("work/shop/venv/bin/python", join(machine.home, "other/bin/sh"));
  machine.put("work/shop/via", `#!${machine.workspace}/venv/bin/python\n`);
  assert.deepEqual(machine.mounts(await machine.found(["./tool"])), ["other/bin/sh", "work/shop/tool"]);
  assert.deepEqual(machine.mounts(await machine.found(["./via"])), ["other/bin/sh", "work/shop/venv", "work/shop/via"]);
  for (const path of ["pyvenv.cfg", "bin/python3.12", "lib/python3.12/os.py"]) machine.put(`other/${path}`);
  machine.link("other/bin/python", "/usr/bin/env");
  for (const name of ["python", "python3.12"]) {
    machine.put("work/shop/env", `#!${machine.home}/other/bin/${name}\n`);
    const parts = machine.mounts(await machine.found(["./env"]));
    assert.deepEqual(parts.toSorted(), ["other/bin", "other/lib", "other/pyvenv.cfg", "work/shop/env"]);
  }
});

test("a Python environment of the workspace has its interpreter's own installation", async () => {
  using machine = new Machine();
  machine.put(".pyenv/versions/3.12.1/bin/python3.12");
  mkdirSync(join(machine.home, ".pyenv/versions/3.12.1/lib/python3.12"), { recursive: true });
  machine.put("work/shop/.venv/pyvenv.cfg", "", 0o644);
  machine.link("work/shop/.venv/bin/python", join(machine.home, ".pyenv/versions/3.12.1/bin/python3.12"));
  machine.put("work/shop/.venv/bin/tool", `#!${machine.workspace}/.venv/bin/python\n`);
  const shown = machine.mounts(await machine.found([".venv/bin/tool"]));
  assert.deepEqual(shown.toSorted(), [".pyenv/versions/3.12.1", "work/shop/.venv"]);
});

test("a package's bin stays within the package", async () => {
  using machine = new Machine();
  machine.put("other/bin/x");
  machine.package("work/shop/node_modules/evil", "evil", "1.0.0", "../../../../other/bin/x");
  assert.equal((await machine.fault(["npx", "evil"])).code, "not-found");
});

test("a workspace that is the tool's own package: the file alone is made unwritable", async () => {
  using machine = new Machine();
  machine.package("work/shop", "shop");
  machine.put("work/shop/tool.sh", "#!/bin/sh\n");
  assert.deepEqual(machine.mounts(await machine.found(["./tool.sh"])), ["work/shop/tool.sh"]);
});

test("the workspace cannot put a program in a tool's place through a relative PATH", async () => {
  using machine = new Machine();
  machine.put("work/shop/bin/agent");
  // from where this test runs as much as from the workspace
  const here = relative(realpathSync("."), join(machine.workspace, "bin"));
  const found = await machine.locate(["agent"], [], { path: `bin:.::./bin:${here}` });
  assert.equal(found instanceof Fault && found.code, "not-found");
});

test("what would show the home directory or credentials is refused with a hint", async () => {
  using machine = new Machine();
  machine.package("", "home");
  machine.put("cli.js", "#!/bin/sh\n");
  machine.package("tools/agent", "agent");
  machine.put("tools/agent/cli.js", "#!/bin/sh\n");
  machine.put("tools/agent/.aws/credentials");
  for (const path of [join(machine.home, "cli.js"), join(machine.home, "tools/agent/cli.js")]) {
    const fault = await machine.fault([path]);
    assert.equal(fault.code, "exposed");
    assert.match(fault.hint ?? "", /directory of its own/);
  }
  const elsewhere = await machine.locate([join(machine.home, "cli.js")], [], { workspace: "/nonexistent" });
  assert.match(elsewhere instanceof Fault ? elsewhere.message : "", /home directory/);
});

test("not found, not executable, unreadable first lines, shims nobody follows", async () => {
  using machine = new Machine();
  machine.put("bin/plain", "text", 0o644);
  machine.put("bin/odd", "#!relative\n");
  machine.put("bin/loop", `#!${machine.home}/bin/loop\n`);
  machine.put("mise/mise");
  machine.link("shims/agent", "../mise/mise");
  assert.equal((await machine.fault(["nothing"], ["bin"])).code, "not-found");
  // root may read anything, but executes nothing without an execute bit
  assert.equal((await machine.fault(["plain"], ["bin"])).code, "not-executable");
  assert.equal((await machine.fault([machine.home])).code, "not-executable");
  assert.equal((await machine.fault(["odd"], ["bin"])).code, "shebang");
  assert.equal((await machine.fault(["loop"], ["bin"])).code, "shebang");
  assert.match((await machine.fault(["agent"], ["shims"])).hint ?? "", /mise which agent/);
});

test("a digest is remembered by who the file is, and forgotten with it", async () => {
  using machine = new Machine();
  const file = machine.put("bin/tool", "one");
  const digests = join(machine.root, "digests.json");
  const first = await machine.found([file], [], { digests });
  assert.equal(existsSync(digests), true);
  // a planted wrong digest shows that the memory is used
  writeFileSync(digests, readFileSync(digests, "utf8").replace(first.tool.sha256, "0".repeat(64)));
  assert.equal((await machine.found([file], [], { digests })).tool.sha256, "0".repeat(64));
  rmSync(file);
  machine.put("bin/tool", "two");
  assert.equal(
    (await machine.found([file], [], { digests })).tool.sha256,
    createHash("sha256").update("two").digest("hex"),
  );
  writeFileSync(digests, "broken");
  assert.notEqual((await machine.found([file], [], { digests })).tool.sha256, "0".repeat(64));
});

const throughAlternatives = existsSync("/etc/alternatives/awk");
test("what Debian leads through /etc/alternatives is there inside: nothing is mounted for it (needs an awk that is)", {
  skip: throughAlternatives ? false : "no /etc/alternatives/awk here",
}, async () => {
  using machine = new Machine();
  const found = await machine.found(["awk", "BEGIN {}"], ["/usr/bin"]);
  assert.deepEqual(found.mounts, []);
  assert.deepEqual(found.command, ["/usr/bin/awk", "BEGIN {}"]);
});
