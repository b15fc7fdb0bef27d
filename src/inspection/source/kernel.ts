// The kernel (kernel/, AssemblyScript) in this thread: made when it is first needed, then there as long as the thread. Its memory
// never grows.

import { kernelModule } from "./kernel-module.ts";

/** As kernel/kernel.ts exports it. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly begin: (seed: number) => void;
  readonly read: (length: number, last: number) => number;
  readonly isWritten: (line: number, shape: number) => number;
}

export interface Kernel extends Pick<Exports, "begin" | "read" | "isWritten"> {
  readonly octets: (place: Place, count: number) => Buffer<ArrayBuffer>;
  readonly halves: (place: Place, count: number) => Uint16Array;
  readonly words: (place: Place, count: number) => Uint32Array;
  /** Octets of its memory, and where the last of what lies there ends. */
  readonly memory: number;
  readonly behind: number;
}

/** Where something lies in its memory. */
type Place =
  | `${"told" | "octets" | "leaving" | "letters" | "text" | "plain" | "begins" | "starts" | "hashes"}At`
  | Rest;
type Rest = `${"shapes" | "marked" | "passages" | "places" | "lines"}At` | "end";

/** The types of the platform have none of this: lib.dom has, and a document with it. */
declare const WebAssembly: {
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

export function openKernel(): Kernel {
  const module = new WebAssembly.Module(Buffer.from(kernelModule, "base64"));
  const exports = new WebAssembly.Instance(module).exports as Exports & Readonly<Record<Place, { value: number }>>;
  const { begin, read, isWritten } = exports;
  const { buffer } = exports.memory;
  return {
    begin,
    read,
    isWritten,
    memory: buffer.byteLength,
    behind: exports.end.value,
    octets: (place, count) => Buffer.from(buffer, exports[place].value, count),
    halves: (place, count) => new Uint16Array(buffer, exports[place].value, count),
    words: (place, count) => new Uint32Array(buffer, exports[place].value, count),
  };
}
