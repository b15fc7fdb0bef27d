// `postern doctor --prove` on a stage of its own: the rows it prints, the entry it leaves, and what is left of it.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../src/proof/row.ts";
import type { Ran, Running, Stage } from "./stage.ts";

export interface Told {
  readonly policy: string;
  readonly grade: string;
  readonly session: string;
  readonly entry: number;
  readonly rows: number;
  readonly failed: number;
}

export interface Proved {
  readonly ran: Ran;
  readonly rows: readonly Row[];
  /** Undefined where nothing was proved. */
  readonly told: Told | undefined;
  readonly file: string;
}

/** Lines of YAML; the file is `policy.yaml` of the stage. */
export async function proveUnder(stage: Stage, policy: string, running: Running = {}): Promise<Proved> {
  const file = stage.write("policy.yaml", `version: 1\n${policy}`);
  const ran = await stage.call(["doctor", "--prove", "--json", "--policy", file], running);
  const lines = ran.output.split("\n").filter((line) => line !== "");
  const values = lines.map((line) => JSON.parse(line) as Row | Told);
  const rows = values.filter((value): value is Row => "outcome" in value);
  return { ran, rows, told: values.find((value): value is Told => "failed" in value), file };
}

export const bad = ({ rows }: Proved): readonly Row[] =>
  rows.filter(({ outcome }) => outcome === "open" || outcome === "broken");

/** A line for each, for a message that tells what went wrong. */
export const tell = ({ rows, ran }: Proved): string =>
  `${ran.code}\n${rows.map(({ outcome, tried, by, rule }) => `${outcome}: ${tried}: ${by} [${rule}]`).join("\n")}\n${ran.errors}`;

/** Names that a proof makes, in the places where it makes them. */
export function leftovers(stage: Stage): readonly string[] {
  const named = (directory: string, like: RegExp) =>
    names(directory).flatMap((name) => (like.test(name) ? [join(directory, name)] : []));
  return [
    ...named(stage.home, /postern-proof/),
    ...named(stage.state, /^proof-/),
    ...named(stage.work, /postern-proof/),
    ...["homes", "sessions", "quarantine", "workspaces", "staged", "running"].flatMap((name) =>
      named(join(stage.state, name), /./),
    ),
    ...named(stage.base, /^postern-proof/),
  ];
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The proof's scratch lies in the stage: nothing of another test's is taken for it. */
export const here = (stage: Stage): Readonly<Record<string, string>> => ({ TMPDIR: stage.base });
