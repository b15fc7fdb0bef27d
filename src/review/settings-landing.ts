// A git configuration as it was given to a tool, and as the tool left it → what of that is set in the checkout's own, which the
// tool could not write: what tracking a branch and having a submodule needs, and nothing that was there before. Everything
// else, a remote's address or who commits too, is only named. The text is *attacker-controlled*; keys and values are given to git
// by its own parser and back to it as arguments.

import { tmpdir } from "node:os";
import { Fault } from "../domain/fault.ts";
import { runGit } from "./git.ts";
import { readSettings, type Setting } from "./git-settings.ts";
import { limits } from "./limits.ts";

export interface Settled {
  /** Keys that are set now. */
  readonly set: readonly string[];
  /** Keys that are not. */
  readonly left: readonly string[];
}

type Values = ReadonlyMap<string, readonly string[]>;

/** Whole keys, lower case but for the name in the middle; a value may decide. */
const landing: readonly (readonly [RegExp, (value: string, before: Values) => boolean])[] = [
  // only what one could fetch from already
  [/^branch\..+\.remote$/s, (value, before) => value === "." || before.has(`remote.${value}.fetch`)],
  [/^branch\..+\.merge$/s, (value) => value.startsWith("refs/heads/")],
  [/^branch\..+\.(?:rebase|description|vscode-merge-base|gh-merge-base)$/s, () => true],
  [/^submodule\..+\.(?:active|branch)$/s, () => true],
  [/^submodule\..+\.url$/s, (value) => !value.includes("::") && !value.startsWith("-")],
  [/^lfs\.repositoryformatversion$/, () => true],
];

/** `file`: the checkout's own, a regular file. What somebody else set meanwhile stays. */
export async function landSettings(file: string, was: string, now: string): Promise<Settled> {
  const [before, after] = [await readSettings(was), await readSettings(now)];
  if (before === undefined || after === undefined) return { set: [], left: ["everything: git cannot read it"] };
  const [old, fresh] = [gather(before), gather(after)];
  const changed = [...new Set([...old.keys(), ...fresh.keys()])].filter((key) => !isSame(old.get(key), fresh.get(key)));
  if (changed.length > limits.settingsLanded) return { set: [], left: changed.slice(0, limits.settingsLanded) };
  const set: string[] = [];
  for (const key of changed) if (lands(key, old, fresh) && (await add(file, key, fresh.get(key) ?? []))) set.push(key);
  return { set, left: changed.filter((key) => !set.includes(key)) };
}

function gather(settings: readonly Setting[]): Values {
  const values = new Map<string, string[]>();
  for (const { key, value } of settings) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

function isSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function lands(key: string, old: Values, fresh: Values): boolean {
  if (old.has(key)) return false;
  const judge = landing.find(([pattern]) => pattern.test(key))?.[1];
  if (judge === undefined || !(fresh.get(key) ?? []).every((value) => judge(value, old))) return false;
  // without its remote, git would take `origin` for it
  const remote = /^(branch\..+)\.merge$/s.exec(key)?.[1];
  return remote === undefined || lands(`${remote}.remote`, old, fresh);
}

/** False where it is there by now, or cannot be written. */
async function add(file: string, key: string, values: readonly string[]): Promise<boolean> {
  if ((await config(file, "--get-all", key)) === true) return false;
  for (const value of values) if (!(await config(file, "--add", key, value))) return false;
  return true;
}

async function config(file: string, option: string, ...words: readonly string[]): Promise<boolean> {
  const place = { store: "/nonexistent", workTree: tmpdir() };
  return !((await runGit({ place, arguments: ["config", "--file", file, option, "--", ...words] })) instanceof Fault);
}
