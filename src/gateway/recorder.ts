// The gate's hand on the record: entries in, receipts out. The first entry that cannot be written ends everything: from
// then on each one is refused, and `failed` rejects so that the session ends closed.

import type { Append, Entry, Haste, Receipt } from "../domain/entry.ts";
import { Fault } from "../domain/fault.ts";

export interface Recorder {
  /** Resolves when durable; rejects with a Fault `record`. */
  readonly enter: (entry: Entry) => Promise<Receipt>;
  /** Entered without anybody waiting; a failure still ends everything. */
  readonly note: (entry: Entry) => void;
  /** Work that an entry will follow from: `settled` waits for it too. Gives it back. */
  readonly expect: <Value>(work: Promise<Value>) => Promise<Value>;
  readonly broken: () => boolean;
  /** A bug met elsewhere in the gate: ends everything just the same. */
  readonly abandon: (cause: unknown) => void;
  /** Pending for ever, or rejects once. */
  readonly failed: Promise<never>;
  /** Resolves when everything handed in so far is durable or lost. */
  readonly settled: () => Promise<void>;
}

export function openRecorder(append: Append): Recorder {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  // a session that does not look at `failed` must not be ended by the process instead
  failed.catch(() => undefined);
  const { expect, settled } = openWaiting();
  let broken = false;

  const abandon = (cause: unknown): void => {
    if (!broken) reject(cause);
    broken = true;
  };

  const fail = (cause: unknown): Fault<"record"> => {
    const fault = lost(cause);
    abandon(fault);
    return fault;
  };

  const write = (entry: Entry, haste: Haste): Promise<Receipt> =>
    append(entry, haste).then(
      (receipt) => {
        if (broken) throw fail(new Error("an earlier entry was lost"));
        return receipt;
      },
      (cause: unknown) => {
        throw fail(cause);
      },
    );

  const enter = (entry: Entry, haste: Haste = "now"): Promise<Receipt> => {
    if (broken) return Promise.reject(fail(undefined));
    return expect(write(entry, haste));
  };

  return {
    enter,
    note: (entry) => void enter(entry, "soon").catch(() => undefined),
    expect,
    broken: () => broken,
    abandon,
    failed,
    settled,
  };
}

/** Promises that are not done yet. */
function openWaiting(): Pick<Recorder, "expect" | "settled"> {
  const waiting = new Set<Promise<unknown>>();
  return {
    expect: (work) => {
      waiting.add(work);
      const done = () => waiting.delete(work);
      work.then(done, done);
      return work;
    },
    settled: async () => {
      await Promise.allSettled([...waiting]);
    },
  };
}

function lost(cause: unknown): Fault<"record"> {
  return new Fault({
    code: "record",
    message: "the record cannot be written, so nothing may leave",
    hint: "see that the state directory is writable and not full",
    cause,
  });
}
