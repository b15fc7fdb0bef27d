// Attempts inside at control files that are held: the walls refuse them, and each is an entry. What is unwritable for another
// reason is none.

import { basename, relative } from "node:path";
import type { Watch } from "../boundary/contract.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Append } from "../domain/entry.ts";
import type { Found } from "../review/control-files.ts";
import { containing, parentsOf } from "../review/holds.ts";
import type { View } from "./view.ts";

export interface Attempts extends Pick<Watch, "attempted" | "attemptedMore"> {
  readonly count: () => number;
  /** From the workspace where it lies there. Attacker-controlled. */
  readonly first: () => string | undefined;
}

export interface HeldTree {
  readonly root: string;
  readonly found: Pick<Found, "held" | "repositories">;
}

/** What is held in the checkouts, and what is hidden in them. */
export interface Guarded {
  readonly trees: readonly HeldTree[];
  readonly view: Pick<View, "ruleOf">;
}

/** `workspace`: paths in it are told from there, others whole. */
export function openAttempts(append: Append, workspace: string, { trees, view }: Guarded): Attempts {
  const known = trees.map(openTree);
  let count = 0;
  let first: string | undefined;
  return {
    count: () => count,
    first: () => first,
    attempted: async (attempt) => {
      const pattern = known.map((patternOf) => patternOf(attempt.path)).find((found) => found !== undefined);
      const rule = view.ruleOf(attempt.path);
      if (pattern === undefined && rule === undefined) return;
      const path = attempt.path.startsWith(`${workspace}/`) ? relative(workspace, attempt.path) : attempt.path;
      count += 1;
      first ??= path;
      if (pattern !== undefined) await append(entryOf(attempt, path, pattern), "soon");
      else if (rule !== undefined) await append(veiledEntryOf(attempt, path, rule), "soon");
    },
    attemptedMore: (more) => {
      count += more;
      return append({ kind: "control-file", verdict: "refuse", rule: "control-files", counts: { overflow: more } });
    },
  };
}

function openTree({ root, found }: HeldTree): (path: string) => string | undefined {
  const patterns = new Map(found.held.map(({ path, pattern }) => [path, pattern]));
  const directories = new Set(found.held.filter(({ kind }) => kind === "directory").map(({ path }) => path));
  const repositories = new Set(found.repositories);
  const parents = new Map(found.held.flatMap((held) => parentsOf(held).map((path) => [path, held.pattern] as const)));
  return (path) => {
    if (!path.startsWith(`${root}/`)) return undefined;
    const inside = path.slice(root.length + 1);
    if (repositories.has(inside)) return patterns.get(inside) ?? "<git>";
    return (
      patterns.get(inside) ??
      parents.get(inside) ??
      patterns.get(containing(inside, directories) ?? "") ??
      movedPattern(inside, found)
    );
  };
}

/** What is held there still bears its own name, whatever the directories above are called now. */
function movedPattern(path: string, { held }: HeldTree["found"]): string | undefined {
  const names = new Set(path.split("/"));
  return held.find((each) => names.has(basename(each.path)))?.pattern;
}

/** Of what the policy hides or masks: what is there inside is nobody's to change. */
function veiledEntryOf({ call, pid, executable }: Attempt, path: string, rule: string): Parameters<Append>[0] {
  return {
    kind: "hidden-file",
    verdict: "refuse",
    rule,
    counts: { refusals: 1 },
    sealed: { path, why: `hidden or masked, and ${call} would change it`, call, process: { pid, executable } },
  };
}

function entryOf({ call, pid, executable }: Attempt, path: string, pattern: string): Parameters<Append>[0] {
  return {
    kind: "control-file",
    verdict: "refuse",
    rule: "control-files",
    counts: { refusals: 1 },
    sealed: {
      path,
      pattern,
      why: `held, and ${call.startsWith("link") ? `${call} would give it another name` : `${call} would change it`}`,
      call,
      process: { pid, executable },
    },
  };
}
