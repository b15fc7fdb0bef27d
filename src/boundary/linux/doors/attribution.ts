// An arrival's ends in, the process behind it out. The tool's own socket shows the destination it asked for, so port
// and destination together name it; where the kernel gave the connection another source port, the connection table
// tells the first one.

import type { Address, Attribution } from "../../../domain/exchange.ts";
import { sameAddress } from "./address.ts";
import type { Kernel } from "./kernel.ts";
import type { Owners } from "./owners.ts";
import type { SocketRow } from "./tables.ts";

/** One arrival as the door sees it. */
export interface Ends {
  readonly protocol: "tcp" | "udp";
  readonly source: Address;
  readonly destination: Address | undefined;
  readonly door: Address;
}

export async function attribute(ends: Ends, kernel: Kernel, owners: Owners): Promise<Attribution> {
  const kept = findOwn(ends, kernel);
  const found = kept === undefined ? undefined : await owners.find(kept.inode);
  if (found?.kind === "process") return found;
  // the row may be of a moment ago: the same ends can be another socket's by now
  const now = found === undefined ? findTranslated(ends, kernel) : findOwn(ends, kernel, true);
  return now === undefined || now.inode === kept?.inode ? { kind: "gone" } : owners.find(now.inode);
}

function findOwn({ source, destination, protocol }: Ends, kernel: Kernel, now = false): SocketRow | undefined {
  const isHeld = (row: SocketRow): boolean => row.inode > 0 && row.local.port === source.port;
  const isExact = (row: SocketRow): boolean =>
    isHeld(row) && row.local.ip === source.ip && destination !== undefined && sameAddress(row.remote, destination);
  const held = kernel.sockets(protocol, { port: source.port, suits: isExact, now }).filter(isHeld);
  const exact = held.find(isExact);
  if (exact !== undefined || protocol === "tcp") return exact;
  // an unconnected UDP socket has no remote end; a connected one with another is another's
  return held.find((row) => row.remote.port === 0);
}

function findTranslated(ends: Ends, kernel: Kernel): SocketRow | undefined {
  const translation = kernel.translation(ends.protocol, ends.source, ends.door);
  if (translation === undefined || sameAddress(translation.source, ends.source)) return undefined;
  const { source, destination } = translation;
  return findOwn({ ...ends, source, destination }, kernel);
}
