// Long work cut into pieces, each in a process of its own, twice as many at a time as there are processors: most of it is waiting.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { text } from "node:stream/consumers";

/** Runs Node with these words; what it wrote to standard output. Rejects where it fails. */
export type Run = (words: readonly string[]) => Promise<string>;

/** In the order of the items. */
export async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item, run: Run) => Promise<Result>,
): Promise<readonly Result[]> {
  const waiting = [...items.entries()];
  const results: [number, Result][] = [];
  const line = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results.push([next[0], await work(next[1], run)]);
  };
  await Promise.all(Array.from({ length: availableParallelism() * 2 }, line));
  return results.toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

async function run(words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const code = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const said = await text(child.stdout);
  // 1 is a result, told in what it wrote
  if (((await code) ?? 2) > 1) throw new Error(`${words.join(" ")} ended with ${await code}`);
  return said;
}
