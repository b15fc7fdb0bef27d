// What goes on inside while the walls are tried, from outside: the plan is read as it goes by, never changed; the program's
// word that it has tried everything is awaited in its private home or its checkout, then the process table is looked at, then it may end.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Ground, Plan } from "../boundary/contract.ts";
import type { Ears } from "./ears.ts";
import { type Glimpse, look } from "./look.ts";
import type { Order, Report } from "./order.ts";
import { program, type Scratch } from "./scratch.ts";

export interface Inward {
  readonly ground: Ground;
  /** Paths inside. */
  readonly program: string;
  readonly order: string;
  /** Where what is seen inside at this path lies outside. */
  readonly place: (path: string) => string | undefined;
  /** Undefined where the program never told. */
  readonly report: () => Report | undefined;
  readonly loot: (id: string) => string;
  readonly glimpses: () => readonly Glimpse[];
  /** Looks no more. */
  readonly end: () => void;
}

/** Milliseconds between two looks for the report. */
const pace = 20;

export interface Looking {
  readonly order: Order;
  /** A path of the scratch, or a text of such, as it is seen inside. */
  readonly seen: (text: string) => string;
  /** To listen once the walls stand: what ground tries before is its own. */
  readonly ears: Pick<Ears, "listen">;
}

export function watchInside(ground: Ground, { work, mark }: Scratch, { order, seen, ears }: Looking): Inward {
  const file = join(work, "order.json");
  writeFileSync(file, seen(JSON.stringify(order)));
  let plan: Plan | undefined;
  let glimpses: readonly Glimpse[] = [];
  const stop = new AbortController();
  const place = (path: string): string | undefined => {
    const mount = plan?.mounts.findLast((each) => each.path === path && each.kind === "write");
    return mount !== undefined && "from" in mount ? mount.from : undefined;
  };
  const folders = (): readonly string[] =>
    order.folders.flatMap((path) => {
      const outside = place(dirname(path));
      return outside === undefined ? [] : [join(outside, basename(path))];
    });
  const read = (name: string): string | undefined => {
    const path = folders()
      .map((folder) => join(folder, name))
      .find((each) => existsSync(each));
    return path === undefined ? undefined : readFileSync(path, "latin1");
  };
  const watching = async (): Promise<void> => {
    while (!stop.signal.aborted && read("report.json") === undefined) await wait(pace);
    if (stop.signal.aborted) return;
    glimpses = look(mark);
    for (const folder of folders()) if (existsSync(folder)) writeFileSync(join(folder, "go"), "");
  };
  void watching();
  return {
    ground: {
      enter: async (one) => {
        plan = one;
        const walls = await ground.enter(one);
        ears.listen();
        return walls;
      },
      [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
    },
    program: seen(join(work, program)),
    order: seen(file),
    place,
    report: () => parseReport(read("report.json")),
    loot: (id) => read(join("loot", id.replaceAll(/[^a-z0-9]/gi, "_"))) ?? "",
    glimpses: () => glimpses,
    end: () => stop.abort(),
  };
}

/** The program is ours, but it ran inside: what it wrote is read as if it were not. */
function parseReport(text: string | undefined): Report | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const answers = Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string");
    return Object.fromEntries(answers.map(([id, answer]) => [id, answer.slice(0, 100)]));
  } catch {
    return undefined;
  }
}
