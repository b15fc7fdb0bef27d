// Every parser of hostile bytes for minutes each, guided by the code that is reached, and the differential over its cases and
// their neighbours. What was kept goes into vectors/fuzz/.

import { type Attended, attend } from "../fuzz/attendant.ts";
import { readCorpus, writeCorpus } from "../fuzz/corpus.ts";
import { targets } from "../fuzz/targets/all.ts";

export const folders = [
  "src/boundary/linux",
  "src/decision",
  "src/domain",
  "src/gateway",
  "src/ledger",
  "src/policy",
  "src/protocol",
  "test/fuzz",
];

export interface Amount {
  readonly seed: number;
  /** For each target. */
  readonly minutes: number;
  /** Targets at a time. */
  readonly atOnce: number;
  /** Those named; all where none is. */
  readonly only: readonly string[];
}

export async function fuzz({ seed, minutes, atOnce, only }: Amount) {
  const names = Object.keys(targets).filter((name) => only.length === 0 || only.includes(name));
  const results: Record<string, object> = {};
  let wrong = 0;
  const left = [...names];
  const work = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const ran = await attend({ target: name, seed, budget: { milliseconds: minutes * 60_000 }, guided: true });
      if (ran.broken === undefined) keep(name, ran);
      else wrong += 1;
      results[name] = tell(ran);
      process.stderr.write(`${name.padEnd(14)} ${JSON.stringify(results[name])}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const parsers = Object.fromEntries(names.map((name) => [name, results[name]]));
  return { held: wrong === 0, found: { seed, minutesEach: minutes, atOnce, parsers, wrong } };
}

function keep(name: string, { kept }: Attended): void {
  writeCorpus(name, { found: readCorpus(name).found, inputs: kept.map((text) => Buffer.from(text, "latin1")) });
}

function tell({ runs, kept, outcomes, reached, known, broken }: Attended) {
  const part = known === 0 ? 0 : Math.round((1000 * reached) / known) / 1000;
  const told = { runs, kept: kept.length, outcomes, charactersReached: reached, ofThoseSeen: part };
  if (broken === undefined) return told;
  return { ...told, broken: { why: broken.why, input: broken.input.toString("base64") } };
}
