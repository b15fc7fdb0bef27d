// Bytes in, an open descriptor out that reads them from the start. The file has no name at any time, so nothing is left
// of it whatever ends this process.

import { closeSync, constants, openSync, unlinkSync, writeSync } from "node:fs";

/** __O_TMPFILE | O_DIRECTORY; the latter differs by architecture (asm/fcntl.h). */
const nameless = 0o20000000 | constants.O_DIRECTORY;
const folders = ["/dev/shm", "/tmp", "/var/tmp"];

/** Runs in the helper. Throws the last error where no folder can be written. */
export function openSealed(bytes: Uint8Array): number {
  const descriptor = openNameless();
  try {
    // at a position: the offset stays at the beginning for who inherits it
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, done);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openNameless(): number {
  let failure: unknown;
  for (const folder of folders) {
    try {
      return openSync(folder, nameless | constants.O_RDWR, 0o600);
    } catch (error) {
      failure = error;
    }
  }
  for (const folder of folders) {
    const path = `${folder}/postern-${process.hrtime.bigint()}`;
    try {
      const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      unlinkSync(path);
      return descriptor;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
