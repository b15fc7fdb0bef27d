// What is fuzzed: one parser of hostile bytes, and what must hold of it whatever it is given.

/** Said of an input by what it was made of it; a new word makes an input worth keeping, as new code does. */
export type Outcome = string;

export interface Target {
  /** Well-formed beginnings; the corpus grows from these. */
  readonly seeds: readonly Buffer[];
  /** Pieces worth putting in where they have never been seen. */
  readonly words?: readonly (string | Buffer)[];
  /** Bytes an input may have. */
  readonly longest?: number;
  /** Throws where something that must hold does not. */
  readonly run: (bytes: Buffer) => Outcome | Promise<Outcome>;
  /** Gives back what it opened. */
  readonly close?: () => Promise<void>;
}

/** Cuts of so many bytes each: whatever reads a stream must not care where it is cut. */
export function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** UTF-16 of what may begin anywhere: Node 24.21 writes past its memory where octets of an odd number stand at an odd place. */
export const wide = (bytes: Buffer): string => Buffer.from(bytes.subarray(0, bytes.length & ~1)).toString("utf16le");
