// Directories watched through inotify, and the floods in which the kernel drops what it cannot queue. libuv does not pass
// on that it did, so what is delivered is counted: whatever was dropped, the queue was full then, and all of it comes in
// one go. Past half of what a queue holds everything is let go of, which also ends the flood, and it is for the owner to
// look everywhere anew. Enters: names from the kernel, *attacker-controlled*.

import { type FSWatcher, readFileSync, watch } from "node:fs";
import { limits } from "./limits.ts";
import { kernelPath, nameOf } from "./raw-names.ts";

export interface Watched {
  readonly seen: (directory: string, name: string, kind: string) => void;
  /** Nothing is watched any more: more may have happened than was told. */
  readonly flooded: () => void;
}

/** All watches of a process share one queue. */
const queue = { delivered: 0, owners: new Set<Watches>() };

export class Watches {
  readonly #root: string;
  readonly #watched: Watched;
  readonly #open = new Map<string, FSWatcher>();
  /** Left, and not closed yet. */
  readonly #left = new Set<FSWatcher>();

  constructor(root: string, watched: Watched) {
    this.#root = root;
    this.#watched = watched;
    queue.owners.add(this);
  }

  get size(): number {
    return this.#open.size;
  }

  has(directory: string): boolean {
    return this.#open.has(directory);
  }

  /** Throws where the kernel does not watch it. */
  open(directory: string): void {
    const options = { persistent: false, encoding: "buffer" } as const;
    const watcher = watch(kernelPath(`${this.#root}/${directory}`), options, (kind, name) => {
      count();
      if (this.#open.get(directory) === watcher && name !== null) this.#watched.seen(directory, nameOf(name), kind);
    });
    // gone, or the kernel has no more watches: the sweep at the end looks all the same
    watcher.on("error", () => this.leave(directory));
    this.#open.set(directory, watcher);
  }

  /** With what is below. What is queued of it already is still counted: closed at once, a flood could hide behind it. */
  leave(directory: string): void {
    if (!this.#open.has(directory)) return;
    const left: FSWatcher[] = [];
    for (const [path, watcher] of this.#open) {
      if (path !== directory && !path.startsWith(`${directory}/`)) continue;
      this.#open.delete(path);
      this.#left.add(watcher);
      left.push(watcher);
    }
    const close = (): void => {
      for (const watcher of left) if (this.#left.delete(watcher)) watcher.close();
    };
    setImmediate(() => setImmediate(close));
  }

  flooded(): void {
    this.#closeAll();
    this.#watched.flooded();
  }

  close(): void {
    queue.owners.delete(this);
    this.#closeAll();
  }

  #closeAll(): void {
    for (const watcher of [...this.#open.values(), ...this.#left]) watcher.close();
    this.#open.clear();
    this.#left.clear();
  }
}

function count(): void {
  // what the kernel has queued is delivered before anything else gets its turn
  if (queue.delivered === 0) setImmediate(() => (queue.delivered = 0));
  queue.delivered += 1;
  if (queue.delivered !== bound()) return;
  for (const owner of queue.owners) owner.flooded();
}

let known: number | undefined;

/** Half of it: the margin for what is counted once and queued twice. */
function bound(): number {
  known ??= Math.max(2, Math.floor(queued() / 2));
  return known;
}

function queued(): number {
  try {
    return Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8")) || limits.queuedEvents;
  } catch {
    return limits.queuedEvents;
  }
}
