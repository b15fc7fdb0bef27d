// A defence of ours taken away for one process, in memory: a source file says something else there when it is loaded. Only
// tests can do so, by telling Node what to load; nothing in the product can.

import { writeFileSync } from "node:fs";

export interface Mutation {
  /** How the file's path ends. */
  readonly file: string;
  /** Text that stands in it once, and what stands there instead. */
  readonly changes: readonly (readonly [string, string])[];
}

/** Variables under which the command line runs without these defences. `file`: where the loader is put. */
export function without(mutations: readonly Mutation[], file: string): Readonly<Record<string, string>> {
  writeFileSync(file, loader);
  return { NODE_OPTIONS: `--import=${file}`, MUTATION: JSON.stringify(mutations) };
}

const loader = `
import { registerHooks } from "node:module";
const mutations = JSON.parse(process.env.MUTATION ?? "[]");
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const changes = mutations.filter(({ file }) => url.endsWith(file)).flatMap(({ changes }) => changes);
    if (changes.length === 0) return loaded;
    let source = String(loaded.source);
    for (const [from, to] of changes) {
      if (source.split(from).length !== 2) throw new Error("the mutation does not find its place: " + from);
      source = source.replace(from, () => to);
    }
    return { ...loaded, source };
  },
});
`;
