// Each command and each flag that the help shows is offered, asked in the shells themselves; where one is missing here its
// case says so. The help is the ground truth: it is what a person reads, and no part of what writes completions.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Command } from "commander";
import { openProgram } from "../program.ts";
import { completeInBash } from "./bash.ts";
import { completeInFish } from "./fish.ts";
import { outline } from "./outline.ts";
import { completeInZsh } from "./zsh.ts";

const base = mkdtempSync(join(tmpdir(), "postern-completion-"));
after(() => rmSync(base, { recursive: true }));
const top = outline(openProgram());
const file = (shell: string, text: string): string => {
  writeFileSync(join(base, shell), text);
  return join(base, shell);
};
const scripts = {
  bash: file("bash", completeInBash(top)),
  zsh: file("zsh", completeInZsh(top)),
  fish: file("fish", completeInFish(top)),
};
const skip = (shell: string) =>
  spawnSync(shell, ["-c", "true"]).status === 0 ? false : `no ${shell} here (scripts/setup installs it)`;

interface Shown {
  readonly words: readonly string[];
  readonly commands: readonly string[];
  readonly flags: readonly string[];
}

/** From the help's own text. */
function read(command: Command, words: readonly string[]): readonly Shown[] {
  const help = command.helpInformation();
  const part = (title: string) => new RegExp(`^${title}:\\n((?: .*\\n|\\n(?= ))*)`, "m").exec(help)?.[1] ?? "";
  const commands = [...part("Commands").matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name);
  const flags = [...part("Options").matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = ""]) => name);
  const below = command.commands.flatMap((each) => read(each, [...words, each.name()]));
  return [{ words, commands: commands.filter((name) => name !== "help"), flags }, ...below];
}
const shown = read(openProgram(), ["postern"]);

test("the help shows what there is to complete", () => {
  assert.ok(shown.length > 15, JSON.stringify(shown));
  assert.ok(shown.every(({ flags }) => flags.includes("--help")));
  assert.ok(shown[0]?.commands.includes("run"));
});

/** What bash would offer for a line that ends in the last word. */
function askBash(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const ask = lines.map((words) => {
    const list = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); _postern; printf '%s ' "\${COMPREPLY[@]}"; echo`;
  });
  const script = `compopt() { :; }; source ${scripts.bash}; ${ask.join("; ")}`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" ").filter((word) => word !== ""));
}

test("bash offers each command and each flag", { skip: skip("bash") }, () => {
  const offered = askBash(
    shown.flatMap(({ words }) => [
      [...words, ""],
      [...words, "--"],
    ]),
  );
  for (const [at, { words, commands, flags }] of shown.entries()) {
    const [all = [], dashed = []] = offered.slice(at * 2);
    for (const name of commands) assert.ok(all.includes(name), `${words.join(" ")} ${name}`);
    for (const name of flags) assert.ok(dashed.includes(name), `${words.join(" ")} ${name}`);
  }
});

test("bash: values, the tool of run, and nothing of ours behind it", { skip: skip("bash") }, () => {
  const [modes, shells, tool, behind, policy] = askBash([
    ["postern", "run", "--mode", ""],
    ["postern", "setup", "--shell", "z"],
    ["postern", "run", "--policy", "x", "--", "printen"],
    ["postern", "run", "sh", "--"],
    ["postern", "policy", "check", "--"],
  ]);
  assert.deepEqual(modes, ["audit", "enforce"]);
  assert.deepEqual(shells, ["zsh"]);
  assert.ok(tool?.includes("printenv"));
  assert.deepEqual(behind, []);
  assert.deepEqual(policy, ["--json", "--help"]);
});

test("fish offers each command and each flag", { skip: skip("fish") }, () => {
  const lines = shown.flatMap(({ words }) => [`${words.join(" ")} `, `${words.join(" ")} --`]);
  const ask = [...lines, "postern run --mode "].map((line) => `complete -C '${line}'; echo ==`);
  const options = { encoding: "utf8", env: { HOME: base, PATH: process.env["PATH"] } } as const;
  const { stdout } = spawnSync("fish", ["--no-config", "-c", `source ${scripts.fish}; ${ask.join("; ")}`], options);
  const offered = stdout.split("==\n").map((text) => text.split("\n").map((line) => line.split("\t")[0] ?? ""));
  for (const [at, { words, commands, flags }] of shown.entries()) {
    for (const name of commands) assert.ok(offered[at * 2]?.includes(name), `${words.join(" ")} ${name}`);
    for (const name of flags) assert.ok(offered[at * 2 + 1]?.includes(name), `${words.join(" ")} ${name}`);
  }
  assert.deepEqual(
    offered[lines.length]?.filter((word) => word !== ""),
    ["audit", "enforce"],
  );
});

test("zsh is told each command and each flag", { skip: skip("zsh") }, () => {
  const functions = shown.map(({ words }) => ["_postern", ...words.slice(1)].join("_"));
  // what its own completion functions would be told
  const told = "compdef() { :; }; _arguments() { print -rl -- $@ }; _describe() { print -rl -- $commands }";
  const ask = functions.map((name) => `state=command; ${name}; print '=='`);
  const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", `${told}; source ${scripts.zsh}; ${ask.join("; ")}`], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  const offered = stdout.split("==\n");
  for (const [at, { words, flags }] of shown.entries())
    for (const name of flags)
      assert.match(offered[at] ?? "", new RegExp(`(?:^|[)])${name}(?:=?\\[|$)`, "m"), words.join(" "));
  const script = spawnSync("cat", [scripts.zsh], { encoding: "utf8" }).stdout;
  for (const { words, commands } of shown)
    for (const name of commands)
      assert.ok(script.includes(`${["_postern", ...words.slice(1), name].join("_")}() {`), name);
});

test("zsh, at a terminal: Tab after --mode", { skip: skip("zsh") }, () => {
  const script = `
    zmodload zsh/zpty
    zpty z "env HOME=${base} zsh -f -i"
    zpty -w z 'PS1=ready; autoload -Uz compinit; compinit -u; source ${scripts.zsh}; PS1=go'
    zpty -r z out '*ready*go*' ; zpty -n -w z $'postern run --mode \\t\\t'
    zpty -r z out '*audit*enforce*'; print -r -- "$out"
    zpty -n -w z $'\\C-upostern ver\\t'; zpty -r z out '*verify*'; print -r -- "$out"; zpty -d z`;
  const { stdout, error } = spawnSync("zsh", ["-f", "-c", script], { encoding: "utf8", timeout: 120_000 });
  assert.equal(error, undefined, stdout);
  assert.match(stdout, /audit\s+enforce/);
  assert.match(stdout, /postern\s+verify/);
});
