// Which new or changed git files are harmless after all: a configuration that sets nothing that runs, a `.git` file or
// worktree file that points within the workspace. Their text is *attacker-controlled*; what cannot be read is not harmless.

import { dirname, resolve } from "node:path";
import { gitFileTarget } from "./control-collector.ts";
import type { Found } from "./control-files.ts";
import { executingSettings } from "./git-settings.ts";
import type { Leaf } from "./leaf.ts";
import { limits } from "./limits.ts";

export class SettingsJudge {
  readonly #workspace: string;
  #asked = 0;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  /** What a configuration runs that it did not run before; undefined where the file is none, or cannot be read. */
  async runs(leaf: Leaf, old: Leaf | undefined): Promise<readonly string[] | undefined> {
    if (!leaf.pattern.startsWith("<git>/config") || leaf.text === undefined || leaf.kind !== "file") return undefined;
    this.#asked += 1;
    if (this.#asked > limits.settingsFiles) return undefined;
    const place = { gitDirectory: dirname(`${this.#workspace}/${leaf.path}`), workspace: this.#workspace };
    const now = await executingSettings(leaf.text, place);
    const then = old?.text === undefined ? [] : ((await executingSettings(old.text, place)) ?? []);
    return now?.filter((setting) => !then.includes(setting));
  }
}

/** A `.git` file, `gitdir` or `commondir` whose target lies in the workspace, where its hooks and configuration were judged. */
export function isGitFileHarmless(leaf: Leaf, after: Found): boolean {
  if (leaf.kind !== "file" || leaf.text === undefined) return false;
  const file = `${after.workspace}/${leaf.path}`;
  const target = leaf.pattern === ".git" ? gitFileTarget(leaf.text, file) : pointer(leaf, file);
  if (target === undefined || !target.startsWith(`${after.workspace}/`)) return false;
  const path = target.slice(after.workspace.length + 1);
  if (leaf.pattern === "<git>/gitdir") return true;
  // only where the walk entered it as a git directory by its own name
  return after.entered.has(path);
}

function pointer(leaf: Leaf, file: string): string | undefined {
  if (leaf.pattern !== "<git>/gitdir" && leaf.pattern !== "<git>/commondir") return undefined;
  const place = leaf.text?.trimEnd();
  return place === undefined || place === "" ? undefined : resolve(dirname(file), place);
}
