// Some of the caller's three are terminals, not all: those are relayed through pipes, the others handed on. Output and
// errors that are both terminals share one pipe, so their order stays.

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { isatty, ReadStream } from "node:tty";
import type { Streams } from "../../contract.ts";
import type { Native } from "../native.ts";
import { carry, openScreen, show } from "./carrying.ts";
import { openFilter } from "./filter.ts";
import { openModes } from "./modes.ts";
import { openPipe } from "./pipe.ts";
import type { Relay } from "./streams.ts";

export function openPipes({ input, output, errors }: Streams, native: Native): Relay {
  const typed = isatty(input) ? openPipe(native) : undefined;
  const shown = isatty(output) || isatty(errors) ? openPipe(native) : undefined;
  let finish: (() => Promise<void>) | undefined;
  return {
    inner: [
      typed?.read ?? input,
      isatty(output) ? (shown?.write ?? output) : output,
      isatty(errors) ? (shown?.write ?? errors) : errors,
    ],
    terminal: false,
    handed: () => {
      if (typed) closeSync(typed.read);
      if (shown) closeSync(shown.write);
    },
    begin: () => {
      const unread = typed && readInto(input, typed.write);
      const drained = shown && carryOut(shown.read, isatty(output) ? output : errors);
      finish = async () => {
        await drained;
        unread?.();
      };
    },
    lay: () => Promise.resolve(() => undefined),
    end: async () => {
      if (finish !== undefined) return finish();
      if (typed) closeSync(typed.write);
      if (shown) closeSync(shown.read);
      finish = () => Promise.resolve();
    },
  };
}

function readInto(input: number, pipe: number): () => void {
  const keyboard = new ReadStream(input);
  const inside = new Socket({ fd: pipe, readable: false, writable: true });
  keyboard.on("error", () => undefined);
  inside.on("error", () => keyboard.destroy());
  keyboard.pipe(inside);
  return () => {
    keyboard.destroy();
    inside.destroy();
  };
}

async function carryOut(pipe: number, terminal: number): Promise<void> {
  const screen = openScreen(terminal);
  const modes = openModes();
  await carry(new Socket({ fd: pipe, readable: true, writable: false }), screen, openFilter(modes.note));
  await show(screen, modes.undo());
  screen.destroy();
}
