// How long the terminal stands still while bodies that are too much pass: in the process of a real session that runs the gateway and
// carries the terminal, the longest time in which its loop did nothing else; how much of it that thread worked; and, at the same time on
// the same machine, the longest stall of a process that does nothing at all, which is what the machine itself costs.

import { type Spread, spreadOf } from "./figures.ts";
import { name, openGround } from "./ground.ts";
import type { Hostile } from "./hostile.ts";
import { openInside } from "./inside.ts";
import { type Stall, watchStalls } from "./probe.ts";
import { serveNode } from "./targets.ts";

export interface Stalling {
  readonly name: string;
  readonly octets: number;
  readonly status: number;
  /** Milliseconds until the reply was whole. */
  readonly took: Spread;
  /** The longest stall of each round; of these, how much the thread itself worked in the one in which it worked longest. */
  readonly longest: Spread;
  readonly own: Spread;
  /** Of a process that does nothing. */
  readonly idle: Spread;
}

export interface Stallings {
  readonly rows: readonly Stalling[];
  /** Megabytes of the process, at most. */
  readonly memory: number;
}

interface Round extends Hostile {
  readonly longest: number;
  readonly own: number;
  readonly idle: number;
}

export async function measureStalls(cli: string, rounds: number): Promise<Stallings> {
  await using stack = new AsyncDisposableStack();
  const { folder, upstream: port, files } = await openGround(stack);
  stack.use(await serveNode("./upstream.ts", { port, ...files }, port));
  const upstream = { port, ca: files.ca };
  const inside = openInside({ cli, folder, name, watched: true, copied: ["hostile.ts"], upstream });
  const all: Round[] = [];
  let memory = 0;
  for (let round = 0; round < rounds; round += 1) {
    const stop = watchStalls();
    const ran = await inside({ file: "hostile.ts", argument: {}, limit: 240_000 });
    const idle = stop();
    if (ran.seen === undefined || ran.code !== 0)
      throw new Error(`hostile bodies ended with ${ran.code}: ${ran.stderr.trim().slice(-500)}`);
    memory = Math.max(memory, ran.seen.most);
    for (const line of ran.stdout.split("\n")) {
      if (!line.startsWith('{"sent"')) continue;
      const { sent } = JSON.parse(line) as { readonly sent: Hostile };
      const [seen, others] = [during(sent, ran.seen.stalls), during(sent, idle)];
      const longest = (values: readonly number[]): number => Math.max(0, ...values);
      all.push({
        ...sent,
        longest: longest(seen.map(({ length }) => length)),
        own: longest(seen.map(({ own, length }) => Math.min(own, length))),
        idle: longest(others.map(({ length }) => length)),
      });
    }
  }
  return { rows: [...Map.groupBy(all, (one) => one.name)].map(([title, own]) => summarise(title, own)), memory };
}

/** Those that overlap with it. */
const during = ({ from, to }: Hostile, stalls: readonly Stall[]): readonly Stall[] =>
  stalls.filter(({ until, length }) => until >= from && until - length * 1_000 <= to);

function summarise(title: string, rounds: readonly Round[]): Stalling {
  const over = (value: (round: Round) => number): Spread => spreadOf(rounds.map(value));
  return {
    name: title,
    octets: rounds[0]?.octets ?? 0,
    status: rounds[0]?.status ?? 0,
    took: over(({ from, to }) => (to - from) / 1_000),
    longest: over(({ longest }) => longest),
    own: over(({ own }) => own),
    idle: over(({ idle }) => idle),
  };
}
