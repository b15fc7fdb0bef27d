// How many files have which label, and how many lie in each protected tree: for whoever asks what the policy's globs mean here. Lists
// names alone, and reads no file.

import { existsSync, realpathSync } from "node:fs";
import { labellingOf } from "../../policy/labels.ts";
import { labelsIn, listRoot } from "./listing.ts";
import { type Compared, rootsOf } from "./roots.ts";

export interface Labelled {
  /** In the order of their names; those of the policy that mean no file, too. */
  readonly labels: readonly { readonly label: string; readonly files: number }[];
  /** As the policy names them; undefined: not on this machine. */
  readonly trees: readonly { readonly path: string; readonly label: string; readonly files: number | undefined }[];
}

/** `within`: of files at or below this path alone; absolute. */
export async function countLabelled(policy: Compared, within = "/"): Promise<Labelled> {
  const counts = new Map((policy.labels ?? []).map(({ label }) => [label, 0]));
  const trees = (policy.protected ?? []).map(({ path, label }) => ({
    path,
    label,
    real: existsSync(path) ? realpathSync(path) : undefined,
    files: 0,
  }));
  const wanted = within === "/" ? "/" : `${within}/`;
  for (const root of rootsOf({ policy })) {
    const labelling = labellingOf(root.labels);
    for (const path of await listRoot(root)) {
      const file = `${root.checkout}/${path}`;
      if (file !== within && !file.startsWith(wanted)) continue;
      for (const label of labelsIn(root, labelling, path)) counts.set(label, (counts.get(label) ?? 0) + 1);
      for (const tree of trees) if (tree.real !== undefined && file.startsWith(`${tree.real}/`)) tree.files += 1;
    }
  }
  return {
    labels: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, files]) => ({ label, files })),
    trees: trees.map(({ path, label, real, files }) => ({
      path,
      label,
      files: real === undefined ? undefined : files,
    })),
  };
}

/** `restricted 12 files, protected 340`; empty where the policy says nothing of it. */
export function sayLabelled({ labels, trees }: Labelled): string {
  const files = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`;
  return [
    ...labels.map(({ label, files: count }) => `${label} ${files(count)}`),
    ...trees.map((tree) => `of ${tree.path} ${tree.files === undefined ? "nothing is here" : files(tree.files)}`),
  ].join(", ");
}
