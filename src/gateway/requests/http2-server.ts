// Connections that speak HTTP/2 → exchanges, one for each stream, side by side. What cannot be read is entered, the other end is
// told so, and the connection ends.

import type { Duplex } from "node:stream";
import type { Gate, Visit } from "../gate.ts";
import { Connection, type Owner } from "../http2/connection.ts";
import type { Fields } from "../http2/head-reader.ts";
import type { Stream } from "../http2/stream.ts";
import { writeTogether } from "../http2/transport.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import { handle } from "./handling.ts";
import { Http2Asker } from "./http2-asker.ts";
import { readHttp2 } from "./http2-framing.ts";
import type { HttpServer } from "./server.ts";
import { recordUnreadable } from "./unreadable.ts";

export function openHttp2Server(gate: Gate): HttpServer {
  const guests = new Set<Guest>();
  const check = (): void => {
    for (const guest of guests) guest.check();
  };
  const watch = setInterval(check, Math.min(5000, gate.limits.headTime)).unref();
  return {
    take: (stream, visit) => {
      const guest = new Guest(gate, stream, visit);
      guests.add(guest);
      stream.on("close", () => guests.delete(guest));
    },
    close: () => {
      clearInterval(watch);
      for (const guest of guests) guest.end();
    },
  };
}

/** One connection from inside. */
class Guest implements Owner {
  readonly #gate: Gate;
  readonly #socket: Duplex;
  readonly #visit: Visit;
  readonly #connection: Connection;
  readonly write: (bytes: Buffer) => boolean;
  /** Exchanges that are not over, whatever their streams say. */
  readonly #askers = new Set<{ readonly asker: Http2Asker; readonly since: number }>();
  #idleSince: number;
  #unfinishedSince: number | undefined;
  #ended = false;
  #crowded = false;

  constructor(gate: Gate, socket: Duplex, visit: Visit) {
    this.#gate = gate;
    this.#socket = socket;
    this.#visit = visit;
    this.#idleSince = gate.clock();
    this.write = writeTogether(socket);
    this.#connection = new Connection({ role: "server", limits: gate.limits, clock: gate.clock }, this);
    socket.on("data", (chunk: Buffer) => this.#connection.receive(chunk));
    socket.on("drain", () => this.#connection.drained());
    socket.on("close", () => this.#connection.ended("the tool went away"));
  }

  opened(stream: Stream, fields: Fields, last: boolean): boolean {
    const gate = this.#gate;
    if (gate.recorder.broken()) {
      this.end();
      return true;
    }
    if (this.#askers.size >= gate.limits.streams) {
      this.#refuseCrowd();
      return false;
    }
    const visit = this.#visit;
    visit.requests += 1;
    visit.waiting += 1;
    const { head, framed } = readHttp2(fields, last, visit);
    const length = valuesOf(head.headers, "content-length")[0];
    const asker = new Http2Asker(stream, { method: head.method, length, bodiless: last });
    stream.hearer = asker;
    const started = gate.clock();
    const one = { asker, since: started };
    this.#askers.add(one);
    const over = handle({ gate, visit, asker, head, started }, framed).then(
      () => {
        visit.waiting -= 1;
        visit.rested = gate.clock();
        this.#leave(one);
      },
      (bug: unknown) => {
        this.end();
        gate.recorder.abandon(bug);
      },
    );
    void gate.recorder.expect(over);
    return true;
  }

  failed(why: string): void {
    this.#refuse({ rule: "gateway:framing", detail: why });
  }

  leaving(): void {
    if (this.#askers.size === 0) this.#socket.end();
  }

  /** From time to time. */
  check(): void {
    const { keptTime, headTime, requestTime } = this.#gate.limits;
    const now = this.#gate.clock();
    for (const { asker, since } of this.#askers) if (now - since > requestTime) asker.expire();
    this.#unfinishedSince = this.#connection.unfinished ? (this.#unfinishedSince ?? now) : undefined;
    if (this.#unfinishedSince !== undefined && now - this.#unfinishedSince > headTime)
      this.#refuse({ rule: "gateway:deadline" });
    else if (this.#askers.size === 0 && now - this.#idleSince > keptTime) {
      this.#connection.leave();
      this.#socket.end();
    }
  }

  end(): void {
    this.#socket.destroy();
  }

  #leave(one: { readonly asker: Http2Asker; readonly since: number }): void {
    this.#askers.delete(one);
    this.#idleSince = this.#gate.clock();
  }

  /** After the entry the connection ends, with all that is under way on it. */
  #refuse(what: { readonly rule: string; readonly detail?: string }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#visit.ended = true;
    const end = (): void => {
      this.#socket.end();
      setTimeout(() => this.#socket.destroy(), this.#gate.limits.opening).unref();
    };
    const reason = "what came cannot be read strictly";
    recordUnreadable(this.#gate, this.#visit, { ...what, reason }).then(end, () => this.end());
  }

  /** Once a connection: the streams themselves are told each. */
  #refuseCrowd(): void {
    if (this.#crowded) return;
    this.#crowded = true;
    const reason = "more requests at once on one connection than are taken";
    recordUnreadable(this.#gate, this.#visit, { rule: "gateway:streams", reason }).catch(() => undefined);
  }
}
