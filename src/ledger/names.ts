// The one place where a pseudonym of the record meets a name: who or what enters, its random id leaves, made where it
// was not known yet. The table is a small file apart from the leaves; with its line gone, the id is nobody's.

import { randomName } from "./random.ts";
import { isObject, Table } from "./table.ts";

export interface Named {
  readonly kind: "person" | "host" | "project";
  /** A login name, a machine's name, a checkout's absolute path. */
  readonly name: string;
}

const letters: Readonly<Record<Named["kind"], string>> = { person: "u", host: "h", project: "p" };

export class Names {
  readonly #table: Table<Named>;

  constructor(path: string) {
    this.#table = new Table(path, parseNamed);
  }

  nameOf(id: string): string | undefined {
    return this.#table.rows.get(id)?.name;
  }

  /** Takes in what other processes wrote since. */
  refresh(): void {
    this.#table.refresh();
  }

  /** Called under the record's lock only: it may write. */
  pseudonymOf(named: Named): string {
    this.refresh();
    for (const [id, { kind, name }] of this.#table.rows) if (kind === named.kind && name === named.name) return id;
    const id = `${letters[named.kind]}-${randomName(16)}`;
    this.#table.add(id, named);
    return id;
  }
}

function parseNamed(value: unknown): Named | undefined {
  if (!isObject(value)) return undefined;
  const { kind, name } = value;
  if ((kind !== "person" && kind !== "host" && kind !== "project") || typeof name !== "string") return undefined;
  return { kind, name };
}
