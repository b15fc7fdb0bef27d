// Windows of a decoded body, which overlap → the body again, whole, up to a bound.

export class Whole {
  readonly #most: number;
  #parts: Buffer[] = [];
  #size = 0;
  /** Why it is not whole. */
  fault: string | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  add(window: Buffer, offset: number): void {
    if (this.fault !== undefined) return;
    const fresh = window.subarray(this.#size - offset);
    this.#size += fresh.length;
    if (this.#size > this.#most) {
      this.fault = "a body longer than is looked into";
      this.#parts = [];
      return;
    }
    // the window is lent
    const own = Buffer.allocUnsafeSlow(fresh.length);
    fresh.copy(own);
    this.#parts.push(own);
  }

  /** In memory of its own; undefined where it is not whole. */
  take(): Buffer | undefined {
    if (this.fault !== undefined) return undefined;
    const [first, ...rest] = this.#parts;
    this.#parts = [];
    if (first !== undefined && rest.length === 0) return first;
    const whole = Buffer.allocUnsafeSlow(this.#size);
    let at = 0;
    for (const part of first === undefined ? [] : [first, ...rest]) at += part.copy(whole, at);
    return whole;
  }
}
