// The last head that was signed, kept a second time outside the store: in the lock file itself, written after every
// commit. A store that was put back to an earlier state is found here before another root is signed for the same size.
// It is not synced: after a loss of power it may be older than the store, never newer.

import { hash } from "node:crypto";
import { closeSync, openSync, readSync, writeSync } from "node:fs";

export interface Anchor {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

const width = 16 + 1 + 64 + 1 + 16 + 1;

/** Overwrites in place, so that a full disk has room for it. The descriptor is open for writing, not appending. */
export function writeAnchor(descriptor: number, { size, root }: Anchor): void {
  const body = `${String(size).padStart(16, "0")} ${root.toString("hex")}`;
  writeSync(descriptor, `${body} ${checksum(body)}\n`, 0);
}

/** Undefined where there is none, or it was torn. */
export function readAnchor(descriptor: number): Anchor | undefined {
  const bytes = Buffer.alloc(width);
  const length = readSync(descriptor, bytes, 0, width, 0);
  const found = /^([0-9]{16}) ([0-9a-f]{64}) ([0-9a-f]{16})\n$/.exec(bytes.toString("latin1", 0, length));
  const [, size, root, sum] = found ?? [];
  if (size === undefined || root === undefined || sum !== checksum(`${size} ${root}`)) return undefined;
  return { size: Number(size), root: Buffer.from(root, "hex") };
}

/** For readers, who do not lock: a torn read is tried again. */
export function readAnchorFile(path: string): Anchor | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return undefined; // a copied record may come without its lock file
  }
  try {
    return readAnchor(descriptor) ?? readAnchor(descriptor) ?? readAnchor(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function checksum(body: string): string {
  return hash("sha256", body).slice(0, 16);
}
