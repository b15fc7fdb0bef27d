// The DNS door: questions in, over UDP and TCP; synthetic addresses out. Nothing is ever resolved here, allowed or not, so
// no name a tool makes up leaves the host by being asked for. Refused names are entered once a session.

import type { Duplex } from "node:stream";
import { type Host, isAddress, parseHost } from "../../domain/brand.ts";
import type { Datagram } from "../../domain/door.ts";
import type { Seek } from "../../domain/finding.ts";
import type { Judge } from "../../domain/judge.ts";
import { holdsCredential } from "../conceal.ts";
import type { Limits } from "../limits.ts";
import type { Recorder } from "../recorder.ts";
import type { Tally } from "../tally.ts";
import type { Addresses, Pair } from "./addresses.ts";
import {
  type Answer,
  codes,
  internet,
  parseQuestion,
  type Question,
  types,
  writeAnswer,
  writeFault,
} from "./message.ts";
import { addressData, parsePointer, pointerData } from "./records.ts";
import { type Asker, openStrangers } from "./strangers.ts";

export interface NamesParts {
  readonly judge: Judge;
  readonly seek: Seek;
  readonly recorder: Recorder;
  readonly tally: Tally;
  readonly addresses: Addresses;
  readonly limits: Limits;
}

export interface Names {
  readonly ask: (datagram: Datagram) => void;
  /** A TCP connection to port 53 (RFC 1035 §4.2.2). */
  readonly serve: (stream: Duplex, asker: Asker) => void;
  /** Enters what was only counted. */
  readonly close: () => void;
}

/** Seconds: long enough for a connection that follows, short enough that nobody keeps it over a session's end. */
const life = 30;

export function openNames(parts: NamesParts): Names {
  const reply = answerer(parts);
  return {
    ask: (datagram) => {
      const answer = reply.message(datagram.bytes, datagram);
      if (answer !== undefined) datagram.reply(answer);
    },
    serve: (stream, { destination, attribute }) => {
      // asked at once: when the connection ends, the process may be gone
      const attribution = attribute();
      attribution.catch(() => undefined);
      const asker: Asker = { destination, attribute: () => attribution };
      const ended = (messages: number): void => (messages === 0 ? reply.odd(asker) : undefined);
      serveStream(stream, { reply: (bytes) => reply.message(bytes, asker), ended }, parts.limits);
    },
    close: reply.close,
  };
}

function answerer(parts: NamesParts) {
  const stranger = openStrangers(parts);

  const message = (bytes: Buffer, asker: Asker): Buffer | undefined => {
    const asked = parseQuestion(bytes);
    if (asked.kind !== "question") stranger.odd(asker);
    if (asked.kind === "silence") return undefined;
    parts.tally.count("names");
    if (asked.kind === "fault") return writeFault(asked);
    return writeAnswer(asked.question, answer(asked.question, asker));
  };

  const answer = (question: Question, asker: Asker): Answer => {
    const refuse = (code: number): Answer => {
      if (!isGranted(parts, question.name)) stranger.note(question.name, undefined, asker);
      return { code, data: [], life };
    };
    if ((question.edns?.version ?? 0) > 0) return refuse(codes.badVersion);
    // RFC 8482: nobody owes ANY an answer; other classes have no meaning here
    if (question.class !== internet || question.type === types.any) return refuse(codes.unsupported);
    if (question.type === types.ptr) return pointer(question, parts.addresses) ?? refuse(codes.absent);
    const name = parseHost(question.name);
    if (name === undefined || isAddress(name)) return refuse(codes.absent);
    // RFC 6761 §6.3: the tool's own loopback, whoever asks
    if (name === "localhost" || name.endsWith(".localhost")) return loopback(question);
    return address(question, name, asker);
  };

  const address = (question: Question, name: Host, asker: Asker): Answer => {
    const verdict = parts.judge.reach(name, undefined);
    const granted = verdict.kind === "allow";
    // it would stand in the file of addresses and in every entry about its connections, and leave with a suffix's grant
    if (holdsCredential(parts.seek, question.name)) {
      stranger.note(question.name, { ...verdict, rule: "gateway:credential-in-name" }, asker);
      return { code: codes.absent, data: [], life };
    }
    if (!granted) stranger.note(question.name, verdict, asker);
    if (question.type !== types.a && question.type !== types.aaaa) return { code: codes.ok, data: [], life };
    const pair = stranger.admits(name, granted) ? give(parts.addresses, name) : undefined;
    if (pair === undefined) {
      stranger.exhausted(asker);
      return { code: codes.failure, data: [], life };
    }
    return { code: codes.ok, data: [addressData(question.type === types.a ? pair.v4 : pair.v6)], life };
  };

  return { message, odd: stranger.odd, close: stranger.close };
}

/** Such a name is no stranger, however it is asked for. */
function isGranted({ judge }: NamesParts, asked: string): boolean {
  const name = parseHost(asked);
  return name !== undefined && judge.reach(name, undefined).kind === "allow";
}

function give(addresses: Addresses, name: Host): Pair | undefined {
  try {
    return addresses.give(name);
  } catch {
    // the file cannot be used: no address, and the entry made of that says so
    return undefined;
  }
}

/** One of our own addresses → its name; the loopback's has none; anything else is nobody's. */
function pointer(question: Question, addresses: Addresses): Answer | undefined {
  const address = parsePointer(question.name.toLowerCase()) ?? "";
  if (address === "::1" || address.startsWith("127.")) return { code: codes.absent, data: [], life };
  const name = addresses.nameOf(address);
  return name === undefined ? undefined : { code: codes.ok, data: [pointerData(name)], life };
}

function loopback(question: Question): Answer {
  if (question.type === types.a) return { code: codes.ok, data: [addressData("127.0.0.1")], life };
  if (question.type === types.aaaa) return { code: codes.ok, data: [addressData("::1")], life };
  return { code: codes.ok, data: [], life };
}

interface Conversation {
  readonly reply: (bytes: Buffer) => Buffer | undefined;
  /** With the number of messages there were. */
  readonly ended: (messages: number) => void;
}

/** Messages with two octets of length before each; a bounded number, then the connection ends. */
function serveStream(stream: Duplex, { reply, ended }: Conversation, limits: Limits): void {
  let buffer: Buffer = Buffer.alloc(0);
  let answered = 0;
  const timer = setTimeout(() => stream.destroy(), limits.opening);
  stream.on("data", (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    while (buffer.length >= 2 && buffer.length >= 2 + buffer.readUInt16BE(0)) {
      const size = 2 + buffer.readUInt16BE(0);
      const answer = reply(buffer.subarray(2, size));
      buffer = buffer.subarray(size);
      answered += 1;
      if (answer === undefined || answered > limits.questions) {
        stream.destroy();
        return;
      }
      const head = Buffer.alloc(2);
      head.writeUInt16BE(answer.length);
      stream.write(Buffer.concat([head, answer]));
    }
  });
  stream.on("end", () => stream.end());
  stream.on("error", () => stream.destroy());
  stream.on("close", () => {
    clearTimeout(timer);
    ended(answered);
  });
}
