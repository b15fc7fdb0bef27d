// A request or a message, cut anywhere, through the gateway to the server behind it.

import { once } from "node:events";
import { readAll } from "../../src/gateway/rehearsal.ts";
import { name, readAnswer, type stand } from "../holes/stand.ts";
import type { Form } from "./protocols.ts";
import { cut, type Written } from "./written.ts";

type Standing = Awaited<ReturnType<typeof stand>>;

export interface Arrived {
  /** Undefined: it was refused, and nothing arrived. */
  readonly octets: Buffer | undefined;
  readonly encoding: string | undefined;
  /** What the client was answered; of a message nothing. */
  readonly answer: Buffer;
}

export function speak(it: Standing, form: Form, written: Written, cuts: readonly number[]): Promise<Arrived> {
  return form.socket === true ? say(it, form, written, cuts) : ask(it, form, written, cuts);
}

async function ask(it: Standing, form: Form, written: Written, cuts: readonly number[]): Promise<Arrived> {
  const before = it.heard.length;
  const socket = await it.dial();
  const coding = written.encoding === undefined ? "" : `Content-Encoding: ${written.encoding}\r\n`;
  const head = `Host: ${name}\r\nContent-Type: application/json\r\nConnection: close\r\n${coding}`;
  socket.write(`POST ${form.target} HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`);
  for (const chunk of cut(written.octets, cuts))
    if (chunk.length > 0) {
      socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]));
      // each a record of its own, and most of them a reading of its own
      await new Promise(setImmediate);
    }
  socket.write("0\r\n\r\n");
  const { octets } = readAnswer(await readAll(socket));
  const heard = it.heard.at(before);
  return { octets: heard?.body, encoding: heard?.headers["content-encoding"], answer: octets };
}

async function say(it: Standing, form: Form, { plain }: Written, cuts: readonly number[]): Promise<Arrived> {
  const before = it.messages.length;
  const socket = await it.dialSocket(form.target);
  await once(socket, "open");
  const chunks = cut(plain, cuts);
  for (const [at, chunk] of chunks.entries()) socket.send(chunk, { fin: at === chunks.length - 1, binary: false });
  const closed = once(socket, "close");
  await Promise.race([it.received(before + 1), closed]);
  socket.terminate();
  return { octets: it.messages.at(before), encoding: undefined, answer: Buffer.alloc(0) };
}
