// The program inside, started by what the policy says leads there, and spoken with. Out: questions put to it and its answers, each
// attacker-controlled; connections made inside; its end, and with it the tool's.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { OuterPlace } from "../contract.ts";
import { findProgram } from "../linux/programs.ts";
import { oneLine } from "../linux/remedies.ts";
import type { Relay } from "../linux/terminal/streams.ts";
import { outerLimits } from "./limits.ts";
import { openShare, refusal, type Share } from "./share.ts";
import { type Answer, type Order, parseAnswer } from "./words.ts";

export interface Hand extends AsyncDisposable {
  readonly share: Share;
  readonly here: Extract<Answer, { kind: "here" }>;
  readonly tell: (order: Order) => void;
  /** Rejects with a BoundaryFault where it does not come in time, or the program has ended. */
  readonly ask: <Kind extends Answer["kind"]>(order: Order, kind: Kind) => Promise<Extract<Answer, { kind: Kind }>>;
  /** The next of this kind, however long it takes; undefined where the program has ended. */
  readonly next: <Kind extends Answer["kind"]>(kind: Kind) => Promise<Extract<Answer, { kind: Kind }> | undefined>;
  /** Everything of it inside ends at once. */
  readonly cut: () => void;
}

export interface Reaching {
  readonly place: OuterPlace;
  readonly uid: number;
  /** Undefined: nothing to read, and what is said is thrown away. */
  readonly relay: Pick<Relay, "inner" | "terminal" | "handed"> | undefined;
}

/** Rejects with a BoundaryFault; nothing of it is left then. */
export async function reachInside({ place, uid, relay }: Reaching): Promise<Hand> {
  await using begun = new AsyncDisposableStack();
  const share = begun.use(await openShare(place, uid));
  const control = Promise.withResolvers<Socket>();
  share.onControl(control.resolve);
  const child = start(place, share, relay);
  begun.defer(() => endChild(child));
  const socket = await first(control.promise, child, place);
  begun.defer(() => void socket.destroy());
  const heard = listenTo(socket);
  const here = await inTime(heard.next("here"), "said nothing");
  const all = begun.move();
  const ask: Hand["ask"] = async (order, kind) => {
    const answer = heard.next(kind);
    tell(socket, order);
    return await inTime(answer, `did not answer (${order.kind})`);
  };
  return {
    share,
    here,
    tell: (order) => tell(socket, order),
    ask,
    next: heard.next,
    cut: () => void socket.destroy(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function tell(socket: Socket, order: Order): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(order)}\n`);
}

function start(place: OuterPlace, share: Share, relay: Reaching["relay"]): ChildProcess {
  const enter = relay?.terminal === true ? place.terminal : place.enter;
  const [setpriv, setsid] = [findProgram("setpriv"), findProgram("setsid")];
  const [program = "", ...words] = [
    ...(setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL", "--"]),
    ...(relay?.terminal === true && setsid !== undefined ? [setsid, "--ctty", "--"] : []),
    ...[...enter, place.node, share.program, share.name],
  ];
  const child = spawn(program, words, {
    cwd: "/",
    env: { ...place.environment },
    detached: relay?.terminal !== true,
    stdio: relay === undefined ? ["ignore", "ignore", "pipe"] : [...relay.inner],
  });
  relay?.handed();
  return child;
}

/** Its connection, or what came of it instead. */
async function first(control: Promise<Socket>, child: ChildProcess, { enter, node }: OuterPlace): Promise<Socket> {
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(0, 4_096);
  });
  const ended = Promise.withResolvers<never>();
  child.on("error", (error) => ended.reject(refusal(`${enter[0]} cannot be started: ${error.message}`, seeEnter)));
  child.on("close", (code) => {
    const why = said === "" ? `it ended with ${code}` : oneLine(said);
    ended.reject(
      refusal(`no program of ours could be started inside: ${why}`, `${seeEnter}; ${node} must be there, 18 or later`),
    );
  });
  const late = setTimeout(
    () => ended.reject(refusal("no program of ours came to the door from inside", seeEnter)),
    outerLimits.startMs,
  );
  return await Promise.race([control, ended.promise]).finally(() => clearTimeout(late));
}

const seeEnter =
  "see `outer` in the policy: does what stands in `enter` run a command inside, and is `door.inside` the same directory?";

async function inTime<Value>(answer: Promise<Value | undefined>, what: string): Promise<Value> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), outerLimits.answerMs).unref();
  });
  const value = await Promise.race([answer, late]);
  if (value === undefined) throw refusal(`the program inside ${what}`, seeEnter);
  return value;
}

/** Lines of the program's; what is none of ours ends the conversation. */
function listenTo(socket: Socket): Pick<Hand, "next"> {
  const waiting = new Map<Answer["kind"], (answer: Answer | undefined) => void>();
  const kept = new Map<Answer["kind"], Answer>();
  let over = false;
  let text = "";
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  socket.on("close", () => {
    over = true;
    for (const settle of waiting.values()) settle(undefined);
  });
  socket.on("data", (chunk: string) => {
    text += chunk;
    // a line in thousands of pieces is put together once
    if (!chunk.includes("\n") && text.length <= outerLimits.lineBytes) return;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    const answers = lines.map(parseAnswer);
    if (text.length > outerLimits.lineBytes || answers.includes(undefined)) return void socket.destroy();
    for (const answer of answers) if (answer !== undefined) deliver(answer);
  });
  const deliver = (answer: Answer): void => {
    const settle = waiting.get(answer.kind);
    waiting.delete(answer.kind);
    if (settle === undefined) kept.set(answer.kind, answer);
    else settle(answer);
  };
  const isOf =
    <Kind extends Answer["kind"]>(kind: Kind) =>
    (answer: Answer | undefined): answer is Extract<Answer, { kind: Kind }> =>
      answer?.kind === kind;
  return {
    next: async (kind) => {
      const known = kept.get(kind);
      kept.delete(kind);
      const answer =
        known ?? (over ? undefined : await new Promise<Answer | undefined>((resolve) => waiting.set(kind, resolve)));
      return isOf(kind)(answer) ? answer : undefined;
    },
  };
}

/** The program inside has been cut off, and ends; what led there is not waited for longer than that may take. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  const late = setTimeout(() => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  }, outerLimits.goneMs);
  await gone;
  clearTimeout(late);
}
