// What git-receive-pack is asked to do, read from the beginning of what its client sends: `old new ref` in packet lines, then
// push options where both sides speak of them (gitprotocol-pack(5), "Reference Update Request and Packfile Transfer").
// Attacker-controlled. Strict: whatever a server could read in another way than we do is unreadable.

import { type Push, pushHead, type RefUpdate } from "../../domain/push.ts";
import { PacketLines } from "./pkt-line.ts";

/** A person reads every one of them before saying yes. */
const mostUpdates = 200;
const mostOptions = 20;

export type PushState =
  | { readonly kind: "more" }
  | { readonly kind: "push"; readonly push: Push }
  | { readonly kind: "unreadable"; readonly reason: string };

const oid = "[0-9a-f]{40}(?:[0-9a-f]{24})?";
const command = new RegExp(`^(${oid}) (${oid}) (.+)$`, "s");
const shallow = new RegExp(`^shallow ${oid}$`);

/** One push: bytes in, in any pieces, until it says what it is. What follows in the stream is the pack. */
export class PushReader {
  readonly #lines = new PacketLines(pushHead);
  readonly #updates: RefUpdate[] = [];
  readonly #options: string[] = [];
  #section: "commands" | "options" = "commands";
  #capable: readonly string[] | undefined;
  #state: PushState = { kind: "more" };

  /** Once it is no longer `more`, nothing changes it. */
  add(chunk: Buffer): PushState {
    if (this.#state.kind !== "more") return this.#state;
    // the pack may follow in the same piece: only what could matter is kept
    const kept = chunk.subarray(0, pushHead - this.#lines.whole.length);
    this.#lines.add(kept);
    this.#state = this.#read();
    if (this.#state.kind === "more" && this.#lines.whole.length >= pushHead)
      this.#state = unreadable("it asks for more than anybody could read");
    return this.#state;
  }

  #read(): PushState {
    for (;;) {
      const packet = this.#lines.next();
      if (packet.kind === "more") return packet;
      if (packet.kind === "bad") return unreadable(packet.reason);
      if (packet.kind === "flush") {
        const more = this.#section === "commands" && this.#capable?.includes("push-options") === true;
        if (!more) return { kind: "push", push: { updates: this.#updates, options: this.#options } };
        this.#section = "options";
        continue;
      }
      const reason = this.#section === "commands" ? this.#takeCommand(packet.bytes) : this.#takeOption(packet.bytes);
      if (reason !== undefined) return unreadable(reason);
    }
  }

  /** Why it cannot be read. */
  #takeCommand(bytes: Buffer): string | undefined {
    const end = bytes.indexOf(0);
    const line = end < 0 ? textOf(bytes) : decode(bytes.subarray(0, end));
    if (line === undefined) return "a line of it is no text";
    if (shallow.test(line) && end < 0 && this.#capable === undefined) return undefined;
    if (line === "push-cert") return "it is a signed push, which is not looked into";
    // capabilities stand behind the first command, and only there
    if (end < 0 === (this.#capable === undefined)) return "its capabilities do not stand where they belong";
    if (end >= 0) {
      const capable = textOf(bytes.subarray(end + 1));
      const words = capable === undefined ? undefined : capabilitiesOf(capable);
      if (words === undefined) return "its capabilities are not written as git writes them";
      this.#capable = words;
    }
    const [, before = "", after = "", ref = ""] = command.exec(line) ?? [];
    if (!isRef(ref)) return "it names something that is no reference";
    if (before.length !== after.length) return "its object names are of two kinds";
    if (this.#updates.length >= mostUpdates) return `it changes more than ${mostUpdates} references`;
    this.#updates.push({ old: before, new: after, ref });
    return undefined;
  }

  #takeOption(bytes: Buffer): string | undefined {
    const option = textOf(bytes);
    if (option === undefined || /\p{Cc}/u.test(option)) return "an option of it is no line of text";
    if (this.#options.length >= mostOptions) return `it has more than ${mostOptions} options`;
    this.#options.push(option);
    return undefined;
  }
}

function unreadable(reason: string): PushState {
  return { kind: "unreadable", reason };
}

/**
 * Words between blanks. To git any white space parts them, and `push-options=x` is `push-options` too: with those a server would
 * read options where we had seen the push's end.
 */
function capabilitiesOf(text: string): readonly string[] | undefined {
  const words = text.split(" ");
  return words.every((word) => /^[!-~]*$/.test(word) && !word.startsWith("push-options=")) ? words : undefined;
}

/** UTF-8 without one line feed at its end, which git takes off too. */
function textOf(bytes: Buffer): string | undefined {
  return decode(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes);
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** git-check-ref-format(1), and below refs/: a server refuses others. */
export function isRef(name: string): boolean {
  if (!name.startsWith("refs/") || name.length > 1024) return false;
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|[/.]$/u.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}
