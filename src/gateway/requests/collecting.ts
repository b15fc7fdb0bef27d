// A request sent on a fresh connection → its whole reply in memory, decoded; or why there is none. Sent once: what asks for a
// token that can be used once is not to be asked again. Refuses replies over the bound; the server may be hostile.

import type { Socket } from "node:net";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { Fault } from "../../domain/fault.ts";
import type { TokenReply } from "../../domain/login.ts";
import { Pieces } from "../../domain/pieces.ts";
import type { Again, Incoming } from "../upstream/line.ts";
import { type ReplyHead, valuesOf } from "../upstream/reply-reader.ts";
import type { Exchange } from "./exchange.ts";
import { outgoingFor, type Permitted } from "./forward.ts";

export interface Collected extends TokenReply {
  /** Name and value alternating. */
  readonly headers: readonly string[];
}

/** `bound`: bytes its body may have, decoded too. */
export async function collect(
  exchange: Exchange,
  permitted: Permitted,
  bound: number = exchange.gate.limits.tokens * 4,
): Promise<Collected | string> {
  const { gate, destination, form } = exchange;
  try {
    const route = { ...destination, grant: permitted.verdict.grant };
    const line = await gate.pool.take(route, { version: form.kind, fresh: true });
    const collector = new Collector(bound, () => line.destroy());
    line.send(outgoingFor(exchange, permitted), collector);
    return await collector.whole;
  } catch (error) {
    return error instanceof Fault ? error.message : String(error);
  }
}

class Collector implements Incoming {
  readonly #bound: number;
  readonly #leave: () => void;
  readonly #chunks = new Pieces();
  readonly #settled = Promise.withResolvers<Collected | string>();
  #head: ReplyHead | undefined;
  #size = 0;

  constructor(bound: number, leave: () => void) {
    this.#bound = bound;
    this.#leave = leave;
  }

  get whole(): Promise<Collected | string> {
    return this.#settled.promise;
  }

  informational(): void {
    // the tool waits for the answer alone
  }

  head(head: ReplyHead): void {
    this.#head = head;
  }

  data(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size > this.#bound) {
      this.#settled.resolve("the reply is longer than any of its kind");
      this.#leave();
    } else this.#chunks.add(Buffer.from(chunk));
    return true;
  }

  flush(): void {
    // nothing of it goes on before all of it is here
  }

  end(): void {
    const { status = 0, headers = [] } = this.#head ?? {};
    const body = decode(Buffer.concat(this.#chunks.all), valuesOf(headers, "content-encoding"), this.#bound);
    this.#settled.resolve(typeof body === "string" ? body : { status, headers, body });
  }

  switched(_head: ReplyHead, socket: Socket): void {
    socket.destroy();
    this.#settled.resolve("the upstream changed to another protocol");
  }

  broken(why: string, _again: Again): void {
    this.#settled.resolve(why);
  }
}

type Decode = (bytes: Buffer, bound: { readonly maxOutputLength: number }) => Buffer;
const decoders = new Map<string, Decode>([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflateSync],
  ["br", brotliDecompressSync],
  ["zstd", zstdDecompressSync],
]);

function decode(bytes: Buffer, codings: readonly string[], maxOutputLength: number): Buffer | string {
  const coding = codings.join(",").trim().toLowerCase();
  if (coding === "" || coding === "identity" || bytes.length === 0) return bytes;
  try {
    return decoders.get(coding)?.(bytes, { maxOutputLength }) ?? "the reply has an unknown content encoding";
  } catch {
    return "the reply cannot be decoded";
  }
}
