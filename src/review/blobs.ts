// Contents out of the private store, one after the other through one git process. Enters: object names (ours); leaves:
// bytes, or undefined where the store has lost them.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { gitEnvironment, gitSettings } from "./git.ts";
import { limits } from "./limits.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";

export class Blobs implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #ended: Promise<void>;
  readonly #deadline: NodeJS.Timeout;
  #pending: Buffer = Buffer.alloc(0);

  constructor(store: ObjectStore) {
    const place = placeOf(store);
    this.#child = spawn("git", [...gitSettings(), "cat-file", "--batch"], {
      cwd: store.directory,
      env: gitEnvironment(place),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdin.on("error", () => undefined);
    this.#child.stderr.resume();
    this.#ended = new Promise((settle) => {
      this.#child.on("error", () => settle());
      this.#child.on("close", () => settle());
    });
    this.#chunks = this.#child.stdout[Symbol.asyncIterator]();
    this.#deadline = setTimeout(() => this.#child.kill("SIGKILL"), limits.gitMilliseconds);
  }

  /** One at a time. `<object> <type> <size>` LF `<contents>` LF (git-cat-file, batch output). */
  async read(object: string): Promise<Buffer | undefined> {
    if (!/^[0-9a-f]{40}$/.test(object)) return undefined;
    this.#deadline.refresh();
    this.#child.stdin.write(`${object}\n`);
    const head = (await this.#until((bytes) => bytes.indexOf(10) + 1))?.toString();
    const size = /^[0-9a-f]{40} blob (\d+)\n$/.exec(head ?? "")?.[1];
    if (size === undefined) return undefined;
    const body = await this.#until((bytes) => (bytes.length > Number(size) ? Number(size) + 1 : 0));
    return body?.subarray(0, -1);
  }

  /** Reads on until `end` says where the piece ends; undefined where the process ended first. */
  async #until(end: (bytes: Buffer) => number): Promise<Buffer | undefined> {
    const parts = [this.#pending];
    for (;;) {
      const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts.splice(0));
      const length = end(bytes);
      if (length > 0) {
        this.#pending = bytes.subarray(length);
        return bytes.subarray(0, length);
      }
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      parts.splice(0, parts.length, bytes, next.value);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
    clearTimeout(this.#deadline);
  }
}
