// For tests of the desk: a gate with one, and hands that play the program inside and the host's ssh.

import { once } from "node:events";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { Entry } from "../../domain/entry.ts";
import { deskAddress, type SshOrder, type Started } from "../../domain/git-desk.ts";
import type { GatewayOptions } from "../gateway.ts";
import { openStage } from "../rehearsal.ts";

export interface Told {
  readonly data: string;
  readonly said: string;
  /** Undefined where the connection ended without one. */
  readonly exit: number | undefined;
}

/** The program inside. */
export interface Inside {
  readonly say: (kind: number, bytes: string) => void;
  readonly raw: (bytes: Buffer) => void;
  readonly leave: () => void;
  /** All it was told, once it is over. */
  readonly over: () => Promise<Told>;
}

function play(socket: Socket): Inside {
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part)).on("error", () => undefined);
  const raw = (bytes: Buffer): void => void socket.write(bytes);
  return {
    raw,
    say: (kind, text) => {
      const head = Buffer.alloc(5);
      head.writeUInt8(kind);
      head.writeUInt32BE(Buffer.byteLength(text, "latin1"), 1);
      raw(Buffer.concat([head, Buffer.from(text, "latin1")]));
    },
    leave: () => void socket.destroy(),
    over: async () => {
      if (!socket.closed) await once(socket, "close");
      return read(Buffer.concat(parts));
    },
  };
}

function read(bytes: Buffer): Told {
  let told: Told = { data: "", said: "", exit: undefined };
  for (let at = 0; at + 5 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at + 1);
    const part = bytes.subarray(at + 5, at + 5 + size);
    const text = part.toString("latin1");
    if (bytes[at] === 2) told = { ...told, data: told.data + text };
    if (bytes[at] === 4) told = { ...told, said: told.said + text };
    if (bytes[at] === 5) told = { ...told, exit: part[0] };
    at += 5 + size;
  }
  return told;
}

export interface DeskOptions extends Partial<GatewayOptions> {
  /** Before an entry counts as written. */
  readonly writing?: ((entry: Entry) => Promise<void>) | undefined;
}

export interface DeskStage extends AsyncDisposable {
  readonly entries: readonly Entry[];
  readonly come: () => Promise<Inside>;
  /** The first of its kind, once it is there. */
  readonly entry: (kind: Entry["kind"]) => Promise<Entry>;
}

export async function openDeskStage(entries: Entry[], { writing, ...options }: DeskOptions): Promise<DeskStage> {
  const append = async (entry: Entry) => {
    await writing?.(entry);
    return { index: entries.push(entry) - 1 };
  };
  const stage = await openStage({ ...options, append });
  return {
    entries,
    come: async () => play(await stage.dial(deskAddress.ip, deskAddress.port)),
    entry: async (kind) => {
      for (;;) {
        const found = entries.find((entry) => entry.kind === kind);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}

export interface Ssh extends Started {
  readonly order: SshOrder;
  readonly got: () => string;
  /** With a code it ends. */
  readonly answer: (text: string, code?: number) => void;
  /** What it has said on standard error by then. */
  readonly complain: (text: string) => void;
  readonly killed: () => boolean;
  /** The record as it was when it was started. */
  readonly before: readonly Entry[];
}

export function playSsh(order: SshOrder, before: readonly Entry[]): Ssh {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  let [got, killed] = ["", false];
  input.on("data", (chunk: Buffer) => {
    got += chunk.toString("latin1");
  });
  const kill = (): void => {
    killed = true;
    output.end();
    resolve(255);
  };
  let complaint = "";
  const answer = (text: string, code?: number): void => {
    output.write(text);
    if (code === undefined) return;
    output.end();
    resolve(code);
  };
  return {
    order,
    input,
    output,
    complaint: () => complaint,
    complain: (text: string) => {
      complaint = text;
    },
    ended,
    kill,
    got: () => got,
    answer,
    killed: () => killed,
    before,
  };
}
