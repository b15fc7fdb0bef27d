// For tests: what is inside fills what it can, and is looked at from outside while it is full. Used by nothing else.

import type { Bound } from "../../../domain/bound.ts";
import type { Amounts } from "../../contract.ts";
import { childrenOf } from "../doors/owners.ts";
import { enterBoundary } from "../enter.ts";
import { lifeOf } from "../life.ts";
import { plan } from "../trial.ts";
import { bystander } from "../watch/bystander.ts";

export interface Filled<Seen> {
  /** From outside, while it is full. */
  readonly seen: Seen;
  readonly told: readonly Bound[];
  /** Of the tool: still alive once the session is over. */
  readonly left: boolean;
}

/** Runs the script, which then says over the door that it has filled all, and waits. */
export async function fill<Seen>(
  script: string,
  amounts: Partial<Amounts>,
  look: (pid: number) => Seen,
): Promise<Filled<Seen>> {
  const told: Bound[] = [];
  const seen = Promise.withResolvers<{ readonly pid: number; readonly value: Seen }>();
  await using walls = await enterBoundary(plan({ amounts }));
  walls.doors.onArrival((arrival) => {
    void arrival.attribute().then((by) => {
      if (by.kind === "gone") return seen.reject(new Error("nobody there"));
      seen.resolve({ pid: by.pid, value: look(by.pid) });
      arrival.stream.end("seen\n");
    });
  });
  const bounded = ({ bound }: { readonly bound: Bound }) => Promise.resolve(told.push(bound));
  const running = walls.run(
    ["/bin/bash", "-c", `{ ${script}; } 2>/dev/null; exec 3<>/dev/tcp/203.0.113.1/1; read -ru 3`],
    { ...bystander(), bounded },
  );
  const { pid, value } = await seen.promise;
  await running;
  return { seen: value, told, left: lifeOf(pid) !== undefined };
}

/** More than it may have. */
const bomb = `exec python3 -c "
import os, socket, time
try:
  for _ in range(400):
    if os.fork() == 0: time.sleep(600)
except OSError: pass
socket.create_connection(('203.0.113.1', 1)).recv(9)"`;

/** Processes below the tool, as the machine counts them. */
export function countBomb(): Promise<Filled<number>> {
  const below = (pid: number): number => childrenOf("/proc", pid).reduce((sum, child) => sum + 1 + below(child), 0);
  return fill(bomb, { processes: 120 }, (pid) => below(pid));
}
