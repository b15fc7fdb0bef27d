// Every defence of the registry taken out in turn: of the probes that prove it at least one must get through, or go
// unrecorded, in a build without it.

import { defences } from "../battery/defences/all.ts";
import type { Removal } from "../battery/defences/try.ts";
import { each } from "./workers.ts";

export const folders = ["src/boundary", "src/decision", "src/gateway", "src/review", "src/session", "test/battery"];

const program = new URL("../battery/defences/try.ts", import.meta.url).pathname;

/** `only`: these defences alone. */
export async function removals(only: readonly string[] = []) {
  const wanted = defences.filter(({ id }) => only.length === 0 || only.includes(id));
  const rows = await each(wanted, async ({ id }, run) => {
    const removal = JSON.parse(await run([program, id])) as Removal;
    process.stderr.write(`${removal.red.length > 0 ? "red    " : "NOT RED"}  ${id.padEnd(24)} ${tellAll(removal)}\n`);
    return removal;
  });
  return { held: rows.every(({ red }) => red.length > 0), found: { defences: rows } };
}

const tellAll = ({ outcomes }: Removal): string =>
  Object.entries(outcomes)
    .map(([id, outcome]) => `${id}: ${outcome.kind}${outcome.kind === "broken" ? ` (${outcome.why})` : ""}`)
    .join(", ");
