// Datagrams that are no question for a name: never carried; entered once for each destination, the rest counted.

import { parseHost } from "../domain/brand.ts";
import type { Datagram } from "../domain/door.ts";
import { sealAttribution } from "./conceal.ts";
import type { Gate } from "./gate.ts";

export interface Datagrams {
  readonly take: (datagram: Datagram) => void;
  /** Enters what was only counted. */
  readonly close: () => void;
}

export function openDatagrams(gate: Gate): Datagrams {
  const entered = new Set<string>();
  let uncounted = 0;
  const record = async (datagram: Datagram): Promise<void> => {
    const process = await gate.recorder.expect(sealAttribution(datagram.attribute));
    gate.recorder.note({
      kind: "connection",
      verdict: "refuse",
      rule: "gateway:datagram",
      counts: { datagrams: 1, "bytes-out": datagram.bytes.length },
      sealed: { destination: datagram.destination, process, carried: "refused" },
    });
  };
  return {
    take: (datagram) => {
      gate.tally.count("datagrams");
      const { destination } = datagram;
      const key = destination === undefined ? "" : `${destination.ip} ${destination.port}`;
      if (entered.has(key) || entered.size >= gate.limits.datagramEntries) {
        uncounted += 1;
        return;
      }
      entered.add(key);
      const host = parseHost(destination?.ip ?? "");
      if (host !== undefined) gate.tally.refusal(host);
      gate.tally.count("stopped");
      void record(datagram);
    },
    close: () => {
      if (uncounted === 0) return;
      const counts = { datagrams: uncounted };
      gate.recorder.note({ kind: "connection", verdict: "refuse", rule: "gateway:datagram", counts });
    },
  };
}
