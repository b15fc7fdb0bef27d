// For tests: a terminal of the test's own, which stands for the caller's. What reaches it and how it is set is the measure.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { loadNative } from "../native.ts";

/** The caller's terminal: what is typed and shown, and stty(1) on its other end. */
export async function openDesk() {
  const native = await loadNative();
  const master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY);
  const peer = native.openPeer(master) ?? assert.fail("no peer");
  const screen = new ReadStream(master);
  let shown = "";
  let wake = (): void => undefined;
  screen.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    wake();
  });
  screen.on("error", () => undefined);
  const open = (): number => openSync(`/proc/self/fd/${peer}`, constants.O_RDWR | constants.O_NOCTTY);
  return {
    open,
    peer,
    type: (text: string) => screen.write(text),
    /** Waits until this is shown, and gives what came since the last time. */
    until: async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(shown)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const seen = shown;
      shown = "";
      return seen;
    },
    stty: (...words: string[]): string =>
      execFileSync("stty", words, { stdio: [peer, "pipe", "inherit"], encoding: "utf8" }),
    [Symbol.dispose]: () => {
      screen.destroy();
      closeSync(peer);
    },
  };
}
