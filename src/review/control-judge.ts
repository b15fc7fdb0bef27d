// Which new or changed git files are harmless after all: a configuration that sets nothing that runs, a `.git` file or
// worktree file that points within the workspace. Their text is *attacker-controlled*; what cannot be read is not harmless.

import { dirname, resolve } from "node:path";
import type { Found } from "./control-files.ts";
import { gitFileTarget } from "./git-file.ts";
import { executingSettings } from "./git-settings.ts";
import { type Leaf, saysSame } from "./leaf.ts";
import { limits } from "./limits.ts";

export class SettingsJudge {
  readonly #workspace: string;
  readonly #ours: string | undefined;
  #asked = 0;

  /** `ours`: our state directory. */
  constructor(workspace: string, ours?: string) {
    this.#workspace = workspace;
    this.#ours = ours;
  }

  /** What a configuration runs that it did not run before; undefined where the file is none, or cannot be read. */
  async runs(leaf: Leaf, old: Leaf | undefined): Promise<readonly string[] | undefined> {
    if (!leaf.pattern.startsWith("<git>/config") || leaf.text === undefined || leaf.kind !== "file") return undefined;
    this.#asked += 1;
    if (this.#asked > limits.settingsFiles) return undefined;
    const gitDirectory = dirname(`${this.#workspace}/${leaf.path}`);
    const place = { gitDirectory, workspace: this.#workspace, ours: this.#ours };
    const now = await executingSettings(leaf.text, place);
    const then = old?.text === undefined ? [] : ((await executingSettings(old.text, place)) ?? []);
    return now?.filter((setting) => !then.includes(setting));
  }
}

/** A `.git` file, `gitdir` or `commondir` whose target lies in the workspace, where its hooks and configuration were judged. */
export function isGitFileHarmless(leaf: Leaf, after: Found): boolean {
  if (leaf.kind !== "file" || leaf.text === undefined) return false;
  const target = targetOf(leaf, after);
  if (target === undefined || !isPlain(leaf.text) || !target.startsWith(`${after.workspace}/`)) return false;
  const path = target.slice(after.workspace.length + 1);
  if (leaf.pattern === "<git>/gitdir") return true;
  // only where the walk entered it as a git directory by its own name
  return after.entered.has(path);
}

/**
 * A file that says what it said. For one that only names a place that is not enough: it may lie elsewhere now, or what it leads to
 * may have given way to a link. Where it was harmless it has to be so still; what was not is the person's, and leads where it led.
 */
export function meansSame(old: Leaf, leaf: Leaf, { before, after }: Walks): boolean {
  if (!saysSame(old, leaf)) return false;
  if (leaf.kind !== "file" || !places.has(leaf.pattern) || isGitFileHarmless(leaf, after)) return true;
  return !isGitFileHarmless(old, before) && (old.path === leaf.path || isSamePlace(old, leaf, { before, after }));
}

interface Walks {
  readonly before: Found;
  readonly after: Found;
}

const places: ReadonlySet<string> = new Set([".git", "<git>/gitdir", "<git>/commondir"]);

function isSamePlace(old: Leaf, leaf: Leaf, { before, after }: Walks): boolean {
  const place = targetOf(leaf, after);
  return place !== undefined && place === targetOf(old, before);
}

function targetOf(leaf: Leaf, { workspace }: Found): string | undefined {
  const file = `${workspace}/${leaf.path}`;
  return leaf.pattern === ".git" ? gitFileTarget(leaf.text, file) : pointer(leaf, file);
}

/**
 * git and we read it alike: no `..` behind a name, which may be a link, and no blank or control character at an end, which
 * one of us would cut off. Bytes that are no UTF-8 have no text here.
 */
function isPlain(text: string): boolean {
  const place = text.replace(/^gitdir: /, "").replace(/[\r\n]+$/, "");
  const names = place.replace(/^(?:\.{0,2}\/)+/, "").split("/");
  return place.trim() === place && !/[\0-\x1f\x7f]/.test(place) && !names.slice(1).includes("..");
}

function pointer(leaf: Leaf, file: string): string | undefined {
  if (leaf.pattern !== "<git>/gitdir" && leaf.pattern !== "<git>/commondir") return undefined;
  const place = leaf.text?.trimEnd();
  return place === undefined || place === "" ? undefined : resolve(dirname(file), place);
}
