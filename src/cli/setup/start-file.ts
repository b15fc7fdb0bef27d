// Our marked lines in a file that a shell reads at its start. The person's own bytes stay what and where they are: lines
// are appended, and cut off again where they are still the last; only from the middle is the file written anew. A link is
// followed and stays one.

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { blockBegin, blockEnd } from "./shell.ts";

/** A start file longer than this was not written by a person. */
const most = 4 * 1024 * 1024;

/** Why nothing should be written to it, or undefined. */
export function objectToWriting(file: string, uid: number): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined)
    return lstatSync(file, { throwIfNoEntry: false }) === undefined ? undefined : "it is a link to nothing";
  if (!found.isFile()) return "it is no file";
  if (found.uid !== uid) return "it belongs to somebody else";
  if ((found.mode & 0o200) === 0) return "it is write-protected";
  return found.size > most ? "it is unusually long" : undefined;
}

export type BlockState = "absent" | "present" | "changed";

/** `changed`: our marks are there, and not exactly these lines. */
export function findBlock(file: string, block: string): BlockState {
  const text = readStart(file);
  if (text === undefined) return "absent";
  if (placeOf(text, block) !== undefined) return "present";
  return [blockBegin, blockEnd].some((mark) => text.includes(bytes(mark))) ? "changed" : "absent";
}

export interface Appended {
  /** There was no file. */
  readonly created: boolean;
  /** Its last line had no end, and was given one. */
  readonly joined: boolean;
}

/** What appending would do. */
export function foresee(file: string): Appended {
  const text = readStart(file);
  return { created: text === undefined, joined: text !== undefined && text !== "" && !text.endsWith("\n") };
}

/** At the end, for what comes before it may put other directories first. */
export function appendBlock(file: string, block: string, { joined }: Appended): void {
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  try {
    writeSync(descriptor, `${joined ? "\n" : ""}${block}`);
  } finally {
    closeSync(descriptor);
  }
}

/** True where exactly that block was there, and is no more. */
export function takeBlock(file: string, block: string, { created, joined }: Appended): boolean {
  const text = readStart(file);
  const at = text === undefined ? undefined : placeOf(text, block);
  if (text === undefined || at === undefined) return false;
  const after = text.slice(at + bytes(block).length);
  if (after !== "") replace(file, text.slice(0, at) + after);
  else if (created && at === 0) rmSync(file);
  else cutTo(file, joined ? at - 1 : at, text.length);
  return true;
}

/** Where the block begins, at the beginning of a line. */
function placeOf(text: string, block: string): number | undefined {
  const at = text.indexOf(bytes(block));
  return at === 0 || text[at - 1] === "\n" ? at : undefined;
}

function cutTo(file: string, length: number, seen: number): void {
  const descriptor = openSync(file, constants.O_RDWR);
  try {
    if (fstatSync(descriptor).size === seen) ftruncateSync(descriptor, length);
    else throw new Error(`${file} was written to at the same moment`);
  } finally {
    closeSync(descriptor);
  }
}

/** Whole or not at all. */
export function replace(file: string, text: string): void {
  const place = realpathSync(file);
  const next = `${place}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(next, text, { encoding: "latin1", flag: "wx", mode: 0o600 });
    chmodSync(next, statSync(place).mode & 0o7777);
    renameSync(next, place);
  } finally {
    rmSync(next, { force: true });
  }
}

/** Bytes as characters of the same number: whatever they mean, they come back as they were. */
function readStart(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(file, "latin1");
}

function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
