// A terminal of our own for the tool: /dev/ptmx here, its other end inside. The caller's terminal is set raw while the
// tool runs and always put back: by `end`, or where this process exits early; not where it is killed.

import { closeSync, constants, openSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isatty, ReadStream } from "node:tty";
import { Fault } from "../../../domain/fault.ts";
import type { BoundaryFault, Streams } from "../../contract.ts";
import { limits } from "../limits.ts";
import type { Native } from "../native.ts";
import { carry, openScreen, show } from "./carrying.ts";
import { openFilter } from "./filter.ts";
import { openModes } from "./modes.ts";
import type { Relay } from "./streams.ts";

/** Ctrl-Z, whatever the tool has set it to. */
const suspend = 0x1a;

export function openPseudo({ input, output, errors }: Streams, native: Native): Relay {
  const { master, peer } = openPair(native);
  const settings = native.readSettings(input);
  if (settings) native.writeSettings(peer, settings);
  const resize = (): void => native.copySize(output, master);
  resize();
  let stop: () => Promise<void> = () => {
    closeSync(master);
    return Promise.resolve();
  };
  let lay: Relay["lay"] = () => Promise.resolve(() => undefined);
  return {
    inner: [peer, peer, isatty(errors) ? peer : errors],
    terminal: true,
    handed: () => closeSync(peer),
    begin: (onSuspend) => {
      process.on("SIGWINCH", resize);
      const { take, restore } = borrow(input, settings, native);
      take();
      const carrying = carryBoth(master, { input, output, onSuspend });
      lay = async () => {
        await Promise.race([carrying.shown(), setTimeout(limits.screenMs)]);
        carrying.leave();
        restore();
        return () => {
          take();
          resize();
        };
      };
      const leave = (): void => {
        carrying.leave();
        restore();
      };
      process.on("exit", leave);
      stop = async () => {
        await carrying.end();
        process.off("SIGWINCH", resize).off("exit", leave);
        restore();
      };
    },
    lay: () => lay(),
    end: () => {
      const last = stop();
      stop = () => last;
      return last;
    },
  };
}

/** The caller's terminal, raw while it is ours. */
function borrow(input: number, settings: Buffer | undefined, native: Native) {
  let ours = false;
  return {
    take: (): void => {
      if (settings) native.writeSettings(input, makeRaw(settings));
      ours = true;
    },
    /** Once: from the background, where we may be by then, the terminal would stop whoever sets it. */
    restore: (): void => {
      if (settings && ours) native.writeSettings(input, settings);
      ours = false;
    },
  };
}

interface Carrying {
  /** Waits for the end and puts everything back. */
  readonly end: () => Promise<void>;
  /** What came so far is on the caller's terminal. */
  readonly shown: () => Promise<void>;
  /** A crash, or a rest: puts back what the tool set, without waiting. */
  readonly leave: () => void;
}

/** Begins at once. */
function carryBoth(
  master: number,
  { input, output, onSuspend }: Pick<Streams, "input" | "output"> & { readonly onSuspend: () => void },
): Carrying {
  const keyboard = new ReadStream(input);
  const screen = openScreen(output);
  const inside = new ReadStream(master);
  const modes = openModes();
  const filter = openFilter(modes.note);
  const drained = carry(inside, screen, filter);
  keyboard.on("error", () => undefined);
  keyboard.pipe(inside, { end: false });
  keyboard.on("data", (typed: Buffer) => void (typed.includes(suspend) && onSuspend()));
  return {
    end: async () => {
      await drained;
      keyboard.unpipe(inside);
      keyboard.destroy();
      await show(screen, modes.undo());
      screen.destroy();
    },
    shown: () => show(screen, ""),
    leave: () => {
      try {
        writeSync(output, filter.cut() + modes.undo());
      } catch {
        // nobody is there to see it
      }
    },
  };
}

/** cfmakeraw(3): Node's own raw mode leaves output processing on, and every line would end twice. */
function makeRaw(settings: Buffer): Buffer {
  const raw = Buffer.from(settings);
  const clear = (offset: number, bits: number): void =>
    void raw.writeUInt32LE((raw.readUInt32LE(offset) & ~bits) >>> 0, offset);
  clear(0, 0o2753);
  clear(4, 0o1);
  clear(8, 0o460);
  raw.writeUInt32LE(raw.readUInt32LE(8) | 0o60, 8);
  clear(12, 0o100113);
  // VTIME and VMIN of c_cc, which begins at 17
  raw.writeUInt8(0, 22);
  raw.writeUInt8(1, 23);
  return raw;
}

function openPair(native: Native): { readonly master: number; readonly peer: number } {
  let master: number | undefined;
  try {
    master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY);
    const peer = native.openPeer(master);
    if (peer !== undefined) return { master, peer };
  } catch (cause) {
    throw noTerminal(cause);
  }
  closeSync(master);
  throw noTerminal(undefined);
}

const noTerminal = (cause: unknown): BoundaryFault =>
  new Fault({
    code: "no-terminal",
    message: "no pseudo-terminal could be made",
    hint: "see that /dev/pts is mounted, or run with output to a file or pipe",
    cause,
  });
