// A library that is loaded into the command line of a round (shim.c), and the page by which it is told what is to fail.

import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

/** As shim.c numbers them; each a signed 64-bit number, 0 for nothing. */
const slots = { writeErrno: 0, syncErrno: 1, stall: 2, clockSeconds: 3, syncedBytes: 4, met: 5 } as const;
type Slot = keyof typeof slots;

export interface Shim extends Disposable {
  /** What the command line is started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly set: (slot: Slot, value: number) => void;
  /** `syncedBytes`: of the write-ahead log, when it was last made durable. `met`: calls that failed or waited. */
  readonly get: (slot: Slot) => number;
}

export const hasCompiler = (): boolean => spawnSync("cc", ["--version"], { stdio: "ignore" }).status === 0;

/** Made in the directory; undefined where there is no compiler. */
export function buildShim(directory: string): string | undefined {
  if (!hasCompiler()) return undefined;
  const library = join(directory, "shim.so");
  const source = new URL("./shim.c", import.meta.url).pathname;
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-o", library, source]);
  return library;
}

export function openShim(library: string | undefined, page: string): Shim {
  const file = openSync(page, "w+", 0o600);
  const cell = Buffer.alloc(8);
  for (const at of Object.values(slots)) writeSync(file, cell, 0, 8, at * 8);
  return {
    environment: library === undefined ? {} : { LD_PRELOAD: library, FAULT_PAGE: page },
    set: (slot, value) => {
      cell.writeBigInt64LE(BigInt(value));
      writeSync(file, cell, 0, 8, slots[slot] * 8);
    },
    get: (slot) => {
      readSync(file, cell, 0, 8, slots[slot] * 8);
      return Number(cell.readBigInt64LE());
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}
