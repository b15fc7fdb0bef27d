// Output from inside, through the filter, to the caller's terminal, no faster than the terminal takes it. A terminal that
// takes nothing (a frozen connection) holds up the tool's output, and nothing else of the session.

import type { Readable, Writable } from "node:stream";
import { ReadStream } from "node:tty";
import type { Filter } from "./filter.ts";

/** Node's own stream for writing to a terminal waits in each write, and the gateway with it; the other one, which can write too, does not. */
export const openScreen = (terminal: number): Writable => new ReadStream(terminal);

/** Resolves once everything is on the terminal, or there is none any more. */
export function show(screen: Writable, text: string): Promise<void> {
  return new Promise((resolve) => void screen.write(text, () => resolve()));
}

/** Resolves when the source has ended; a pseudo-terminal ends with EIO, a closed screen swallows the rest. */
export function carry(source: Readable, screen: Writable, filter: Filter): Promise<void> {
  screen.on("error", () => source.resume());
  return new Promise((resolve) => {
    const finish = (): void => {
      screen.write(filter.finish());
      resolve();
    };
    source.once("close", finish);
    source.on("error", () => source.destroy());
    source.on("data", (chunk: Buffer) => {
      if (screen.destroyed || screen.write(filter.feed(chunk))) return;
      source.pause();
      screen.once("drain", () => source.resume());
    });
  });
}
