// A reply's octets as the tool gets them, in whatever pieces → what it has delivered so far. What cannot be read, or goes on beyond the
// bound, is said to be not known: never guessed. *Attacker-controlled*.

import type { Delivered, ReplyKind } from "../../domain/transcript.ts";
import { openEventStream } from "../amazon/event-stream.ts";
import { readJson } from "../json/reader.ts";
import type { FramePart, FrameReader } from "../stream/framing.ts";
import { openLines } from "../stream/lines.ts";
import { openSse } from "../stream/sse.ts";
import { openValues } from "../stream/values.ts";
import { type Teller, tellerOf } from "./teller.ts";

export interface Reply {
  readonly push: (octets: Buffer) => void;
  readonly end: () => void;
  /** So far. The very same object where nothing has come since. */
  readonly delivered: () => Delivered;
}

/** Octets of one reply that are listened to, as they come and decoded. */
export const longestReply = 8 * 2 ** 20;

/** Undefined where it is not one, whole or not; decoded, at most so many octets. Given: this room decodes nothing. */
export type Decode = (octets: Buffer, coding: string) => Buffer | undefined;

export const nothing: Delivered = { utterances: [], cut: false, unheard: false, several: false, response: undefined };
const unheard: Delivered = { ...nothing, unheard: true };

/** `messages`: of a WebSocket. */
export function openReply(protocol: string, kind: ReplyKind | "messages", decode: Decode): Reply {
  const teller = tellerOf(protocol);
  if (kind === "messages") return teller === undefined ? silent(unheard) : reading(teller, messages);
  // an error brings nothing
  if (kind.status < 200 || kind.status > 299) return silent(nothing);
  const way = ways.find(({ mediaType }) => mediaType.test(kind.mediaType.trim()));
  if (teller === undefined || way === undefined) return silent(unheard);
  return kind.coding === "" ? reading(teller, way) : coded(protocol, kind, decode);
}

const silent = (delivered: Delivered): Reply => ({
  push: () => undefined,
  end: () => undefined,
  delivered: () => delivered,
});

/** How octets become messages, and these are told. */
interface Way {
  readonly open: () => FrameReader;
  /** Octets between messages are none of the framing's: what they said is not known. */
  readonly strict?: true;
  /** A message is all of the reply. */
  readonly whole?: true;
}

const messages: Way = {
  open: () => ({ push: (data) => [{ kind: "message", raw: data, data, type: "", write: same }], end: () => [] }),
};

const ways: readonly (Way & { readonly mediaType: RegExp })[] = [
  { mediaType: /^text\/event-stream\b/i, open: openEvents },
  { mediaType: /^application\/vnd\.amazon\.eventstream\b/i, open: () => openEventStream(), strict: true },
  { mediaType: /^application\/(?:x-)?(?:ndjson|jsonl)\b/i, open: () => openLines() },
  { mediaType: /^application\/json(?:$|[\s;])/i, open: () => openValues(), whole: true },
];

function same(data: Buffer): Buffer {
  return data;
}

/** Also those whose data are several lines; the last may lack its blank line. */
function openEvents(): FrameReader {
  const reader = openSse();
  const take = (octets: Buffer): readonly FramePart[] =>
    reader.push(octets).flatMap((part) => {
      if (part.kind !== "event" || part.data === undefined) return [];
      return [{ kind: "message", raw: part.raw, data: part.data, type: part.type, write: same }];
    });
  return { push: take, end: () => take(Buffer.of(0x0a, 0x0a)) };
}

function reading(teller: Teller, { open, strict, whole: isWhole }: Way): Reply {
  const reader = open();
  let [size, lost, ended] = [0, false, false];
  let last: Delivered | undefined;
  /** False where one cannot be read. */
  const tell = (parts: readonly FramePart[]): boolean => {
    const told = parts.map((part) =>
      part.kind === "rest" ? strict !== true : takeMessage(teller, part, isWhole === true),
    );
    return told.every((one) => one);
  };
  return {
    push: (octets) => {
      if (lost || ended || octets.length === 0) return;
      last = undefined;
      size += octets.length;
      if (size > longestReply || !tell(reader.push(octets))) lost = true;
    },
    end: () => {
      if (ended) return;
      [ended, last] = [true, undefined];
      // a part of a message is nothing to anybody: it was cut
      if (!lost) tell(reader.end());
    },
    delivered: () => {
      last ??= {
        utterances: teller.utterances(),
        cut: !teller.over(),
        unheard: lost || teller.full(),
        several: teller.several(),
        response: teller.response(),
      };
      return last;
    },
  };
}

/** False where it cannot be read; what is no JSON by its beginning says nothing (`[DONE]`, a blank line). */
function takeMessage(teller: Teller, { data, type }: Extract<FramePart, { kind: "message" }>, whole: boolean): boolean {
  const first = data.find((octet) => octet > 0x20);
  if (first !== 0x7b) return true;
  const done = readJson(data);
  if (done.kind !== "json") return false;
  if (whole) teller.whole(done.tree);
  else teller.take(done.tree, type);
  return true;
}

/** Decoded when somebody asks and when it has ended: what came until then is read as far as it goes. */
function coded(protocol: string, kind: ReplyKind, decode: Decode): Reply {
  const parts: Buffer[] = [];
  let [size, ended] = [0, false];
  let last: Delivered | undefined;
  const read = (): Delivered => {
    if (size > longestReply) return unheard;
    if (size === 0) return { ...nothing, cut: true };
    const plain = decode(Buffer.concat(parts), kind.coding);
    if (plain === undefined) return unheard;
    const reply = openReply(protocol, { ...kind, coding: "" }, decode);
    reply.push(plain);
    if (ended) reply.end();
    return reply.delivered();
  };
  return {
    push: (octets) => {
      if (ended || octets.length === 0) return;
      last = undefined;
      size += octets.length;
      if (size <= longestReply) parts.push(octets);
      else parts.length = 0;
    },
    end: () => {
      [ended, last] = [true, undefined];
    },
    delivered: () => {
      last ??= read();
      return last;
    },
  };
}
