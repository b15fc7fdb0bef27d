// The scene of one round: a checkout, a state directory and a session in it whose tool works, as the kind of fault sees it.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { descendants, find } from "../journeys/kill-rounds.ts";
import { Stage, type Started } from "../journeys/stage.ts";
import { type Kind, pause, type Scene } from "./kind.ts";
import { granted, policy } from "./place.ts";
import type { Lane } from "./round.ts";
import { openShim, type Shim } from "./shim.ts";

const tool = readFileSync(new URL("./tool.mjs", import.meta.url), "utf8");

export interface Order {
  readonly tag: string;
  readonly kind: Kind;
  readonly edits: "live" | "staged";
  readonly chance: (below: number) => number;
}

export interface Set extends Scene, Disposable {
  readonly started: Started;
  readonly blamed: readonly string[];
  /** Targets the vendor was asked for in this round. */
  readonly askedByAgent: () => Promise<readonly string[]>;
  /** Where the tool works: the checkout, or its private copy; undefined where there is none yet. */
  readonly tree: () => string | undefined;
}

export async function openScene({ tag, kind, edits, chance }: Order, lane: Lane): Promise<Set> {
  const { place, library, agent, person, program } = lane;
  const before = (await agent.asked()).length;
  const stage = new Stage({
    git: true,
    files: { "tool.mjs": tool, "CLAUDE.md": "be kind\n" },
    ...(program && { program }),
  });
  const shim = openShim(library, join(stage.base, "fault-page"));
  if (person.uid !== undefined) stage.give(person.uid);
  const started = start(stage, { tag, kind, edits }, { lane, shim });
  let over = false;
  void started.ended.then(() => (over = true));
  const blamed: string[] = [];
  const root = started.child.pid ?? 0;
  let copy: string | undefined;
  const tree = (): string | undefined => {
    copy ??= edits === "live" ? stage.work : findCopy(stage.state);
    return copy;
  };
  const scene: Omit<Set, "cli"> = {
    stage,
    started,
    shim,
    chance,
    over: () => over,
    asked: async () => {
      const ofTool = (await place.seen()).filter((one) => one.kind === "request" && one.target.includes(tag));
      return ofTool.length + (await agent.asked()).length - before;
    },
    askedByAgent: async () => (await agent.asked()).slice(before),
    size: (name) => statSync(join(tree() ?? "/nonexistent", name), { throwIfNoEntry: false })?.size ?? 0,
    find: async (part) => {
      for (;;) {
        const cli = commandLine(root);
        const pid = part === "tool" ? findTool(root, tag) : cli === undefined ? undefined : find(cli, part);
        if (over || pid !== undefined) return over ? undefined : pid;
        await pause(10);
      }
    },
    blame: (what) => void blamed.push(what),
    blamed,
    tree,
    ready: () => existsSync(join(tree() ?? "/nonexistent", "ready")),
    [Symbol.dispose]: () => {
      shim[Symbol.dispose]();
      stage[Symbol.dispose]();
    },
  };
  return Object.defineProperty(scene, "cli", { get: () => commandLine(root) ?? root }) as Set;
}

function start(
  stage: Stage,
  { tag, kind, edits }: Pick<Order, "tag" | "kind" | "edits">,
  { lane, shim }: { readonly lane: Lane; readonly shim: Shim },
): Started {
  const { host = granted.name, target = "", hungry = 0 } = kind;
  const words = [process.execPath, "tool.mjs", tag, host, target, String(hungry)];
  const { place, agent, person } = lane;
  return stage.start(kind.agent === true ? agent.command : words, {
    policy: kind.agent === true ? agent.policy : policy,
    flags: ["--edits", edits],
    before: [...place.enter, ...person.as, ...(kind.before ?? [])],
    environment: { ...shim.environment, TMPDIR: stage.home },
  });
}

/** What stays above the command line: what gave it a terminal, or shows an ordinary user its files. */
const around: ReadonlySet<string> = new Set(["script", "bwrap"]);

/** Undefined until it has become our program; below `root` where that is another, which gave it a terminal. */
export function commandLine(root: number): number | undefined {
  try {
    const words = readFileSync(`/proc/${root}/cmdline`, "utf8").split("\0");
    if (isCommandLine(words)) return root;
    if (!around.has(words[0] ?? "")) return undefined;
  } catch {
    return undefined;
  }
  return descendants(root).find(({ words }) => isCommandLine(words))?.pid;
}

const isCommandLine = (words: readonly string[]): boolean =>
  words.some((word) => word.endsWith("src/cli/main.ts") || word.endsWith("dist/postern.cjs"));

function findTool(root: number, tag: string): number | undefined {
  return descendants(root).find(({ words }) => words[1] === "tool.mjs" && words[2] === tag)?.pid;
}

/** Of the one session whose edits are staged here. */
function findCopy(state: string): string | undefined {
  const staged = join(state, "staged");
  if (!existsSync(staged)) return undefined;
  const found = readdirSync(staged, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("/tool.mjs"));
  return found === undefined ? undefined : join(staged, found, "..");
}
