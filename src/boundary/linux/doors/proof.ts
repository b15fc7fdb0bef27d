// Before the tool exists, the helper makes one attempt of each kind; all of them must come to the doors with the
// destination they were aimed at. Costs about 2 ms and is the difference between rules loaded and rules that work.

import type { Address } from "../../../domain/exchange.ts";
import { limits } from "../limits.ts";
import { probes } from "../network.ts";
import type { Queues } from "./doorway.ts";

/** What did not arrive in time, as `tcp 192.0.2.1`. The queues wait again afterwards. */
export async function awaitProbes({ arrivals, questions, datagrams }: Queues, v6: boolean): Promise<readonly string[]> {
  const hosts = v6 ? [probes.v4, probes.v6] : [probes.v4];
  const missing = new Set(hosts.flatMap((host) => ["tcp", "dns", "udp"].map((kind) => `${kind} ${host}`)));
  const { promise, resolve } = Promise.withResolvers<void>();
  const strike = (kind: string, destination: Address | undefined, port: number): void => {
    // without a connection table a datagram does not tell where it was going; the door it came to does
    if (destination === undefined) missing.delete([...missing].find((name) => name.startsWith(kind)) ?? "");
    else if (destination.port === port) missing.delete(`${kind} ${destination.ip}`);
    if (missing.size === 0) resolve();
  };
  const timer = setTimeout(resolve, limits.probeMs);
  arrivals.listen(({ stream, destination }) => {
    stream.destroy();
    strike("tcp", destination, probes.port);
  });
  questions.listen(({ destination }) => strike("dns", destination, 53));
  datagrams.listen(({ destination }) => strike("udp", destination, probes.port));
  await promise;
  clearTimeout(timer);
  for (const queue of [arrivals, questions, datagrams]) queue.listen(undefined);
  return [...missing];
}
