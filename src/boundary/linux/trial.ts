// For the tests of this room: one run behind real walls with everything that came to the doors, and what the tool said
// in a file of the host. Needs what the boundary needs; used by nothing else.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Arrival, Datagram } from "../../domain/door.ts";
import type { Attribution } from "../../domain/exchange.ts";
import { Fault } from "../../domain/fault.ts";
import type { Exit, Mount, Plan, Walls } from "../contract.ts";
import { childrenOf } from "./doors/owners.ts";
import { enterBoundary } from "./enter.ts";
import { chooseEntrance } from "./entrance.ts";
import { findPrograms } from "./programs.ts";

export const plan = (more: Partial<Plan> = {}): Plan => ({
  mounts: [],
  identity: { uid: 1_000, gid: 1_000, name: "dev", home: "/tmp", shell: "/bin/bash" },
  environment: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1" },
  directory: "/tmp",
  authority: "-----BEGIN CERTIFICATE-----\nc2Vzc2lvbg==\n-----END CERTIFICATE-----\n",
  ...more,
});

export interface Caught {
  readonly door: "tcp" | "dns" | "udp";
  readonly to: string;
  readonly direct: boolean;
  readonly by: string;
}

export interface Trial {
  readonly exit: Exit;
  readonly said: string;
  readonly caught: readonly Caught[];
  readonly overflow: number;
}

/** Every connection is answered with one line and closed, every datagram with `answer`. */
export async function attempt(command: readonly string[], more: Partial<Plan> = {}): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "postern-trial-"));
  const nothing = openSync("/dev/null", "r");
  const output = openSync(join(folder, "said"), "a+");
  try {
    await using walls = await enterBoundary(plan(more), { input: nothing, output, errors: output });
    const caught = collect(walls);
    const exit = await walls.run(command);
    // what the doors still hold
    for (let turn = 0; turn < 200; turn += 1) await setImmediate();
    const overflow = walls.doors.overflow();
    return { exit, overflow, said: readFileSync(join(folder, "said"), "utf8"), caught: await Promise.all(caught) };
  } finally {
    closeSync(nothing);
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
}

function collect(walls: Walls): Promise<Caught>[] {
  const caught: Promise<Caught>[] = [];
  const name = (by: Attribution): string => (by.kind === "gone" ? "gone" : by.executable);
  const note = (
    door: Caught["door"],
    direct: boolean,
    { destination, attribute }: Arrival | Datagram,
  ): Promise<Caught> => {
    const to = destination === undefined ? "unknown" : `${destination.ip} ${destination.port}`;
    const known = attribute().then((by) => ({ door, to, direct, by: name(by) }));
    caught.push(known);
    return known;
  };
  walls.doors.onArrival((arrival) => {
    void note("tcp", arrival.direct, arrival).then(() => arrival.stream.end("caught\n"));
  });
  walls.doors.onQuestion(
    (question) => void note("dns", false, question).then(() => question.reply(Buffer.from("answer"))),
  );
  walls.doors.onDatagram(
    (datagram) => void note("udp", false, datagram).then(() => datagram.reply(Buffer.from("answer"))),
  );
  return caught;
}

/** The tool as the host sees it, while it waits. */
export async function watch<Value>(look: (pid: number) => Value, more: Partial<Plan> = {}): Promise<Value> {
  await using walls = await enterBoundary(plan(more));
  const seen = Promise.withResolvers<number>();
  walls.doors.onArrival((arrival) => {
    void arrival.attribute().then(async (by) => {
      arrival.stream.end("seen\n");
      if (by.kind === "gone") return seen.reject(new Error("nobody there"));
      // by then it has closed its connection
      while (childrenOf("/proc", by.pid).length === 0) await setImmediate();
      seen.resolve(by.pid);
    });
  });
  const running = walls.run([
    "/bin/bash",
    "-c",
    "exec 3<>/dev/tcp/203.0.113.1/1; read -ru 3; exec 3>&-; sleep 1000 & wait",
  ]);
  try {
    return look(await seen.promise);
  } finally {
    walls.kill();
    await running;
  }
}

const programs = findPrograms();
const proc = programs instanceof Fault ? undefined : (await chooseEntrance(programs)).proc;
/** For tests that look at /proc from inside: `false`, or why they cannot. */
export const withoutProc: string | false =
  proc === "outer" && "NOT TRIED: /proc is covered here, so an ordinary user's tool has none";

export const bash = (script: string, more: Partial<Plan> = {}): Promise<Trial> =>
  attempt(["/bin/bash", "-c", script], more);

/** A folder of the host for one test. */
export function openFolder(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), "postern-folder-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The Node that runs the tests, and nothing around it. */
export const nodeInside: Mount = { kind: "read", path: "/opt/node", from: process.execPath };
