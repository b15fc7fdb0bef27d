// Windows of a decoded body, which overlap → the body again, whole, up to a bound.

export class Whole {
  readonly #most: number;
  readonly #expected: number;
  /** As long as is expected, and how much of it came. */
  #first: Buffer | undefined;
  #filled = 0;
  #parts: Buffer[] = [];
  #size = 0;
  /** Why it is not whole. */
  fault: string | undefined;

  /** `expected`: as long as it is, where that is known: then it is copied once. */
  constructor(most: number, expected = 0) {
    this.#most = most;
    this.#expected = expected <= most ? expected : 0;
  }

  add(window: Buffer, offset: number): void {
    if (this.fault !== undefined) return;
    const fresh = window.subarray(this.#size - offset);
    this.#size += fresh.length;
    if (this.#size > this.#most) {
      this.fault = "a body longer than is looked into";
      [this.#first, this.#parts] = [undefined, []];
      return;
    }
    // the window is lent
    if (this.#size > this.#expected) this.#parts.push(copyOf(fresh));
    else {
      this.#first ??= Buffer.allocUnsafeSlow(this.#expected);
      fresh.copy(this.#first, this.#size - fresh.length);
      this.#filled = this.#size;
    }
  }

  /** In memory of its own; undefined where it is not whole. */
  take(): Buffer | undefined {
    if (this.fault !== undefined) return undefined;
    const first = this.#first?.subarray(0, this.#filled);
    const parts = first === undefined ? this.#parts : [first, ...this.#parts];
    [this.#first, this.#parts] = [undefined, []];
    const [only, ...rest] = parts;
    if (only !== undefined && rest.length === 0 && only.length === only.buffer.byteLength) return only;
    const whole = Buffer.allocUnsafeSlow(this.#size);
    let at = 0;
    for (const part of parts) at += part.copy(whole, at);
    return whole;
  }
}

function copyOf(lent: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(lent.length);
  lent.copy(own);
  return own;
}
