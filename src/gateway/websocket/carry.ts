// A WebSocket whose two sides have agreed → its messages, carried both ways until it ends.

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Exchange } from "../requests/exchange.ts";
import type { Outcome } from "../requests/relay.ts";
import { Inward } from "./inward.ts";
import type { Agreed } from "./opening.ts";
import { Outward } from "./outward.ts";
import { Talk } from "./talk.ts";

export interface Carried {
  readonly exchange: Exchange;
  /** Where the opening's intent stands in the record. */
  readonly opening: number;
  readonly tool: Duplex;
  readonly upstream: Socket;
  readonly agreed: Agreed;
}

/** Resolves when both ends are closed; never rejects. */
export async function carryMessages({ agreed, ...ends }: Carried): Promise<Outcome> {
  const talk = new Talk(ends);
  // shared by the two directions: what the upstream asks, the tool gives back
  const pings: Buffer[] = [];
  const inward = new Inward(talk, agreed, pings);
  const outward = new Outward(talk, agreed, pings);
  await Promise.all([outward.run(), inward.run(), closed(ends.tool), closed(ends.upstream)]);
  talk.end(undefined, undefined);
  const { out, inward: back, bytesOut, bytesIn } = talk.counts;
  const rule = talk.rule === undefined ? {} : { rule: talk.rule };
  const restored = inward.restored();
  const counts = { requests: out, replies: back, ...(restored === 0 ? {} : { placeholders: restored }) };
  return { status: 101, bytesOut, bytesIn, why: talk.why, ...rule, counts };
}

function closed(stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on("error", () => stream.destroy());
  if (stream.destroyed) resolve();
  stream.on("close", resolve);
  return promise;
}
