// Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root enter, the signed note's text leaves; hostile text
// enters and its origin, size and root leave. Refuses sizes with leading zeros or beyond 2^53, roots that are not 32 bytes.

import { type Note, parseBase64, parseNote } from "./note.ts";
import { hashBytes } from "./tree.ts";

/** A head of the log: how many entries, and the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString("base64")}\n`;
}

/** Extension lines are read over: other logs may carry them, ours never do. */
export function parseCheckpoint(text: string): (Checkpoint & { readonly note: Note }) | undefined {
  const note = parseNote(text);
  if (note === undefined) return undefined;
  const [origin, sizeText, rootText] = note.text.split("\n");
  if (origin === undefined || origin === "" || sizeText === undefined || rootText === undefined) return undefined;
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(sizeText)) return undefined;
  const size = Number(sizeText);
  const root = parseBase64(rootText);
  if (!Number.isSafeInteger(size) || root === undefined || root.length !== hashBytes) return undefined;
  return { origin, size, root, note };
}
