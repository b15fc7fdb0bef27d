// Calls of tools in a body, in their order, and of which tool whatever comes with an identifier is. Gone on with for the next body of the
// conversation, so that calls which both have in common are not gone through again. Identifiers are *attacker-controlled*: one may come
// again, with another name.

interface Call {
  readonly id: string;
  /** What it was of until then. */
  readonly before: string | undefined;
}

export class Calls {
  readonly #all: Call[] = [];
  readonly #toolOf = new Map<string, string>();
  #count = 0;

  /** Those of the body so far. */
  get count(): number {
    return this.#count;
  }

  /** And those of the body before that were not forgotten. */
  get kept(): number {
    return this.#all.length;
  }

  /** The next body, with so many of those kept. */
  goOn(count: number): void {
    this.#count = count;
  }

  add(id: string, tool: string): void {
    this.#forget();
    this.#all.push({ id, before: this.#toolOf.get(id) });
    this.#toolOf.set(id, tool);
    this.#count += 1;
  }

  /** The tool that the last call with this identifier was of. */
  toolOf(id: string): string | undefined {
    this.#forget();
    return this.#toolOf.get(id);
  }

  /** What the body before had beside. */
  #forget(): void {
    while (this.#all.length > this.#count) {
      const { id, before } = this.#all.pop() ?? { id: "", before: undefined };
      if (before === undefined) this.#toolOf.delete(id);
      else this.#toolOf.set(id, before);
    }
  }
}
