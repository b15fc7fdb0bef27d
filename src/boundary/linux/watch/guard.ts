// Who tries to change what is held: the kernel refuses it, a read-only mount or the place a mount begins, and says so to
// nobody but whoever tried. So each call that would change a name or a content is looked at before it is made, and let go on:
// this is telemetry, the mounts are the wall. In: notices of such calls. Out: attempts, each kind of one once, and how many
// more there were. Paths are *attacker-controlled*, and another thread may change them after they were looked at.

import { closeSync } from "node:fs";
import type { Attempt } from "../../../domain/attempt.ts";
import { limits } from "../limits.ts";
import type { Calls } from "./calls.ts";
import { shown } from "./names.ts";
import { findPlace, patience, type Whose } from "./place.ts";
import type { Eye } from "./sight.ts";
import type { Act, Wanted, Writing } from "./writing.ts";

export interface Guard {
  /** Looks; the caller lets the call go on afterwards. Never throws for what the tool did. */
  readonly look: (writing: Writing) => void;
  /** Attempts beyond those that were told. */
  readonly more: () => number;
}

export interface Guarded {
  /** Trees in which what is unwritable is held. */
  readonly roots: readonly string[];
  readonly tell: (attempt: Attempt) => void;
}

export function openGuard(calls: Calls, eye: Eye, { roots, tell }: Guarded): Guard {
  return new Guarding(calls, eye, { roots, tell });
}

class Guarding implements Guard {
  readonly #calls: Calls;
  readonly #eye: Eye;
  readonly #given: Guarded;
  readonly #told = new Set<string>();
  #more = 0;

  constructor(calls: Calls, eye: Eye, given: Guarded) {
    this.#calls = calls;
    this.#eye = eye;
    this.#given = given;
  }

  more(): number {
    return this.#more;
  }

  look(writing: Writing): void {
    const { thread, call, places } = writing;
    const whose = this.#eye.whose(thread);
    if (whose === undefined) return;
    for (const wanted of places) {
      const path = this.#pathOf(thread, whose.own, wanted);
      const held = path && this.#heldBy(whose, path, wanted.act);
      if (held) this.#note(call, held, whose);
    }
  }

  /** Absolute, never shortened. */
  #pathOf(thread: number, own: string, { descriptor, address }: Wanted): string | undefined {
    const text = this.#eye.pathOf({ thread, path: address });
    // what every shell writes to, all the time
    if (text === undefined || text === "" || text === "/dev/null") return undefined;
    if (text.startsWith("/")) return text;
    const from = this.#calls.readLink(descriptor === undefined ? `${own}/cwd` : `${own}/fd/${descriptor}`);
    return from === undefined ? undefined : `${from}/${text}`;
  }

  #heldBy(whose: Whose, path: string, act: Act): string | undefined {
    const given = patience();
    const find = (sought: string): number | undefined => {
      const place = findPlace(this.#calls.openIn, whose, sought, given);
      return place.kind === "found" ? place.descriptor : undefined;
    };
    const whole = path.replace(/\/+$/, "");
    const cut = whole.lastIndexOf("/");
    const [parent, name] = [whole.slice(0, cut + 1), whole.slice(cut + 1)];
    if (act === "remove" || act === "replace") return this.#heldName(find(parent), name, act === "replace");
    const found = find(whole);
    if (found !== undefined) return act === "make" ? release(found) : this.#heldFile(found);
    return act === "write" || act === "make" ? this.#heldName(find(parent), name, true) : undefined;
  }

  /** A file, or what a link leads to. */
  #heldFile(descriptor: number): string | undefined {
    try {
      return this.#calls.mountOf(descriptor).readOnly ? this.#inTrees(descriptor) : undefined;
    } finally {
      closeSync(descriptor);
    }
  }

  /** A name in a directory: what bears it now, or, where `missing` is asked about, the directory it would be made in. */
  #heldName(directory: number | undefined, name: string, missing: boolean): string | undefined {
    if (directory === undefined) return undefined;
    const calls = this.#calls;
    const child = name === "." || name === ".." ? -1 : calls.openAt(directory, name);
    try {
      if (child >= 0) {
        const mount = calls.mountOf(child);
        return mount.readOnly || mount.root ? this.#inTrees(child) : undefined;
      }
      if (!missing || !calls.mountOf(directory).readOnly) return undefined;
      const above = this.#inTrees(directory);
      return above && `${above}/${name}`;
    } finally {
      if (child >= 0) closeSync(child);
      closeSync(directory);
    }
  }

  #inTrees(descriptor: number): string | undefined {
    const told = this.#calls.readLink(`/proc/self/fd/${descriptor}`);
    // a file of ours that is mounted there has no name of its own (proc(5))
    const path = this.#calls.mountOf(descriptor).root ? told?.replace(/ \(deleted\)$/, "") : told;
    return this.#given.roots.some((root) => path?.startsWith(`${root}/`)) ? path : undefined;
  }

  #note(call: string, path: string, { own, numbers }: Whose & { readonly own: string }): void {
    const executable = this.#calls.readLink(`${own}/exe`) ?? "";
    const key = `${call}\0${path}\0${executable}`;
    if (this.#told.has(key)) return;
    if (this.#told.size >= limits.attempts) {
      this.#more += 1;
      return;
    }
    this.#told.add(key);
    this.#given.tell({ call, path: shown(path), pid: numbers()?.process, executable: shown(executable) });
  }
}

function release(descriptor: number): undefined {
  closeSync(descriptor);
  return undefined;
}
