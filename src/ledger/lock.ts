// The turnstile between writers of one record: flock(2) around every transaction, because SQLite's own waiting starves
// them for seconds. It waits by asking again, never inside the system call: a thread that sleeps in flock(2) behind a
// stopped process can neither be ended nor let its own process exit.

import { closeSync, constants, openSync } from "node:fs";
import koffi from "koffi";
import { type BookFault, bookFault } from "./fault.ts";
import { lockPause, lockWait } from "./limits.ts";

const exclusive = 2 | 4; // LOCK_EX | LOCK_NB, the same on Linux and macOS
const unlock = 8; // LOCK_UN
const again = new Set([koffi.os.errno["EAGAIN"], koffi.os.errno["EWOULDBLOCK"], koffi.os.errno["EINTR"]]);
const flock: (descriptor: number, operation: number) => number = koffi.load(null).func("int flock(int, int)");

export class Lock implements Disposable {
  readonly descriptor: number;
  readonly #path: string;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));

  /** Opens, and makes where missing, the lock file. */
  constructor(path: string) {
    this.#path = path;
    this.descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** Does the work under the lock. Blocks this thread for up to `patience` milliseconds; undefined where somebody else has the lock all that while. */
  attempt<Result>(work: () => Result, patience: number): { readonly result: Result } | undefined {
    const until = performance.now() + patience;
    while (!this.take()) {
      if (performance.now() > until) return undefined;
      // uneven, so that writers neither march in step nor starve
      Atomics.wait(this.#sleeper, 0, 0, lockPause * (0.5 + Math.random()));
    }
    try {
      return { result: work() };
    } finally {
      this.giveUp();
    }
  }

  /** The same; throws a BookFault (`locked`) where somebody else keeps the lock longer than `lockWait`. */
  hold<Result>(work: () => Result): Result {
    const done = this.attempt(work, lockWait);
    if (done === undefined) throw stuck();
    return done.result;
  }

  giveUp(): void {
    flock(this.descriptor, unlock);
  }

  /** Without waiting; false where somebody else has it. */
  take(): boolean {
    if (flock(this.descriptor, exclusive) === 0) return true;
    const errno = koffi.errno();
    if (again.has(errno)) return false;
    throw bookFault("unwritable", `the lock ${this.#path} cannot be taken (errno ${errno})`);
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}

/** The fault of one who waited longer than `lockWait`. */
export function stuck(): BookFault {
  const hint = "another postern process holds it and does not move: postern status shows which sessions run";
  return bookFault("locked", `the record's lock was not given up within ${lockWait / 1000} s`, hint);
}
