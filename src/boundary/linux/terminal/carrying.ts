// Output from inside, through the filter, to the caller's terminal, no faster than the terminal takes it.

import type { Readable, Writable } from "node:stream";
import type { Filter } from "./filter.ts";

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
