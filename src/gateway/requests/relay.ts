// A reply on its way to the tool: as it comes, at the tool's pace, untouched; watched for real credentials. A reply that
// holds one in its head becomes an error, one that holds one in its body is cut off before it.

import type { Socket } from "node:net";
import type { Counts } from "../../domain/entry.ts";
import type { Collecting, Entered, Restoring } from "../../domain/inspection.ts";
import type { Hearing } from "../../domain/transcript.ts";
import { type Again, headerLines, type Incoming, type Line, type Outgoing } from "../upstream/line.ts";
import { type ReplyHead, valuesOf } from "../upstream/reply-reader.ts";
import { tell } from "./answer.ts";
import type { Asker } from "./asker.ts";
import { type CodedReader, CodedReply } from "./coded-reply.ts";
import { codingOf } from "./codings.ts";
import { collectingFor } from "./entering.ts";
import type { Exchange } from "./exchange.ts";

const idempotent = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"]);
const nothing = Buffer.alloc(0);
/** What servers say in Content-Encoding that changes nothing of the content. */
const isCoding = (value: string): boolean => !/^\s*(?:aws-chunked|utf-?8|none|binary|)\s*$/i.test(value);

/** How an exchange ended, for the record. */
export interface Outcome {
  /** 0 where no reply came. */
  readonly status: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** Undefined where the reply was whole. */
  readonly why: string | undefined;
  readonly rule?: string;
  /** What else was counted. */
  readonly counts?: Counts;
  /** What was seen of it on its way in. */
  readonly entered?: Promise<Entered> | undefined;
}

/** The upstream has changed to a WebSocket, as it was asked to. */
export interface Switched {
  readonly head: ReplyHead;
  readonly socket: Socket;
  /** Bytes of the request's head. */
  readonly bytesOut: number;
}

/** Resolves when the reply is over. `stale`: a kept line was closed already, and asking again does no harm. */
export function relay(exchange: Exchange, line: Line, outgoing: Outgoing): Promise<Outcome | Switched | "stale"> {
  return new Relay(exchange, line, outgoing).run();
}

class Relay implements Incoming {
  readonly #exchange: Exchange;
  /** Undefined once it has brought all of the reply: it may be another request's by then. */
  #line: Line | undefined;
  readonly #outgoing: Outgoing;
  readonly #sieve;
  readonly #asker: Asker;
  readonly #settled = Promise.withResolvers<Outcome | Switched | "stale">();
  /** Not yet written: a last piece goes out together with the end. */
  #held: Buffer = nothing;
  #status = 0;
  #headSize = 0;
  #bytesIn = 0;
  #over = false;
  /** Head, or head and body, have gone out to the tool. */
  #begun = false;
  /** Decodes beside what passes, where there is a credential to be looked for. */
  #coded: CodedReply | undefined;

  /** Changes what passes, where a placeholder is to be given back. */
  #restoring: Restoring | undefined;
  /** Hears what the tool is told. */
  #hearing: Hearing | undefined;

  /** Beside what passes. */
  #collecting: Collecting | undefined;

  constructor(exchange: Exchange, line: Line, outgoing: Outgoing) {
    this.#exchange = exchange;
    this.#line = line;
    this.#outgoing = outgoing;
    this.#sieve = exchange.gate.openSieve();
    this.#asker = exchange.asker;
  }

  run(): Promise<Outcome | Switched | "stale"> {
    const { asker } = this.#exchange;
    asker.onClosed = () => this.#closed();
    asker.onDrained = () => this.#line?.resume();
    this.#headSize = this.#line?.send(this.#outgoing, this) ?? 0;
    return this.#settled.promise;
  }

  informational(head: ReplyHead): void {
    if (this.#over) return;
    this.#bytesIn += headSize(head);
    if (this.#reflects(head)) {
      this.#fail("an informational reply held a credential", "gateway:credential-reflected");
      return;
    }
    // the client's own 100 came from us
    if (head.status !== 100) this.#asker.inform(head);
  }

  head(head: ReplyHead): void {
    if (this.#over) return;
    this.#status = head.status;
    this.#bytesIn += headSize(head);
    if (this.#reflects(head)) {
      this.#fail("the reply's head held a credential", "gateway:credential-reflected");
      return;
    }
    this.#restoring = this.#restore(head);
    if (!this.#asker.begin(this.#restoring === undefined ? head : withoutLength(head))) {
      this.#fail("the reply's head cannot be passed on");
      return;
    }
    this.#coded = this.#decode(head);
    this.#collecting = collectingFor(this.#exchange, head);
    this.#hearing = this.#hear(head);
  }

  data(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#bytesIn += chunk.length;
    this.#collecting?.push(chunk);
    if (this.#coded !== undefined) return this.#coded.push(chunk) && !this.#asker.full;
    const passed = this.#sieve.push(chunk);
    if (passed === undefined) {
      this.#fail("the reply held a credential", "gateway:credential-reflected");
      return true;
    }
    return this.#pass(this.#restoring?.push(passed) ?? passed);
  }

  #pass(passed: Buffer): boolean {
    if (passed.length === 0) return true;
    this.#hearing?.push(passed);
    if (this.#held.length > 0) this.#asker.write(this.#held);
    this.#held = passed;
    return !this.#asker.full;
  }

  flush(): void {
    if (this.#over || this.#status === 0) return;
    if (this.#held.length === 0) {
      // the head alone has come: the tool shall see it now
      if (!this.#begun) this.#asker.flush();
      this.#begun = true;
      return;
    }
    this.#begun = true;
    const held = this.#held;
    this.#held = nothing;
    if (!this.#asker.write(held)) this.#line?.pause();
  }

  end(trailers: readonly string[]): void {
    if (this.#over) return;
    this.#line = undefined;
    if (this.#coded === undefined) this.#finish(trailers, this.#rest());
    else this.#coded.end(() => this.#finish(trailers, nothing));
  }

  #rest(): Buffer {
    const rest = this.#sieve.end();
    return this.#restoring === undefined ? rest : Buffer.concat([this.#restoring.push(rest), this.#restoring.end()]);
  }

  #finish(trailers: readonly string[], rest: Buffer): void {
    const last = rest.length === 0 ? this.#held : Buffer.concat([this.#held, rest]);
    this.#bytesIn += headerLines(trailers).length;
    if (trailers.length > 0 && this.#reflects({ status: 0, reason: "", headers: trailers })) {
      this.#fail("the reply's trailers held a credential", "gateway:credential-reflected");
      return;
    }
    this.#hearing?.push(rest);
    this.#hearing?.end(true);
    // the exchange is over when the tool has it
    this.#over = true;
    const outcome = this.#outcome(undefined);
    this.#asker.onClosed = () => this.#settled.resolve(outcome);
    this.#asker.end(last, trailers);
  }

  switched(head: ReplyHead, socket: Socket): void {
    if (this.#over) return void socket.destroy();
    if (this.#reflects(head)) {
      this.#fail("the reply's head held a credential", "gateway:credential-reflected");
      return;
    }
    this.#over = true;
    this.#settled.resolve({ head, socket, bytesOut: this.#headSize });
  }

  broken(why: string, again: Again): void {
    if (this.#over) return;
    const { method } = this.#exchange.head;
    const repeat = again === "untouched" || (again === "harmless" && idempotent.has(method));
    if (repeat && !this.#asker.told) {
      this.#over = true;
      this.#settled.resolve("stale");
      return;
    }
    this.#fail(why);
  }

  #decode({ headers }: ReplyHead): CodedReply | undefined {
    const { gate } = this.#exchange;
    const coding = codingOf(valuesOf(headers, "content-encoding").filter(isCoding).join(","));
    if (coding === "" || gate.credentials.length + gate.logins.length === 0) return undefined;
    const reader: CodedReader = {
      pass: (raw) => {
        this.#begun = true;
        this.#hearing?.push(raw);
        if (!this.#asker.write(raw)) this.#line?.pause();
      },
      fail: (why, credential) => this.#fail(why, credential ? "gateway:credential-reflected" : "gateway:reply-coding"),
      drained: () => {
        if (!this.#asker.full) this.#line?.resume();
      },
    };
    return new CodedReply(coding, this.#sieve, { limits: gate.limits, reader });
  }

  /** Only what comes plainly. */
  #restore({ headers }: ReplyHead): Restoring | undefined {
    const { gate, protocol = "unknown" } = this.#exchange;
    const isPlain = codingOf(valuesOf(headers, "content-encoding").filter(isCoding).join(",")) === "";
    if (!isPlain) return undefined;
    return gate.restore?.open(protocol, valuesOf(headers, "content-type")[0] ?? "");
  }

  #hear({ status, headers }: ReplyHead): Hearing | undefined {
    const { gate, asked } = this.#exchange;
    const [mediaType = ""] = valuesOf(headers, "content-type");
    const coding = codingOf(valuesOf(headers, "content-encoding").filter(isCoding).join(","));
    return asked === undefined ? undefined : gate.overhear?.(asked, { status, mediaType, coding });
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#hearing?.end(false);
    this.#coded?.close();
    this.#line?.destroy();
    this.#settled.resolve(this.#outcome("the tool went away"));
  }

  #fail(why: string, rule?: string): void {
    this.#over = true;
    this.#hearing?.end(false);
    this.#coded?.close();
    this.#line?.destroy();
    const outcome = { ...this.#outcome(why), ...(rule === undefined ? {} : { rule }) };
    if (rule !== undefined) this.#exchange.gate.tally.refusal(this.#exchange.destination.host);
    if (this.#asker.told) {
      // the tool must see a broken reply, not a short one
      this.#asker.breakOff();
      this.#settled.resolve(outcome);
      return;
    }
    void tell(this.#exchange, 502, false).then(() => this.#settled.resolve(outcome));
  }

  #outcome(why: string | undefined): Outcome {
    const { body, trailers } = this.#outgoing;
    const bytesOut = this.#headSize + body.size + headerLines(trailers).length;
    const restored = this.#restoring?.restored() ?? 0;
    const counts = restored === 0 ? {} : { counts: { placeholders: restored } };
    // before the tool can say anything with what it has of it
    const entered = this.#collecting?.end();
    return { status: this.#status, bytesOut, bytesIn: this.#bytesIn, why, ...counts, entered };
  }

  #reflects(head: ReplyHead): boolean {
    const { gate } = this.#exchange;
    if (gate.credentials.length + gate.logins.length === 0) return false;
    const bytes = Buffer.from(`${head.reason}\r\n${headerLines(head.headers)}`, "latin1");
    return gate.seek({ kind: "body", bytes }).some((finding) => finding.what === "credential");
  }
}

/** What is given back may be longer than what stood for it. */
function withoutLength(head: ReplyHead): ReplyHead {
  const isLength = (at: number): boolean => head.headers[at - (at % 2)]?.toLowerCase() === "content-length";
  return { ...head, headers: head.headers.filter((_, at) => !isLength(at)) };
}

function headSize(head: ReplyHead): number {
  let size = 15 + head.reason.length;
  for (const part of head.headers) size += part.length + 2;
  return size;
}
