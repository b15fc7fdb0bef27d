// An arrival → what it is and who takes it: a question for a name, TLS, plain HTTP, something a grant lets through unopened,
// or something refused. Says nothing to the tool before that is known.

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { parseHost } from "../domain/brand.ts";
import type { Arrival } from "../domain/door.ts";
import type { GitDesk } from "../domain/git-desk.ts";
import { sealAttribution } from "./conceal.ts";
import { isDesk, serveDesk } from "./desk/desk.ts";
import type { Visit } from "./gate.ts";
import type { Addresses } from "./names/addresses.ts";
import type { Names } from "./names/questions.ts";
import { carry } from "./opaque.ts";
import { type Opening, parseOpening } from "./opening/opening.ts";
import { leave, type Passage, recordArrival, rests, type Standing, stop, visitOf } from "./passage.ts";
import { type Securing, secure } from "./securing.ts";

export interface FrontParts extends Securing {
  readonly addresses: Addresses;
  readonly names: Names;
  /** Undefined: git inside is served by nobody. */
  readonly desk: GitDesk | undefined;
}

export interface Front {
  readonly receive: (arrival: Arrival) => void;
  /** Ends every connection. */
  readonly close: () => void;
  /** Arrivals beyond the bound: each cost one of the others its place, or got none. */
  readonly overflow: () => number;
}

export function openFront(parts: FrontParts): Front {
  const open = new Map<Duplex, Standing>();
  let overflow = 0;
  /** The oldest of those that never opened, else the one that has asked nothing for longest. */
  const letGo = (): boolean => {
    const resting = [...open].filter(([, standing]) => rests(standing, parts.gate.clock()));
    const since = ([, { visit }]: readonly [Duplex, Standing]): number => visit?.rested ?? -1;
    const [stream] = resting.toSorted((one, other) => since(one) - since(other))[0] ?? [];
    if (stream !== undefined) open.delete(stream);
    stream?.destroy();
    return stream !== undefined;
  };
  const receive = (arrival: Arrival): void => {
    const { stream } = arrival;
    // until somebody takes it over, a failing socket must not end the process
    stream.on("error", () => stream.destroy());
    parts.gate.tally.count("connections");
    if (parts.gate.recorder.broken()) return void stream.destroy();
    if (open.size >= parts.gate.limits.connections) {
      overflow += 1;
      parts.gate.tally.count("overflow");
      if (!letGo()) return void stream.destroy();
    }
    const standing: Standing = { visit: undefined, carried: false };
    open.set(stream, standing);
    stream.on("close", () => open.delete(stream));
    if (stream instanceof Socket) stream.setNoDelay(true);
    admit(arrival, standing, parts);
  };
  return {
    receive,
    close: () => {
      for (const stream of open.keys()) stream.destroy();
    },
    overflow: () => overflow,
  };
}

function admit(arrival: Arrival, standing: Standing, parts: FrontParts): void {
  const { stream, destination, direct, proxy = false } = arrival;
  const { gate, desk } = parts;
  if (desk !== undefined && !direct && isDesk(destination)) {
    const process = gate.recorder.expect(sealAttribution(arrival.attribute));
    standing.carried = true;
    void gate.recorder.expect(serveDesk(gate, desk, { stream, process }));
    return;
  }
  if (destination.port === 53 && !direct) {
    standing.carried = true;
    parts.names.serve(stream, arrival);
    return;
  }
  const host = parts.addresses.nameOf(destination.ip) ?? parseHost(destination.ip);
  // a door that gives no address is broken: nothing can be judged
  if (host === undefined) return void stream.destroy();
  const verdict = parts.gate.judge.reach(host, destination.port);
  const process = parts.gate.recorder.expect(sealAttribution(arrival.attribute));
  const { ip, port } = destination;
  const passage = { stream, host, port, ip, direct, proxy, verdict, process, standing, via: undefined };
  if (direct) stop(parts.gate, passage, "gateway:direct");
  else lead(passage, parts);
}

/** Unopened, where a grant says so; else opened and judged. */
function lead(passage: Passage, parts: FrontParts): void {
  const { stream, verdict } = passage;
  passage.standing.carried = verdict.kind === "allow" && verdict.grant?.protocol === "tcp";
  if (passage.standing.carried) void carry(stream, passage, parts.gate);
  else peek(passage, parts);
}

/** Inside the tunnel that was asked of a proxy begins an arrival like any other, but that no proxy can be asked there. */
function tunnelFor(outer: Passage, parts: FrontParts): Visit["tunnel"] {
  if (outer.via !== undefined) return undefined;
  const via = `${outer.host}:${outer.port}`;
  return (stream, { host, port }) => {
    const verdict = parts.gate.judge.reach(host, port);
    lead({ ...outer, stream, host, port, ip: undefined, proxy: false, verdict, via }, parts);
  };
}

/** Reads until it is clear what is spoken, then puts the bytes back. */
function peek(passage: Passage, parts: FrontParts): void {
  const { stream } = passage;
  let bytes: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => settle({ kind: "other" }, "gateway:silent"), parts.gate.limits.opening);
  const settle = (opening: Exclude<Opening, { kind: "more" }>, rule: string): void => {
    clearTimeout(timer);
    stream.off("readable", onReadable).off("end", onEnd).off("close", onClose);
    if (bytes.length > 0 && !stream.destroyed) stream.unshift(bytes);
    pass(passage, opening, { parts, rule });
  };
  const onReadable = (): void => {
    for (let chunk = read(stream); chunk !== undefined; chunk = read(stream)) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    }
    const opening = parseOpening(bytes);
    if (opening.kind !== "more") settle(opening, "gateway:not-http");
  };
  const onEnd = (): void => settle({ kind: "other" }, bytes.length === 0 ? "gateway:empty" : "gateway:not-http");
  const onClose = onEnd;
  stream.on("readable", onReadable).on("end", onEnd).on("close", onClose);
}

function read(stream: Duplex): Buffer | undefined {
  const chunk: unknown = stream.read();
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}

interface Way {
  readonly parts: FrontParts;
  readonly rule: string;
}

function pass(passage: Passage, opening: Exclude<Opening, { kind: "more" }>, { parts, rule }: Way): void {
  switch (opening.kind) {
    case "tls":
      void secure(passage, opening.hello, parts);
      break;
    case "http":
    case "http2": {
      if (!passage.proxy) recordArrival(parts.gate, passage, { carried: "http" });
      const server = opening.kind === "http" ? parts.http : parts.http2;
      const spoken = { scheme: "http", serverName: undefined, tunnel: tunnelFor(passage, parts) } as const;
      server.take(passage.stream, visitOf(passage, spoken));
      break;
    }
    case "other":
      // a client that tries two addresses at once leaves one of them unused
      if (rule === "gateway:empty" && passage.verdict.kind === "allow") leave(parts.gate, passage);
      else stop(parts.gate, passage, rule);
  }
}
