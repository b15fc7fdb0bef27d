// One round: a session whose tool works, one fault at a random moment, then the judgement, and the next session in the same
// checkout and state directory.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { descendants } from "../journeys/kill-rounds.ts";
import type { Outside } from "../journeys/outside.ts";
import type { Ran } from "../journeys/stage.ts";
import type { Agent } from "./agent.ts";
import { checkRecord, headNow, type Recorded, readRecord, unguarded } from "./judge.ts";
import { type Blow, pause, signal } from "./kind.ts";
import type { Person } from "./person.ts";
import { policy } from "./place.ts";
import { commandLine, type Order, openScene, type Set } from "./scene.ts";

export interface Round {
  readonly kind: string;
  readonly tag: string;
  readonly edits: "live" | "staged";
  /** The session was a user's without rights over the machine. */
  readonly ordinary: boolean;
  /** False where the session had ended before. */
  readonly struck: boolean;
  /** The tool had begun its work. */
  readonly working: boolean;
  readonly code: number;
  readonly requests: number;
  readonly entries: number;
  readonly refusals: number;
  /** From the blow until the command line had ended, and nothing of it was left. */
  readonly milliseconds: number;
  /** Where its time went, in milliseconds. */
  readonly spent: Readonly<Record<Part, number>>;
  readonly wrong: readonly string[];
  /** What was said; kept where something is wrong. */
  readonly said?: string;
}

/** Until the blow's moment; until it has ended and nothing is left; judging; the next session and its judgement. */
type Part = "moment" | "end" | "judgement" | "next";

/** Milliseconds: the longest a session takes to close, its last words to come, and what is left of it to go. */
const bounds = { end: 90_000, output: 2_000, gone: 5_000 } as const;

export interface Lane {
  readonly place: Outside;
  readonly agent: Agent;
  readonly library: string | undefined;
  readonly person: Person;
  /** The command line; from source where left out. */
  readonly program: string | undefined;
}

/** The caller has adopted orphans and has no other children than the place and the agent's vendor. */
export async function playRound(order: Order, lane: Lane): Promise<Round> {
  const { place } = lane;
  const part = openWatch();
  using scene = await openScene(order, lane);
  const mounts = mountsOf(place);
  const wrong: string[] = [];
  await untilMoment(scene, order);
  const working = scene.ready();
  const head = headNow(scene.stage.state);
  const moment = part();
  const blow = await order.kind.strike(scene);
  const ran = await ending(scene, blow, wrong);
  wrong.push(...(await nothingLeft(lane)));
  const milliseconds = part();
  blow?.after?.();
  const recorded = readRecord(scene.stage.state);
  const [seen, ofAgent] = [await place.take(), await scene.askedByAgent()];
  wrong.push(...scene.blamed, ...unguarded(seen, ofAgent, recorded), ...(await checkRecord(scene.stage.state, head)));
  if (blow !== undefined) wrong.push(...judgeEnd(ran, recorded, { blow, working: scene.ready() || working }));
  blow?.mend?.();
  const judgement = part();
  const next = await scene.stage.run(["true"], { policy, before: [...place.enter, ...lane.person.as] });
  wrong.push(...(await judgeNext(scene, { next, blow, order, head })), ...(await nothingLeft(lane)));
  if (mountsOf(place) !== mounts) wrong.push("left: a mount");
  const { kinds } = recorded;
  return {
    kind: order.kind.name,
    tag: order.tag,
    edits: order.edits,
    ordinary: lane.person.as.length > 0,
    struck: blow !== undefined,
    working,
    code: ran.code,
    requests: seen.filter(({ kind }) => kind === "request").length + ofAgent.length,
    entries: recorded.size,
    refusals: kinds["refusal"] ?? 0,
    milliseconds,
    spent: { moment, end: milliseconds, judgement, next: part() },
    wrong,
    ...(wrong.length === 0 ? {} : { said: `${ran.errors}\n-- next: ${next.errors}` }),
  };
}

/** Each call: milliseconds since the one before. */
function openWatch(): () => number {
  let since = performance.now();
  return () => {
    const before = since;
    since = performance.now();
    return Math.round(since - before);
  };
}

/** One in four while it is being built, the others in the middle of its work. */
async function untilMoment({ chance, over, ready, started }: Set, { kind }: Order): Promise<void> {
  const building = kind.starting === true || (kind.working !== true && chance(4) === 0);
  while (!over() && (building ? commandLine(started.child.pid ?? 0) === undefined : !ready())) await pause(10);
  await pause(chance(building ? 700 : 400));
}

async function ending(scene: Set, blow: Blow | undefined, wrong: string[]): Promise<Ran> {
  if (blow?.ending === "goes on" || blow === undefined) await letEnd(scene);
  const { child, ended } = scene.started;
  const exited = () =>
    child.exitCode ?? (child.signalCode === null ? undefined : 128 + constants.signals[child.signalCode]);
  const gaveUp = performance.now() + bounds.end;
  while (!scene.over() && exited() === undefined && performance.now() < gaveUp) await pause(10);
  // what it left running may hold its output open: that is for whoever looks for it
  for (let more = 0; !scene.over() && exited() !== undefined && more < bounds.output; more += 10) await pause(10);
  if (scene.over()) return ended;
  const code = exited();
  if (code !== undefined) return { code, output: "", errors: "", summary: undefined };
  wrong.push(`the session did not end within ${bounds.end / 1000} s`);
  scene.shim.set("stall", 0);
  signal(scene.cli, "SIGKILL");
  signal(child.pid, "SIGKILL");
  return { code: -1, output: "", errors: "", summary: undefined };
}

/** It works on for a while, then ends by itself. */
async function letEnd({ over, ready, tree }: Set): Promise<void> {
  while (!over() && !ready()) await pause(10);
  await pause(150);
  if (!over()) writeFileSync(join(tree() ?? "", "enough"), "");
}

async function nothingLeft({ place: { pid }, agent }: Lane): Promise<readonly string[]> {
  const rest = () => {
    const own = new Set([pid, agent.pid, ...descendants(pid).map((below) => below.pid)]);
    return descendants(process.pid).filter((one) => !own.has(one.pid));
  };
  for (const since = performance.now(); performance.now() - since < bounds.gone; await pause(10))
    if (rest().length === 0) return [];
  const left = rest();
  for (const one of left) signal(one.pid, "SIGKILL");
  return left.map(({ words }) => `left: a process still ran: ${words.join(" ").slice(0, 120)}`);
}

function mountsOf({ pid }: Outside): string {
  return readFileSync(`/proc/${pid}/mountinfo`, "utf8");
}

interface Ended {
  readonly blow: Blow;
  readonly working: boolean;
}

/** The person is told, and the record has it where it could be written. */
function judgeEnd({ code, errors }: Ran, { kinds, stops }: Recorded, { blow, working }: Ended): readonly string[] {
  const wrong: string[] = [];
  const usual = { "goes on": [0], closes: [124], cut: [137] }[blow.ending];
  const codes = [...(blow.codes ?? usual), ...(working ? [] : [125])];
  if (!codes.includes(code)) wrong.push(`it ended with ${code}, not with ${codes.join(" or ")}`);
  if (blow.ending === "cut") return wrong;
  const heard = blow.unheard === true || !(code === 124 || code === 125);
  if (!heard && !/^postern: \S/m.test(errors) && !/ended by postern/.test(errors)) wrong.push("nobody was told why");
  const began = (kinds["session.start"] ?? 0) > 0 && code !== 125;
  const stop = blow.stop ?? code;
  if (began && blow.unwritable !== true && code < 128 && stops.join() !== String(stop))
    wrong.push(`the record says that it ended with ${stops.join() || "nothing"}, not ${stop}`);
  return wrong;
}

interface Next {
  readonly next: Ran;
  readonly blow: Blow | undefined;
  readonly order: Order;
  readonly head: string | undefined;
}

/** The next session starts, ends what was left half done, and continues the record. */
async function judgeNext({ stage }: Set, { next, blow, order, head }: Next): Promise<readonly string[]> {
  const wrong: string[] = [];
  if (next.code !== 0) wrong.push(`the next session ended with ${next.code}`);
  wrong.push(...(await checkRecord(stage.state, head)));
  const { stops } = readRecord(stage.state);
  if (next.code === 0 && stops.at(-1) !== 0) wrong.push("the next session's end is not in the record");
  const running = join(stage.state, "running");
  if (existsSync(running) && readdirSync(running).length > 0) wrong.push("left: a session on the roll");
  // an empty directory runs nothing
  if (existsSync(join(stage.work, ".husky/pre-commit"))) wrong.push("left: a new control file in the checkout");
  if (readdirSync(stage.home).length > 0)
    wrong.push(`left: ${readdirSync(stage.home).join(", ")} in its temporary directory`);
  const open = join(stage.state, "unfinished");
  if (blow?.ending === "cut" && order.edits === "live" && existsSync(open) && readdirSync(open).length > 0)
    wrong.push("left: an interrupted session that was not finished");
  return wrong;
}
