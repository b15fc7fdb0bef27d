// Regular files among the caller's three are carried through pipes: the tool could open a descriptor of one again through
// /proc/self/fd and write what it was only to read, empty what it was to append to, or change its mode.

import fs, { closeSync, createReadStream, createWriteStream, fstatSync } from "node:fs";
import { Socket } from "node:net";
import { finished, pipeline } from "node:stream/promises";
import { isatty } from "node:tty";
import type { Streams } from "../../contract.ts";
import { isShown } from "../devices.ts";
import type { Native } from "../native.ts";
import { openPipe, type Pipe } from "./pipe.ts";

export interface Carried {
  /** The same three, pipes in the place of files. */
  readonly streams: Streams;
  /** Another process holds the inner ends now: closes ours. */
  readonly handed: () => void;
  readonly begin: () => void;
  /** Everything inside has ended: waits until its last output is in the files. */
  readonly end: () => Promise<void>;
}

/** Undefined where none of them is a regular file. Throws a BoundaryFault. */
export async function carryFiles(streams: Streams, load: () => Promise<Native>): Promise<Carried | undefined> {
  const { input, output, errors } = streams;
  if (![input, output, errors].some(isFile)) return undefined;
  const native = await load();
  const read = isFile(input) ? openPipe(native) : undefined;
  const written = isFile(output) ? openPipe(native) : undefined;
  const shared = written !== undefined && isSame(output, errors); // 2>&1: one pipe, so their order stays
  const complained = shared ? written : isFile(errors) ? openPipe(native) : undefined;
  const outward = [
    ...(written ? [[written, output] as const] : []),
    ...(complained && !shared ? [[complained, errors] as const] : []),
  ];
  let begun: { readonly stop: () => void; readonly drained: Promise<unknown> } | undefined;
  return {
    streams: { input: read?.read ?? input, output: written?.write ?? output, errors: complained?.write ?? errors },
    handed: () => {
      for (const end of [read?.read, ...outward.map(([pipe]) => pipe.write)]) if (end !== undefined) closeSync(end);
    },
    begin: () => {
      const stop = read === undefined ? () => undefined : readInto(input, read);
      begun = { stop, drained: Promise.all(outward.map(([pipe, file]) => writeFrom(pipe, file))) };
    },
    end: async () => {
      begun?.stop();
      await begun?.drained;
      if (begun === undefined)
        for (const end of [read?.write, ...outward.map(([pipe]) => pipe.read)]) if (end !== undefined) closeSync(end);
    },
  };
}

/** Devices too, but for those the helper opens again where nothing can be done to their node. */
function isFile(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return (
    stats.isFile() || stats.isBlockDevice() || (stats.isCharacterDevice() && !isShown(stats) && !isatty(descriptor))
  );
}

function isSame(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}

/** The descriptors are the caller's: a stream that ends must not close them. */
const kept = { ...fs, close: (_: number, done?: (error: null) => void) => done?.(null) };

/** From where the caller's descriptor stands. */
function readInto(file: number, pipe: Pipe): () => void {
  const inside = new Socket({ fd: pipe.write, readable: false, writable: true });
  const source = createReadStream("", { fd: file, fs: kept });
  pipeline(source, inside).catch(() => undefined); // the tool need not read to the end
  return () => {
    source.destroy();
    inside.destroy();
  };
}

/** To where the caller's descriptor stands, or to its end where it was opened to append. A full disk loses the rest. */
async function writeFrom(pipe: Pipe, file: number): Promise<void> {
  const inside = new Socket({ fd: pipe.read, readable: true, writable: false });
  const target = createWriteStream("", { fd: file, fs: kept });
  inside.on("error", () => undefined);
  target.on("error", () => inside.resume());
  inside.pipe(target);
  await finished(target).catch(() => undefined);
}
