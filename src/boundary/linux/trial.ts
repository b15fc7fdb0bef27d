// For the tests of this room: one run behind real walls with everything that came to the doors, and what the tool said
// in a file of the host. Needs what the boundary needs; used by nothing else.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Arrival, Datagram } from "../../domain/door.ts";
import type { Attribution } from "../../domain/exchange.ts";
import type { Exit, Mount, Plan, Walls } from "../contract.ts";
import { enterBoundary } from "./enter.ts";

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

export const bash = (script: string, more: Partial<Plan> = {}): Promise<Trial> =>
  attempt(["/bin/bash", "-c", script], more);

/** A folder of the host for one test. */
export function openFolder(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), "postern-folder-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The Node that runs the tests, and nothing around it. */
export const nodeInside: Mount = { kind: "read", path: "/opt/node", from: process.execPath };
