// Histories of requests and octets of replies → what of the former is not as it was delivered. Part of the inspector's thread: replies
// come as copies, in the order in which they went on to the tool. *Attacker-controlled*, and bounded.

import type { Inquiry } from "../../domain/inspection.ts";
import type { Delivered, ReplyKind, Transcript } from "../../domain/transcript.ts";
import { compare } from "../../inspection/transcript/compare.ts";
import { memoryLimits } from "../../inspection/transcript/limits.ts";
import { type Exchange, Memory } from "../../inspection/transcript/memory.ts";
import { Retelling } from "../../inspection/transcript/retelling.ts";
import type { Said } from "../../protocol/read.ts";
import { openHistory, type ReadHistory } from "../../protocol/transcript/history.ts";
import { nothing, openReply, type Reply } from "../../protocol/transcript/reply.ts";
import { decode } from "./incoming-decoding.ts";

/** Of the reply to one request. */
export type Heard = { readonly asked: number } & (
  | { readonly kind: "begins"; readonly reply: ReplyKind | "messages" }
  /** In pieces as they came; of a WebSocket each a message. */
  | { readonly kind: "octets"; readonly parts: readonly Uint8Array[] }
  /** `lost`: not all of it came here. */
  | { readonly kind: "ends"; readonly how: "whole" | "broken" | "lost" }
);

export interface Looked {
  readonly transcript: Transcript | undefined;
  readonly asked: number | undefined;
}

export interface Transcripts {
  /** `name`: of the conversation whose bodies begin alike. */
  readonly look: (inquiry: Inquiry, said: Said, name: string) => Looked;
  readonly hear: (heard: Heard) => void;
}

/** Conversations whose elements are remembered as they were read; replies that are waited for; octets of those that come. */
const [mostConversations, mostAwaited, mostOctets] = [8, 1_000, 64 * 2 ** 20];

/** Of one conversation: what was read and told of it before. */
interface Kept {
  readonly read: ReadHistory;
  readonly retelling: Retelling;
}

const nothingYet: Delivered = { ...nothing, cut: true };
const lost: Delivered = { ...nothing, unheard: true };

/** A reply that is waited for, or comes. */
class Awaited {
  readonly #protocol: string;
  #reply: Reply | undefined;
  #lost: boolean;
  exchange: Exchange | undefined;
  size = 0;

  constructor(protocol: string, isLost: boolean) {
    this.#protocol = protocol;
    this.#lost = isLost;
  }

  begin(reply: ReplyKind | "messages"): void {
    if (!this.#lost) this.#reply ??= openReply(this.#protocol, reply, decode);
  }

  push({ buffer, byteOffset, byteLength }: Uint8Array): void {
    if (this.#lost) return;
    this.size += byteLength;
    this.#reply?.push(Buffer.from(buffer, byteOffset, byteLength));
  }

  lose(): void {
    [this.#lost, this.#reply, this.size] = [true, undefined, 0];
  }

  end(): void {
    this.#reply?.end();
  }

  readonly delivered = (): Delivered => (this.#lost ? lost : (this.#reply?.delivered() ?? nothingYet));
}

export function openTranscripts(hash: (text: string) => string, limits = memoryLimits): Transcripts {
  const memory = new Memory(hash, limits);
  const histories = new Map<string, Kept>();
  const opened = (): Kept => ({ read: openHistory(), retelling: new Retelling(limits.kept) });
  const awaited = new Map<number, Awaited>();
  const take = (one: Awaited, heard: Heard): void => {
    if (heard.kind === "begins") one.begin(heard.reply);
    else if (heard.kind === "octets") for (const part of heard.parts) one.push(part);
    else if (heard.how === "lost") one.lose();
    else one.end();
    if (one.size > 0 && [...awaited.values()].reduce((sum, { size }) => sum + size, 0) > mostOctets) one.lose();
  };
  return {
    look: (inquiry, said, name) => {
      const { tree, protocol } = said;
      const { read, retelling } = keep(histories, name, histories.get(name) ?? opened(), mostConversations);
      const history = tree && read(protocol, tree);
      if (tree === undefined || history === undefined) return { transcript: undefined, asked: undefined };
      const place = `${protocol} ${inquiry.host}`;
      const { transcript, ...told } = compare(memory, { place, ...history }, retelling);
      if (!isAnswered(inquiry, said)) return { transcript, asked: undefined };
      const number = inquiry.number ?? 0;
      // several at once on one WebSocket, whose replies are not told apart here
      const one = new Awaited(protocol, tree.stringIn(0, "stream_id") !== undefined);
      keep(awaited, number, one, mostAwaited);
      one.exchange = memory.add({ place, ...told }, one.delivered);
      return { transcript, asked: number };
    },
    hear: (heard) => {
      const one = awaited.get(heard.asked);
      if (one === undefined) return;
      try {
        take(one, heard);
      } catch {
        // what cannot even be read is not known
        one.lose();
      }
      if (heard.kind !== "ends") return;
      awaited.delete(heard.asked);
      if (one.exchange !== undefined) memory.close(one.exchange);
    },
  };
}

/** The newest of so many. */
function keep<Key, Value>(kept: Map<Key, Value>, key: Key, value: Value, most: number): Value {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > most) for (const oldest of [...kept.keys()].slice(0, 1)) kept.delete(oldest);
  return value;
}

/** Is it answered with what a later request tells again? Counting, compacting and a socket's other messages are not. */
function isAnswered({ form, head }: Inquiry, { operation, tree }: Said): boolean {
  if (form === "socket") return tree?.stringIn(0, "type") === "response.create";
  if (["count-tokens", "batches", "embed"].includes(operation)) return false;
  return !/(?:\/compact|\/input_tokens|:countTokens)$/.test(head.target.split("?", 1)[0] ?? "");
}
