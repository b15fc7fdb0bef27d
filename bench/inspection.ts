// Inspection, as ARCHITECTURE §9 budgets it: what looking costs a core (seeking.ts, a program of its own, so that nothing else is in its
// memory), what it adds to a conversation through a real session beside mitmproxy (conversing.ts), and how long the terminal stands
// still while bodies pass that are too much (stalls.ts). What fails is named, never guessed.

import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { type Conversing, measureConversing } from "./conversing.ts";
import { finish } from "./process.ts";
import type { Rivals } from "./rivals.ts";
import type { Seeking } from "./seeking.ts";
import { measureStalls, type Stallings } from "./stalls.ts";

export interface Inspection {
  readonly seeking?: Seeking;
  readonly conversing?: Conversing;
  readonly stalls?: Stallings;
  /** One-minute load averages before each of the three, and behind the last. */
  readonly loads: readonly number[];
  readonly missing: readonly string[];
}

/** `say`: where it is told what is measured now. */
export async function measureInspection(
  rivals: Rivals,
  cli: string,
  { quick, say }: { quick: boolean; say: (what: string) => void },
): Promise<Inspection> {
  const missing: string[] = [];
  const loads: number[] = [];
  const attempt = async <Result>(what: string, measure: () => Promise<Result>): Promise<Result | undefined> => {
    say(`inspection: ${what}`);
    loads.push(Number((loadavg()[0] ?? 0).toFixed(2)));
    try {
      return await measure();
    } catch (cause) {
      missing.push(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
      return undefined;
    }
  };
  const seeking = await attempt("rules, fingerprints, a conversation that grows", () => seek(rivals, quick ? 2 : 9));
  if (seeking !== undefined && seeking.rules.secretlint === undefined) missing.push("secretlint: not here");
  let conversing: Conversing | undefined;
  let stalls: Stallings | undefined;
  if (existsSync(cli)) {
    const effort = quick ? { rounds: 1, requests: 40 } : { rounds: 5, requests: 150 };
    conversing = await attempt("a conversation of 300 KB", () => measureConversing(rivals, cli, effort));
    missing.push(...(conversing?.missing ?? []));
    stalls = await attempt("bodies that are too much", () => measureStalls(cli, quick ? 1 : 3));
  } else missing.push("postern is not built: npm run build");
  loads.push(Number((loadavg()[0] ?? 0).toFixed(2)));
  return {
    ...(seeking === undefined ? {} : { seeking }),
    ...(conversing === undefined ? {} : { conversing }),
    ...(stalls === undefined ? {} : { stalls }),
    loads,
    missing,
  };
}

async function seek(rivals: Rivals, rounds: number): Promise<Seeking> {
  const program = new URL("./seeking.ts", import.meta.url).pathname;
  const entry = rivals.entry("@secretlint/core", "package.json");
  const packages = entry?.slice(0, entry.indexOf("/@secretlint/"));
  const argv = [process.execPath, "--disable-warning=ExperimentalWarning", program, String(rounds), packages ?? ""];
  const ended = await finish({ argv, limit: 300_000 });
  if (ended.code !== 0) throw new Error(`ended with ${ended.code}: ${ended.stderr.trim().slice(-300)}`);
  return JSON.parse(ended.stdout) as Seeking;
}
