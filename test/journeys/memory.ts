// What a running process holds, searched from outside through /proc: its memory, environment and arguments, and the files
// it can see. Needs to be the same user (or root). Values in; which of them were found out.

import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";

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

/** Of a process that ends meanwhile: what it held until then. */
export function searchProcess(pid: number, forms: ReadonlyMap<string, Buffer>): Searched {
  const found = new Set<string>();
  let bytes = 0;
  whileThere(pid, () =>
    readProcess(pid, (chunk) => {
      bytes += chunk.length;
      for (const [name, form] of forms) if (chunk.includes(form)) found.add(name);
    }),
  );
  return { found, bytes };
}

/** Undefined where the process ended meanwhile: tools start short ones all the time. */
export function whileThere<Value>(pid: number, work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (existsSync(`/proc/${pid}/maps`)) throw error;
    return undefined;
  }
}

/** Each variable ended by a NUL; empty where the process is gone. */
export const environmentOf = (pid: number): string =>
  whileThere(pid, () => readFileSync(`/proc/${pid}/environ`, "latin1")) ?? "";

/** All of a process that can be read, piece by piece: the environment, the arguments, every mapping. */
export function readProcess(pid: number, look: (chunk: Buffer) => void): void {
  for (const name of ["environ", "cmdline"]) look(readFileSync(`/proc/${pid}/${name}`));
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const pages = openSync(`/proc/${pid}/pagemap`, "r");
  for (const [from, to] of mappingsOf(pid)) readRange({ memory, pages }, { from, to }, look);
  closeSync(memory);
  closeSync(pages);
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
const pageSize = 4096;

interface Process {
  readonly memory: number;
  readonly pages: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function readRange({ memory, pages }: Process, range: Range, look: (chunk: Buffer) => void): void {
  for (const { from, to } of touchedIn(pages, range)) {
    for (let at = from; at < to; at += step - overlap) {
      const chunk = Buffer.allocUnsafe(Math.min(step, to - at));
      try {
        look(chunk.subarray(0, readSync(memory, chunk, 0, chunk.length, at)));
      } catch {
        // a page nobody can read, such as a guard
      }
    }
  }
}

/**
 * proc_pid_pagemap(5): runs of pages in memory or swapped out. Runtimes reserve 64 GB and more that nobody ever wrote to, and
 * to read a page is to make it, so what is there is asked before anything is read.
 */
function touchedIn(pages: number, { from, to }: Range): readonly Range[] {
  const runs: Range[] = [];
  const entries = Buffer.alloc(64 << 10);
  let open: number | undefined;
  for (let page = from / pageSize; page < to / pageSize; page += entries.length / 8) {
    const count = Math.min(entries.length / 8, to / pageSize - page);
    const read = readSync(pages, entries, 0, count * 8, page * 8) / 8;
    for (let at = 0; at < read; at += 1) {
      const there = ((entries[at * 8 + 7] ?? 0) & 0xc0) !== 0;
      if (there) open ??= page + at;
      else if (open !== undefined) {
        runs.push({ from: open * pageSize, to: (page + at) * pageSize });
        open = undefined;
      }
    }
  }
  if (open !== undefined) runs.push({ from: open * pageSize, to });
  return runs;
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
