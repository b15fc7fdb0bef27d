// Servers of the tool's own that nobody outside can reach: looked for now and then, each offered once with the line that
// would publish it. An agent's own screen is left alone: there they are told when it has ended.

import type { Inside } from "../domain/inside.ts";
import { userFile } from "./policy-places.ts";
import type { Prepared } from "./prepare.ts";

export interface Offers extends Disposable {
  /** Looks no more, and tells what was kept for the end. Idempotent. */
  readonly end: () => void;
  /** In the order in which they were seen, bounded. */
  readonly seen: () => readonly number[];
}

/** Seconds between two looks: one costs the kernel a walk of its tables, some milliseconds of another thread. */
const pause = 3;
/** Ports from here on are given out by the kernel (ip_local_port_range): who takes one of those expects nobody by number. */
const given = 32_768;
/** A person reads so many; the tool chooses how many there are. */
const mostTold = 5;
const mostSeen = 64;

export type Offering = Pick<Prepared, "policy" | "session"> & {
  readonly request: Pick<Prepared["request"], "tell" | "policy" | "environment" | "person">;
};

export function openOffers(inside: Pick<Inside, "listening">, offering: Offering): Offers {
  const { policy, session } = offering;
  const known = new Set(policy.publish.map(({ port }) => port));
  const seen: number[] = [];
  const kept: number[] = [];
  let over = false;
  const look = async (): Promise<void> => {
    const listening = await inside.listening();
    if (over) return;
    for (const port of listening) {
      if (port >= given || known.has(port) || seen.length >= mostSeen) continue;
      known.add(port);
      seen.push(port);
      if (seen.length > mostTold) continue;
      if (session.tool.recognised) kept.push(port);
      else offer([port], offering);
    }
  };
  const timer = setInterval(() => void look(), pause * 1000).unref();
  const end = (): void => {
    over = true;
    clearInterval(timer);
    if (kept.length > 0) offer(kept.splice(0), offering);
  };
  return { end, seen: () => seen, [Symbol.dispose]: end };
}

function offer(ports: readonly number[], { policy, request }: Offering): void {
  const file = request.policy ?? userFile({ environment: request.environment, home: request.person.home });
  const all = [...policy.publish.map(({ port }) => port), ...ports].join(", ");
  request.tell({
    kind: "warning",
    text: `port ${ports.join(", ")} is listened on inside, where nothing outside can reach it`,
    hint: `to open it from this machine, in ${file}: network: { publish: [${all}] }`,
  });
}
