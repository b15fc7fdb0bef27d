// A conversation of some 300 KB that grows, through nothing, through an empty relay, through mitmproxy, which looks at nothing, and through
// a real session that looks into all of it and compares it with the source in its workspace: how much later a reply begins, and how much
// later each word of it comes. In turn, several rounds.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { converse, mixedTexts, sizeOf, sourceTexts } from "./corpus.ts";
import { quantile, type Spread, spreadOf } from "./figures.ts";
import { type Ground, name, openGround } from "./ground.ts";
import { openInside } from "./inside.ts";
import { finish } from "./process.ts";
import type { Rivals } from "./rivals.ts";
import type { Talk, Talked } from "./talking.ts";
import { openMitmproxy, openRelay, serveNode } from "./targets.ts";

export interface Talking {
  readonly target: string;
  /** Milliseconds to the beginning of a reply: of each round the median and the 99th percentile. */
  readonly p50: Spread;
  readonly p99: Spread;
  /** Milliseconds from the moment a word is said to the moment it comes. */
  readonly word: Spread;
  readonly word99: Spread;
}

export interface Conversing {
  readonly rows: readonly Talking[];
  /** Octets of the first and the last request that count. */
  readonly octets: readonly number[];
  /** Octets of source in the workspace. */
  readonly source: number;
  /** Megabytes of the session's processes: a session that has done nothing, and after the conversation. */
  readonly memory: { readonly idle: number; readonly most: number; readonly last: number; readonly helper: number };
  readonly missing: readonly string[];
}

type Converse = (talk: Pick<Talk, "turns" | "warm" | "requests">) => Promise<Talked>;

const first = 46;

export async function measureConversing(
  rivals: Rivals,
  cli: string,
  { rounds, requests }: { rounds: number; requests: number },
): Promise<Conversing> {
  await using stack = new AsyncDisposableStack();
  const ground = await openGround(stack);
  const { folder, upstream: port, files } = ground;
  stack.use(await serveNode("./streaming.ts", { port, ...files }, port));
  const texts = mixedTexts(60, 4_500);
  const turns = first + 20 + requests;
  const sources = sourceTexts(4_000_000);
  const conversation = JSON.stringify(converse(turns, texts, (turn) => (turn < first ? 4_500 : 300)));
  writeFileSync(join(folder, "conversation.json"), conversation);
  const missing: string[] = [];
  const memory = { idle: Number.NaN, most: Number.NaN, last: Number.NaN, helper: Number.NaN };
  const targets = new Map<string, Converse>([["direct", (talk) => talkOutside(ground, port, talk)]]);
  const relay = stack.use(await openRelay(ground));
  targets.set("empty node:https relay", (talk) => talkOutside(ground, relay.port, talk));
  if (rivals.has("mitmdump")) {
    const mitm = stack.use(await openMitmproxy(ground, streamed(folder)));
    targets.set("mitmproxy", (talk) => talkOutside(ground, mitm.port, talk));
  } else missing.push("mitmproxy: not here");
  const inside = openInside({
    cli,
    folder,
    name,
    watched: true,
    copied: ["talking.ts", "corpus.ts"],
    sources,
    files: { "conversation.json": conversation, "nothing.ts": "setTimeout(() => process.exit(0), 1_500);\n" },
    upstream: { port, ca: files.ca },
  });
  memory.idle = (await inside({ file: "nothing.ts", argument: {}, limit: 30_000 })).seen?.last ?? Number.NaN;
  targets.set("postern", async (talk) => {
    const ran = await inside({ file: "talking.ts", argument: talk, limit: 120_000 });
    const { most, last, helper } = ran.seen ?? memory;
    Object.assign(memory, { most: Math.max(most, memory.most || 0), last, helper });
    return readTalk(ran);
  });
  const seen = await goRound(targets, { turns: first, warm: 20, requests, rounds }, missing);
  return {
    rows: [...seen].map(([target, talks]) => ({ target, ...summarise(talks) })),
    octets: [...seen.values()][0]?.[0]?.octets ?? [],
    source: sizeOf(sources),
    memory,
    missing,
  };
}

/** One that fails is named, and left out from there on. */
async function goRound(
  targets: ReadonlyMap<string, Converse>,
  { rounds, ...talk }: Parameters<Converse>[0] & { rounds: number },
  missing: string[],
): Promise<ReadonlyMap<string, readonly Talked[]>> {
  const seen = new Map([...targets.keys()].map((target) => [target, [] as Talked[]]));
  for (let round = 0; round < rounds; round += 1)
    for (const [target, run] of targets) {
      try {
        seen.get(target)?.push(await run(talk));
      } catch (cause) {
        missing.push(`${target}: ${cause instanceof Error ? cause.message : String(cause)}`);
        seen.delete(target);
      }
    }
  return seen;
}

function summarise(talks: readonly Talked[]): Omit<Talking, "target"> {
  const over = (values: (talk: Talked) => readonly number[], part: number): Spread =>
    spreadOf(talks.map((talk) => quantile(values(talk), part)));
  const [answers, words] = [({ answers: all }: Talked) => all, ({ words: all }: Talked) => all];
  return { p50: over(answers, 0.5), p99: over(answers, 0.99), word: over(words, 0.5), word99: over(words, 0.99) };
}

/** Without it, mitmproxy waits for the whole of a reply before it passes any of it on. */
function streamed(folder: string): string {
  const file = join(folder, "stream.py");
  const lines = [
    "def responseheaders(flow):",
    "    if 'text/event-stream' in flow.response.headers.get('content-type', ''):",
    "        flow.response.stream = True",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

async function talkOutside(ground: Ground, port: number, talk: Parameters<Converse>[0]): Promise<Talked> {
  const full: Talk = { ...talk, host: "127.0.0.1", port, name, ca: ground.files.ca };
  const program = new URL("./talking.ts", import.meta.url).pathname;
  const argv = [process.execPath, program, JSON.stringify(full)];
  return readTalk(await finish({ argv, cwd: ground.folder, limit: 120_000 }));
}

function readTalk(ended: {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}): Talked {
  const line = ended.stdout.split("\n").find((one) => one.startsWith('{"answers"'));
  if (line === undefined)
    throw new Error(`the conversation ended with ${ended.code}: ${ended.stderr.trim().slice(-500)}`);
  return JSON.parse(line) as Talked;
}
