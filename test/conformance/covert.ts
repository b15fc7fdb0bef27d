// Covert text's baseline: published agents at ordinary work, until so many requests of each have passed, on generated repositories with
// generated prompts. None of them may be found to carry anything. Ground truth: the record of the real gateway. Needs what
// `bash scripts/setup --agents` installs.

import { install } from "../agents/packages.ts";
import { roster } from "../agents/roster.ts";
import { generate } from "../covert/generated.ts";
import { type Found, type Ordinary, playOrdinary } from "../covert/session.ts";

export const folders = ["src/inspection/covert", "src/protocol", "src/session/inspecting"];

const six = ["pi", "claude-code", "codex", "gemini-cli", "opencode", "qwen-code"];
const steps = 24;
/** A session without a request is no session. */
const mostSessions = 40;

export interface Wishes {
  readonly seed: number;
  /** Of each agent. */
  readonly requests: number;
  /** Names of agents; none: all six. */
  readonly only: readonly string[];
}

interface Row {
  readonly version: string;
  readonly sessions: number;
  readonly requests: number;
  readonly protocols: readonly string[];
  readonly findings: number;
  readonly places: Readonly<Record<string, number>>;
}

export async function covert({ seed, requests, only }: Wishes) {
  const agents: Record<string, Row> = {};
  for (const name of only.length === 0 ? six : only) {
    agents[name] = await rowOf(name, { seed, requests });
    process.stderr.write(`${name} ${JSON.stringify(agents[name])}\n`);
  }
  const rows = Object.values(agents);
  const held = rows.every((row) => row.findings === 0 && row.requests >= requests);
  return { held, whole: only.length === 0 && requests >= 200, found: { seed, steps, wanted: requests, agents } };
}

async function rowOf(name: string, { seed, requests }: Pick<Wishes, "seed" | "requests">): Promise<Row> {
  const agent = roster.find((one) => one.name === name);
  const [way] = agent?.ways ?? [];
  if (agent === undefined || way === undefined) throw new Error(`no agent ${name}`);
  const installed = install(agent.name);
  const played: Ordinary[] = [];
  let passed = 0;
  while (passed < requests && played.length < mostSessions) {
    const generated = generate(seed + played.length, steps);
    const session = await playOrdinary({ ...agent, ...way.by }, way, { installed, generated });
    played.push(session);
    passed += session.passed;
    process.stderr.write(`${name} session ${played.length}: ${session.passed} requests, ${session.counted} findings\n`);
    if (session.passed === 0) throw new Error(`${name} asked for nothing:\n${session.told.slice(-4_000)}`);
  }
  return {
    version: installed.version,
    sessions: played.length,
    requests: passed,
    protocols: [...new Set(played.flatMap(({ protocols }) => protocols))],
    findings: played.reduce((sum, { counted }) => sum + counted, 0),
    places: tally(played.flatMap(({ findings }) => findings)),
  };
}

/** Kinds and places, never a text. */
function tally(findings: readonly Found[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { label, role, path } of findings) {
    const place = `${label} in ${role} at ${path}`;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
