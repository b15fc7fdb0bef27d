// Memory for whole bodies, used again: a conversation is sent anew with every turn, and its megabytes as garbage would cost
// more than judging them. A size enters, a loan leaves; it is lent again once its borrower and every writer that still
// holds it have let go, never before.

/** Bytes; below, the runtime's own memory does as well. */
const smallest = 65_536;

export interface Loan {
  /** Exactly the size asked for; what it held before is still in it. */
  readonly bytes: Buffer;
  /** Somebody else holds the bytes too, until the returned function is called. */
  readonly keep: () => () => void;
  readonly giveBack: () => void;
}

export interface Buffers {
  readonly borrow: (size: number) => Loan;
}

/** `bound`: bytes kept while nobody uses them. */
export function openBuffers(bound: number): Buffers {
  const free = new Map<number, Buffer[]>();
  let idle = 0;
  const take = (width: number): Buffer => {
    const found = free.get(width)?.pop();
    if (found === undefined) return Buffer.allocUnsafeSlow(width);
    idle -= width;
    return found;
  };
  const put = (whole: Buffer): void => {
    if (idle + whole.length > bound) return;
    idle += whole.length;
    free.set(whole.length, [...(free.get(whole.length) ?? []), whole]);
  };
  return {
    borrow: (size) => {
      if (size < smallest) return lend(Buffer.allocUnsafe(size), () => undefined);
      const whole = take(2 ** Math.ceil(Math.log2(size)));
      return lend(whole.subarray(0, size), () => put(whole));
    },
  };
}

function lend(bytes: Buffer, free: () => void): Loan {
  let holders = 0;
  const keep = (): (() => void) => {
    holders += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      holders -= 1;
      if (holders === 0) free();
    };
  };
  return { bytes, keep, giveBack: keep() };
}
