// Every parser of hostile bytes for minutes each, guided by the code that is reached, and the differential over its cases and
// their neighbours. What was kept goes into vectors/fuzz/.

import { type Attended, attend } from "../fuzz/attendant.ts";
import { readCorpus, writeCorpus } from "../fuzz/corpus.ts";
import { cases } from "../fuzz/differential/cases.ts";
import { composed } from "../fuzz/differential/composed.ts";
import { type Disagreement, neighbours, openComparison } from "../fuzz/differential/differential.ts";
import { compareHttp2 } from "../fuzz/differential/http2.ts";
import { openNginx } from "../fuzz/differential/nginx.ts";
import { openNodeReader, openProxyReader } from "../fuzz/differential/reading.ts";
import { targets } from "../fuzz/targets/all.ts";
import { openChance } from "../journeys/chance.ts";
import { digestReached } from "./reached.ts";

export const folders = [
  "src/boundary/linux",
  "src/decision",
  "src/domain",
  "src/gateway",
  "src/inspection",
  "src/ledger",
  "src/policy",
  "src/protocol",
  "src/review/veil",
  "src/session/inspecting",
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

/** One parser's row: when, ISO 8601, and with which sources (digest of those its target reaches). */
type Row = ReturnType<typeof tell> & { readonly minutes: number; readonly tried: string; readonly sources: string };

export interface Kept {
  readonly parsers: Readonly<Record<string, Row>>;
  readonly differential: Awaited<ReturnType<typeof differ>> | undefined;
}

const sourcesOf = (target: string): string => digestReached([`test/fuzz/targets/${target}.ts`]);
const comparing = ["cases", "composed", "differential", "http2", "nginx", "reading"];
const sourcesCompared = (): string => digestReached(comparing.map((name) => `test/fuzz/differential/${name}.ts`));

/** Targets, and the differential, of whose present sources nothing is kept. */
export function changedSince(kept: Kept | undefined): readonly string[] {
  const changed = Object.keys(targets).filter((name) => kept?.parsers[name]?.sources !== sourcesOf(name));
  return kept?.differential?.sources === sourcesCompared() ? changed : [...changed, "differential"];
}

/** `only` some: of the others, and of the differential, stays what `kept` has; what it has not is told as `lacking`. */
export async function fuzz({ seed, minutes, atOnce, only }: Amount, kept?: Kept) {
  const names = Object.keys(targets).filter((name) => only.length === 0 || only.includes(name));
  const results: Record<string, Row> = {};
  const left = [...names];
  const work = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const sources = sourcesOf(name);
      const ran = await attend({ target: name, seed, budget: { milliseconds: minutes * 60_000 }, guided: true });
      if (ran.broken === undefined) keep(name, ran);
      results[name] = { ...tell(ran), minutes, tried: new Date().toISOString(), sources };
      process.stderr.write(`${name.padEnd(14)} ${JSON.stringify(results[name])}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const parsers = Object.fromEntries(
    Object.keys(targets).flatMap((name) => {
      const row = results[name] ?? kept?.parsers[name];
      return row === undefined ? [] : [[name, row] as const];
    }),
  );
  const all = only.length === 0 || only.includes("differential");
  const differential = all ? await differ(seed, minutes) : kept?.differential;
  const broken = Object.values(parsers).filter((row) => "broken" in row).length;
  const wrong = broken + (differential?.unexplained.length ?? 0);
  const lacking = Object.keys(targets).filter((name) => parsers[name] === undefined);
  return { held: wrong === 0, found: { seed, atOnce, lacking, parsers, differential, wrong } };
}

/** Where a request ends, which host and path it names: the cases, then others put together by chance, then HTTP/2. */
async function differ(seed: number, minutes: number) {
  const [tried, sources] = [new Date().toISOString(), sourcesCompared()];
  await using nginx = await openNginx();
  await using comparison = await openComparison([
    openNodeReader(false),
    openNodeReader(true),
    openProxyReader(),
    nginx,
  ]);
  const chance = openChance(seed);
  const begun = performance.now();
  const until = (part: number) => (): boolean => performance.now() - begun < minutes * part * 60_000;
  for (const one of cases) await comparison.compare(one);
  for (const [part, others] of [
    [0.4, composed(chance)],
    [0.7, neighbours(cases, chance)],
  ] as const) {
    const goesOn = until(part);
    for (const one of others) {
      await comparison.compare(one);
      if (!goesOn()) break;
    }
  }
  const { unexplained, ...http1 } = comparison.result();
  const { unexplained: unknown, ...http2 } = await compareHttp2(nginx, chance, until(1));
  const versions = { nginx: nginx.version, node: process.versions.node };
  const all: readonly Disagreement[] = [...unexplained, ...unknown];
  const told = { tried, sources, versions, http1, http2, unexplained: all };
  process.stderr.write(`differential   ${JSON.stringify(told)}\n`);
  return told;
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
