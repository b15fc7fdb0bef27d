// A credential's real value. It cannot be printed, logged or serialised by accident: every way to text gives
// "[secret]", and only `reveal`, which a reader can search for, gives the value.

/** `inspect.custom` of node:util, by the name under which it is registered for whoever does without that module. */
const inspected = Symbol.for("nodejs.util.inspect.custom");

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for the gateway's splice and the seeker's needles only. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspected](): string {
    return "[secret]";
  }
}
