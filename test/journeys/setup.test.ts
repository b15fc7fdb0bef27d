// `postern setup`: what is typed in a new terminal runs inside, as the record says; undone, the home is to the byte what it
// was. In bash, zsh and fish; where one of them is missing its case says so.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { here, Machine, posternCommand } from "./shells.ts";

const startFiles = {
  bash: { path: ".bashrc", text: "# mine\nPATH=$HOME/first:$PATH\nalias x=y" },
  zsh: { path: ".zshrc", text: "path=($HOME/first $path)\n" },
  fish: { path: ".config/fish/config.fish", text: "set -gx PATH $HOME/first $PATH\n" },
} as const;

for (const [shell, { path, text }] of Object.entries(startFiles)) {
  void test(`${shell}: typed, it runs inside; undone, nothing is left`, { skip: here(shell) }, () => {
    using machine = new Machine();
    machine.tool("claude");
    machine.write(`home/${path}`, text);
    // what its own start writes: fish its configuration, zsh nothing
    machine.typed(shell, "true");
    const before = machine.digest();
    const done = machine.postern(["setup", "--yes"], { SHELL: `/usr/bin/${shell}` });
    assert.equal(done.status, 0, done.stderr);
    const typed = machine.typed(shell, "claude -p 'a  b' \"$HOME\"");
    assert.equal(typed.status, 3, typed.stderr);
    assert.equal(typed.stdout, "out\n", "nothing of ours on the tool's standard output");
    assert.equal(machine.canary(), `inside=1 args=-p a  b ${machine.home}\n`);
    assert.deepEqual(machine.sessions(), [["claude", "-p", "a  b", machine.home]]);
    const inner = machine.typed(
      shell,
      shell === "fish" ? "fish -i -c 'echo $PATH[1]'" : `${shell} -ic 'echo \${PATH%%:*}'`,
    );
    assert.equal(inner.stdout, `${machine.shims}\n`, "a shell in a shell too");
    const undone = machine.postern(["setup", "--undo"]);
    assert.equal(undone.status, 0, undone.stderr);
    assert.equal(readFileSync(join(machine.home, path), "utf8"), text);
    assert.equal(existsSync(machine.shims), false);
    assert.notEqual(before, machine.digest(), "the record stays");
  });
}

void test("setup, again, and undo without a session between: the home is to the byte what it was", () => {
  using machine = new Machine();
  for (const name of ["claude", "codex", "other"]) machine.tool(name);
  for (const text of ["# no end", "# an end\n", "", undefined]) {
    if (text !== undefined) machine.write("home/.bashrc", text);
    const before = machine.digest();
    assert.equal(machine.postern(["setup", "--yes"]).status, 0);
    const once = machine.digest();
    const again = machine.postern(["setup", "--yes"]);
    assert.equal(again.status, 0);
    assert.match(again.stdout, /all of it is there already/);
    assert.equal(machine.digest(), once);
    assert.equal(machine.postern(["setup", "--undo"]).status, 0);
    assert.equal(machine.digest(), before);
    if (text === "") spawnSync("rm", [join(machine.home, ".bashrc")]);
  }
  assert.match(machine.postern(["setup", "--undo"]).stdout, /nothing to undo/);
});

void test("everything written is listed, and nothing is written without a yes", () => {
  using machine = new Machine();
  machine.tool("claude");
  const before = machine.digest();
  const shown = machine.postern(["setup"]);
  assert.equal(shown.status, 1);
  assert.match(shown.stdout, /~\/\.bashrc, at its end:/);
  const planned = machine.postern(["setup", "--json"]);
  assert.equal(machine.digest(), before);
  const lines = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>);
  assert.deepEqual(new Set(lines(planned.stdout).map(({ state }) => state)), new Set(["new", "offered"]));
  const files = () => spawnSync("find", [machine.home, "-type", "f"], { encoding: "utf8" }).stdout.trim().split("\n");
  const written = lines(machine.postern(["setup", "--json", "--yes"]).stdout);
  const listed = written.flatMap(({ path }) => path ?? []);
  // the list itself is in the state directory
  assert.deepEqual(new Set(files()), new Set([...listed, join(machine.state, "setup.json")]));
});

void test("named tools alone, one's own too; one taken back leaves the others", () => {
  using machine = new Machine();
  for (const name of ["claude", "codex", "mine"]) machine.tool(name);
  const done = machine.postern(["setup", "--yes", "claude-code", "mine"]);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stderr, /mine is not known here/);
  for (const [name, is] of [
    ["claude", true],
    ["mine", true],
    ["codex", false],
  ] as const)
    assert.equal(existsSync(join(machine.shims, name)), is, name);
  assert.equal(machine.postern(["setup", "--undo", "mine"]).status, 0);
  assert.equal(existsSync(join(machine.shims, "mine")), false);
  assert.equal(machine.typed("bash", "command -v claude").stdout, `${machine.shims}/claude\n`);
  assert.equal(machine.postern(["setup", "--undo", "claude"]).status, 0);
  assert.equal(existsSync(machine.shims), false, "with the last one, all of it");
  assert.equal(existsSync(join(machine.home, ".bashrc")), false);
  for (const [name, code] of [
    ["absent", 1],
    ["node", 2],
    ["../claude", 2],
    ["-x", 2],
  ] as const)
    assert.equal(machine.postern(["setup", "--yes", name]).status, code, name);
});

void test("another program of a tool's name is none of its", () => {
  using machine = new Machine();
  machine.write("lib/node_modules/pi-digits/package.json", '{"name":"pi-digits","version":"1.0.0"}');
  machine.write("lib/node_modules/pi-digits/pi.js", "#!/usr/bin/env node\n", 0o755);
  symlinkSync("../lib/node_modules/pi-digits/pi.js", join(machine.tools, "pi"));
  assert.equal(machine.postern(["setup", "--yes"]).status, 1);
  machine.tool("claude");
  assert.equal(machine.postern(["setup", "--yes"]).status, 0);
  assert.equal(existsSync(join(machine.shims, "pi")), false);
});

void test("a new version of the tool is what runs, and one that moved", () => {
  using machine = new Machine();
  machine.tool("claude");
  machine.postern(["setup", "--yes"]);
  machine.tool("claude", "#!/bin/sh\necho new >canary\n");
  assert.equal(machine.typed("bash", "claude").status, 0);
  assert.equal(machine.canary(), "new\n");
  mkdirSync(join(machine.base, "moved"));
  renameSync(join(machine.tools, "claude"), join(machine.base, "moved/claude"));
  assert.equal(machine.typed("bash", "claude").status, 127, "as where it is not installed");
  const moved = { PATH: `${machine.base}/moved:/usr/bin:/bin` };
  assert.equal(machine.typed("bash", "claude", moved).status, 0);
  assert.equal(machine.sessions().length, 2);
});

void test("Postern is gone: nothing runs, and it says what to do", () => {
  using machine = new Machine();
  machine.tool("claude");
  const copy = machine.write("copy/postern", `#!/bin/sh\nexec ${posternCommand} "$@"\n`, 0o755);
  machine.postern(["setup", "--yes"]);
  for (const name of ["claude", "postern", "postern-run"]) {
    const shim = join(machine.shims, name);
    writeFileSync(shim, readFileSync(shim, "utf8").replaceAll(posternCommand, copy));
  }
  assert.equal(machine.typed("bash", "claude").status, 3);
  renameSync(copy, `${copy}-gone`);
  const typed = machine.typed("bash", "claude; exit $?");
  assert.equal(typed.status, 125);
  assert.match(typed.stderr, /claude was not started: Postern is no longer in .*copy\/postern/);
  const [, remedy = ""] =
    /hint: install it again, then: postern setup; or do without it: (.*)/.exec(typed.stderr) ?? [];
  assert.equal(machine.canary(), `inside=1 args=\n`, "it ran once, and not without");
  assert.equal(machine.typed("bash", `${remedy}; claude`).status, 3, "and the remedy is one");
  assert.match(machine.canary(), /\ninside= args=\n$/);
});

void test("no shim leads to a shim: named outright, as a credential's command, inside", () => {
  using machine = new Machine();
  machine.tool("claude");
  machine.postern(["setup", "--yes"]);
  const shim = join(machine.shims, "claude");
  assert.equal(machine.typed("bash", `postern run -- ${shim} direct`).status, 3);
  assert.match(machine.canary(), /inside=1 args=direct\n/);
  // a credential's command that is the shim itself would start Postern again and again
  const policy = (command: string) =>
    machine.write(
      "home/.config/postern/policy.yaml",
      `version: 1\ncredentials:\n  c:\n    from: { command: [${command}] }\n    to: { host: a.test, header: x-key }\n    as: C\n`,
    );
  policy(shim);
  const loop = machine.typed("bash", "claude; exit $?");
  assert.equal(loop.status, 125, loop.stderr);
  assert.match(loop.stderr, /ended with 125[\s\S]*claude is to be started by Postern, and starts Postern itself/);
  assert.equal(machine.sessions().length, 1, "and no session began");
  // by name it is the tool itself, outside: what the person wrote into their own policy
  policy("claude, token");
  writeFileSync(join(machine.tools, "claude"), '#!/bin/sh\n[ "$1" != token ] || { echo secret; exit 0; }\nexit 4\n');
  assert.equal(machine.typed("bash", "claude; exit $?").status, 4);
  // inside there are no shims: the state directory is never shown
  const look = `sh -c 'ls ${machine.shims} 2>&1; echo $PATH >canary'`;
  assert.match(machine.typed("bash", `postern run -- ${look}`).stdout, /No such file/);
  assert.equal(machine.canary().includes(machine.shims), false);
});

void test("for an editor's extension: the wrapper runs the file it is given, pipes stay pipes", () => {
  using machine = new Machine();
  machine.tool("claude");
  const bundled = machine.write(
    "home/.vscode/extensions/x/native/claude",
    '#!/bin/sh\nread line; echo "$line:$*:$POSTERN"\n',
    0o755,
  );
  machine.postern(["setup", "--yes"]);
  const wrapper = join(machine.shims, "postern-run");
  const ran = spawnSync(wrapper, [bundled, "--output-format", "stream-json"], {
    cwd: machine.work,
    env: machine.environment(),
    input: "hello\n",
    encoding: "utf8",
  });
  assert.equal(ran.stdout, "hello:--output-format stream-json:1\n", ran.stderr);
  assert.deepEqual(machine.sessions(), [[bundled, "--output-format", "stream-json"]]);
});

void test("an editor's settings: shown, written, taken out to the byte; without any tool on PATH as well", () => {
  using machine = new Machine();
  const mine = '{\n  // mine\n  "a": 1\n}\n';
  const settings = machine.write("home/.config/Code/User/settings.json", mine);
  machine.write("home/.config/Cursor/User/keybindings.json", "[]");
  const before = machine.digest();
  const shown = machine.postern(["setup", "--editor"]);
  assert.equal(shown.status, 1);
  assert.match(
    shown.stdout,
    /~\/\.config\/Code\/User\/settings\.json, behind its first brace:\n[\s\S]*claudeProcessWrapper/,
  );
  assert.equal(machine.digest(), before, "nothing is written without a yes");
  for (const tool of [undefined, "claude"]) {
    if (tool !== undefined) machine.tool(tool);
    const done = machine.postern(["setup", "--editor", "--yes"]);
    assert.equal(done.status, 0, done.stderr);
    assert.equal(
      existsSync(join(machine.home, ".bashrc")),
      tool !== undefined,
      "no lines where nothing typed leads inside",
    );
    const setting = `"claudeCode.claudeProcessWrapper": "${join(machine.shims, "postern-run")}"`;
    assert.ok(readFileSync(settings, "utf8").includes(setting));
    assert.ok(readFileSync(join(machine.home, ".config/Cursor/User/settings.json"), "utf8").includes(setting));
    const once = machine.digest();
    assert.match(machine.postern(["setup", "--editor", "--yes"]).stdout, /all of it is there already/);
    assert.equal(machine.digest(), once);
    assert.equal(machine.postern(["setup", "--undo"]).status, 0);
    assert.equal(machine.digest(), before);
  }
  machine.write("home/.config/Code/User/settings.json", '{ "claudeCode.claudeProcessWrapper": "mine" }');
  const own = machine.postern(["setup", "--editor", "--yes"]);
  assert.equal(own.status, 1);
  assert.match(own.stderr, /Code\/User\/settings\.json stays as it is: it says something about claudeCode/);
});

void test("what is not ours stays: a foreign file, lines changed by hand, a start file of somebody else's", () => {
  using machine = new Machine();
  machine.tool("claude");
  machine.write("home/.local/state/postern/shims/claude", "mine");
  const rc = machine.write("home/.bashrc", "x\n");
  spawnSync("chmod", ["-R", "go-rwx", machine.state]);
  const foreign = machine.postern(["setup", "--yes"]);
  assert.equal(foreign.status, 1);
  assert.match(foreign.stderr, /shims\/claude is not ours, and stays/);
  assert.equal(readFileSync(join(machine.shims, "claude"), "utf8"), "mine");
  const lines = readFileSync(rc, "utf8");
  writeFileSync(rc, lines.replace("esac", "esac # mine"));
  appendFileSync(join(machine.shims, "postern"), "# mine\n");
  const undone = machine.postern(["setup", "--undo"]);
  assert.equal(undone.status, 1);
  assert.match(undone.stderr, /the lines in ~\/\.bashrc: no longer what setup wrote/);
  assert.ok(readFileSync(rc, "utf8").includes("esac # mine"));
  assert.ok(existsSync(join(machine.shims, "postern")));
  writeFileSync(rc, lines);
  assert.equal(machine.postern(["setup", "--undo"]).status, 1, "the shim is still changed");
  assert.equal(readFileSync(rc, "utf8"), "x\n", "put right again, the lines can be taken out");
});

void test("a start file that may not be written is left, and the lines are printed", () => {
  using machine = new Machine();
  machine.tool("claude");
  const rc = machine.write("home/.bashrc", "x\n", 0o444);
  const done = machine.postern(["setup", "--yes"]);
  assert.equal(done.status, 1);
  assert.match(done.stdout, /for you to add at the end of ~\/\.bashrc \(it is write-protected\):\n\n {4}# >>> postern/);
  assert.equal(readFileSync(rc, "utf8"), "x\n");
  const other = machine.postern(["setup", "--yes"], { SHELL: "/usr/bin/nu" });
  assert.equal(other.status, 1);
  assert.match(other.stdout, /for you to add at the end of your shell's start file/);
  spawnSync("chmod", ["u+w", rc]);
  writeFileSync(rc, `x\n${/# >>> postern[\s\S]*# <<< postern/.exec(done.stdout)?.[0].replaceAll(/^ {4}/gm, "")}\n`);
  assert.equal(machine.typed("bash", "claude").status, 3, "pasted, they do");
});
