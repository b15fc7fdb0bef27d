// What the proof's program inside is told to try, and what it says of it. It stands alone there and imports nothing of ours
// but these types, which are gone when it runs. Its answers say that something was tried and how the kernel answered, and
// never that it failed: that is seen from outside.

export interface Order {
  /** Of the command line outside: where the program is in it itself, nothing stands around it. */
  readonly outside: string | undefined;
  /** In a place that somebody else built, whose home and processes are others' too. */
  readonly foreign: boolean;
  /** In the arguments of every process of the proof, in every name and path it asks for: random. */
  readonly mark: string;
  /** Where it is to tell, in the first that can be written. */
  readonly folders: readonly string[];
  /** Read; what was in them is left there, where the machine outside looks for it. */
  readonly reads: readonly Aim[];
  /** Read, and only an HMAC under the mark is left: a person's own secret is never copied. */
  readonly digests: readonly Aim[];
  /** Written, made where they are missing. */
  readonly writes: readonly Aim[];
  /** Written, with the directories above them. */
  readonly fresh: readonly Aim[];
  /** Opened for writing and held; not a byte is written. */
  readonly opens: readonly Aim[];
  /** Control files that are there, and files that are hidden or masked: written, replaced by another, taken away. */
  readonly replaced: readonly Aim[];
  /** Given a setuid bit. */
  readonly setuid: readonly Aim[];
  readonly programs: readonly (Tried & { readonly words: readonly string[] })[];
  readonly names: readonly (Tried & { readonly name: string })[];
  readonly places: readonly (Tried & Endpoint)[];
  readonly datagrams: readonly (Tried & Endpoint)[];
  readonly requests: readonly Asked[];
  /** Unix sockets; a leading NUL: abstract. */
  readonly sockets: readonly Aim[];
  readonly calls: readonly Tried[];
  /** A process of the machine outside. */
  readonly stranger: number;
}

export interface Tried {
  readonly id: string;
}

export interface Aim extends Tried {
  readonly path: string;
}

interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

export interface Asked extends Tried {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly method: string;
  readonly path: string;
}

/** By the attempt's id: `ok`, or how it was answered (`EROFS`, `status 403`). */
export type Report = Readonly<Record<string, string>>;
