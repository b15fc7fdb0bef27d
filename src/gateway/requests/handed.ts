// An answer that hands out what large files are to be asked for with (git-lfs): collected whole, and given to the tool with placeholders
// in place of what it hands out. Nothing else of it changes but how its JSON is written.

import { STATUS_CODES } from "node:http";
import { valuesOf } from "../upstream/reply-reader.ts";
import { tell } from "./answer.ts";
import { type Collected, collect } from "./collecting.ts";
import type { Exchange } from "./exchange.ts";
import type { Permitted } from "./forward.ts";

/** What git-lfs reads of an answer's head, a challenge among it. */
const passed = ["content-type", "www-authenticate", "lfs-authenticate", "retry-after", "location"];

interface Made {
  readonly body: Buffer;
  readonly headers: readonly string[];
}

interface Refused {
  readonly rule: string;
  readonly reason: string;
}

/** Resolves when the tool has its answer or has gone, and it is on the record. */
export async function exchangeHanded(exchange: Exchange, permitted: Permitted): Promise<void> {
  const { gate, destination } = exchange;
  const reply = await collect(exchange, permitted, gate.limits.handed);
  if (typeof reply === "string") gate.tally.unreached(destination.host);
  const made = typeof reply === "string" ? undefined : make(exchange, reply);
  const sizes = typeof reply === "string" ? [0, 0] : [permitted.body.size, reply.body.length];
  gate.tally.bytes(destination.host, sizes[0] ?? 0, sizes[1] ?? 0);
  const refused = made !== undefined && "rule" in made ? made : undefined;
  if (refused !== undefined) gate.tally.refusal(destination.host);
  gate.recorder.note({
    kind: "reply",
    ...(refused === undefined ? {} : { verdict: "refuse" as const, rule: refused.rule }),
    purpose: permitted.verdict.purpose,
    counts: {
      status: typeof reply === "string" ? 0 : reply.status,
      "bytes-out": sizes[0] ?? 0,
      "bytes-in": sizes[1] ?? 0,
      "duration-ms": Math.round(gate.clock() - exchange.started),
    },
    sealed: {
      intent: permitted.intent,
      host: destination.host,
      outcome: typeof reply === "string" ? reply : (refused?.reason ?? "whole"),
    },
  });
  if (typeof reply === "string" || made === undefined || "rule" in made) return tell(exchange, 502, false);
  return give(exchange, reply.status, made);
}

/** What the tool may have of it. By now it is known what the values look like: none may stand anywhere else in it. */
function make({ gate, destination }: Exchange, reply: Collected): Made | Refused {
  const success = reply.status >= 200 && reply.status < 300;
  const taken = success ? (gate.passes?.take(reply.body, destination.host) ?? reply.body) : reply.body;
  if (typeof taken === "string") return { rule: "gateway:handed", reason: `its answer cannot be read: ${taken}` };
  const headers = passed.flatMap((name) => valuesOf(reply.headers, name).flatMap((value) => [name, value]));
  const bytes = Buffer.concat([Buffer.from(`${headers.join("\r\n")}\r\n`, "latin1"), taken]);
  if (gate.seek({ kind: "body", bytes }).some(({ what }) => what === "credential"))
    return { rule: "gateway:credential-reflected", reason: "the reply held a credential" };
  return { body: taken, headers };
}

/** Resolves when it is out or the tool has gone. */
function give({ asker }: Exchange, status: number, { body, headers }: Made): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  asker.onClosed = resolve;
  if (asker.gone) return Promise.resolve();
  asker.begin({
    status,
    reason: STATUS_CODES[status] ?? "",
    headers: [...headers, "content-length", String(body.length)],
  });
  asker.end(body, []);
  return asker.gone ? Promise.resolve() : promise;
}
