// The process table, looked at from outside: every process of a proof, what it holds open, in which user namespace it is.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

export interface Glimpse {
  readonly pid: number;
  readonly words: readonly string[];
  /** `anon_inode:bpf-map`, `/etc/passwd`; `writable` where it was opened so. */
  readonly open: readonly { readonly link: string; readonly writable: boolean }[];
  readonly userNamespace: string;
  readonly traced: boolean;
  /** By the kernel's own tables: `packet`, `raw`, `netlink 12`. */
  readonly sockets: readonly string[];
  /** Lines of proc(5)'s mountinfo. */
  readonly mounts: readonly string[];
  /** Undefined where it cannot be read. */
  readonly environment: string | undefined;
}

/** Every process that has this word among its own; bubblewrap, which was told the whole command, is none of them. */
export function look(mark: string): readonly Glimpse[] {
  return living(mark)
    .flatMap((pid) => glimpse(pid) ?? [])
    .filter(({ words }) => basename(words[0] ?? "") !== "bwrap");
}

export function living(mark: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && wordsOf(name).includes(mark))
    .map(Number);
}

function wordsOf(pid: number | string): readonly string[] {
  return (text(`/proc/${pid}/cmdline`) ?? "").split("\0").filter((word) => word !== "");
}

/** It may end while it is looked at. */
function glimpse(pid: number): Glimpse | undefined {
  const own = `/proc/${pid}`;
  try {
    const open = readdirSync(`${own}/fd`).flatMap((fd) => {
      const link = linkOf(`${own}/fd/${fd}`);
      const flags = Number.parseInt(/^flags:\s+(\d+)/m.exec(text(`${own}/fdinfo/${fd}`) ?? "")?.[1] ?? "0", 8);
      return link === undefined ? [] : [{ link, writable: (flags & 3) !== 0 }];
    });
    return {
      pid,
      words: wordsOf(pid),
      open,
      userNamespace: linkOf(`${own}/ns/user`) ?? "",
      traced: !/^TracerPid:\t0$/m.test(readFileSync(`${own}/status`, "utf8")),
      sockets: socketsOf(
        own,
        open.map(({ link }) => link),
      ),
      mounts: (text(`${own}/mountinfo`) ?? "").split("\n"),
      environment: text(`${own}/environ`),
    };
  } catch {
    return undefined;
  }
}

/** In which of proc(5)'s tables its sockets stand, by their inodes. */
function socketsOf(own: string, open: readonly string[]): readonly string[] {
  const inodes = new Set(open.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  return ["packet", "raw", "netlink"].flatMap((table) =>
    (text(`${own}/net/${table}`) ?? "")
      .split("\n")
      .slice(1)
      .map((row) => row.trim().split(/\s+/))
      .filter((fields) => fields.some((field) => inodes.has(field)))
      .map((fields) => (table === "netlink" ? `netlink ${fields[1]}` : table)),
  );
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
