// The day as a table: a step a line, seconds of each way, and whether it was the same as outside.

import type { Way } from "./day.ts";
import type { Spent } from "./spend.ts";
import type { Step } from "./steps.ts";

export function tableOf(steps: readonly Step[], spent: ReadonlyMap<Way, Spent>): string {
  const widest = Math.max(...steps.map(({ name }) => name.length));
  const rows = steps.map(({ name }) =>
    [name.padEnd(widest), ...[...spent.values()].map(({ taken }) => seconds(taken.get(name)?.seconds))].join("  "),
  );
  const total = [...spent.values()].map(({ taken }) =>
    seconds([...taken.values()].reduce((sum, one) => sum + one.seconds, 0)),
  );
  const head = ["step".padEnd(widest), ...[...spent.keys()].map((way) => way.padStart(8))].join("  ");
  return [head, ...rows, ["together".padEnd(widest), ...total].join("  ")].join("\n");
}

const seconds = (value: number | undefined): string =>
  (value === undefined ? "–" : `${value.toFixed(1)} s`).padStart(8);
