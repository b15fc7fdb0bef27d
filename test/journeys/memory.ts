// What a running process holds, searched from outside through /proc: its memory, environment and arguments, and the files
// it can see. Needs to be the same user (or root). Values in; which of them were found out.

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";

/** A value in the forms a program may hold it in. */
export function formsOf(value: string): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(value);
  const base64 = (before: number): string => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // whole characters of the value alone, whatever stands before and after it
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  };
  const forms: [string, string | Buffer][] = [
    ["plain", bytes],
    ["utf16", Buffer.from(value, "utf16le")],
    ["base64", base64(0)],
    ["base64+1", base64(1)],
    ["base64+2", base64(2)],
    ["hex", bytes.toString("hex")],
    ["HEX", bytes.toString("hex").toUpperCase()],
    ["reversed", Buffer.from(bytes).reverse()],
  ];
  return new Map(forms.map(([name, form]) => [name, Buffer.from(form)]));
}

/** Every process below this one, itself not. */
export function descendantsOf(pid: number): readonly number[] {
  return listOf(`/proc/${pid}/task`).flatMap((thread) =>
    (textOf(`/proc/${pid}/task/${thread}/children`) ?? "")
      .split(" ")
      .filter(Boolean)
      .flatMap((child) => [Number(child), ...descendantsOf(Number(child))]),
  );
}

export interface Searched {
  readonly found: ReadonlySet<string>;
  readonly bytes: number;
}

/** All of a process that can be read: every mapping, the environment, the arguments. */
export function searchProcess(pid: number, forms: ReadonlyMap<string, Buffer>): Searched {
  const found = new Set<string>();
  let bytes = 0;
  const look = (chunk: Buffer): void => {
    bytes += chunk.length;
    for (const [name, form] of forms) if (chunk.includes(form)) found.add(name);
  };
  for (const name of ["environ", "cmdline"]) look(readFileSync(`/proc/${pid}/${name}`));
  const memory = openSync(`/proc/${pid}/mem`, "r");
  for (const [from, to] of mappingsOf(pid)) readRange(memory, { from, to }, look);
  closeSync(memory);
  return { found, bytes };
}

/** Readable ones, but for pages of unchanged files, which are files, and those of the kernel. */
function mappingsOf(pid: number): readonly [number, number][] {
  return readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .flatMap((line): [number, number][] => {
      const [, from = "", to = "", flags = "", inode = "", name = ""] =
        /^(\w+)-(\w+) (\S{4}) \w+ \S+ (\d+) *(.*)$/.exec(line) ?? [];
      const unchanged = inode !== "0" && flags[1] !== "w";
      if (flags[0] !== "r" || unchanged || /^\[v(?:var|syscall)/.test(name)) return [];
      return [[Number.parseInt(from, 16), Number.parseInt(to, 16)]];
    });
}

const step = 4 << 20;
const overlap = 4096;

function readRange(memory: number, range: { from: number; to: number }, look: (chunk: Buffer) => void): void {
  for (let at = range.from; at < range.to; at += step - overlap) {
    const chunk = Buffer.allocUnsafe(Math.min(step, range.to - at));
    try {
      look(chunk.subarray(0, readSync(memory, chunk, 0, chunk.length, at)));
    } catch {
      // a page nobody can read, such as a guard
    }
  }
}

/** Paths, from the process's own root, of files at or below `tops` that hold one of the forms. */
export function searchFiles(
  root: string,
  tops: readonly string[],
  forms: ReadonlyMap<string, Buffer>,
): readonly string[] {
  return tops.flatMap((top) => {
    const path = `${root}${top}`;
    const kind = linkOf(path) === undefined ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (kind?.isDirectory())
      return searchFiles(
        root,
        listOf(path).map((name) => `${top === "/" ? "" : top}/${name}`),
        forms,
      );
    if (!kind?.isFile() || kind.size > 64 << 20) return [];
    const bytes = contentOf(path);
    return bytes !== undefined && [...forms.values()].some((form) => bytes.includes(form)) ? [top] : [];
  });
}

function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const listOf = (path: string): readonly string[] => attempt(() => readdirSync(path)) ?? [];
const textOf = (path: string): string | undefined => attempt(() => readFileSync(path, "utf8"));
const linkOf = (path: string): string | undefined => attempt(() => readlinkSync(path));
const contentOf = (path: string): Buffer | undefined => attempt(() => readFileSync(path));
