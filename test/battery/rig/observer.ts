// Looks at the process table from outside while a target runs: every process of the probe's user, what it holds open, in
// which namespaces it is. Ground truth for what a system call brought: a descriptor, a user namespace, a program's file.

import { readdirSync, readFileSync, readlinkSync, statfsSync } from "node:fs";

export interface Glimpse {
  readonly pid: number;
  /** Words joined by a space. */
  readonly command: string;
  /** `anon_inode:bpf-map`, `/memfd:x (deleted)`, `socket:[…]`. */
  readonly open: readonly string[];
  readonly executable: string;
  /** `user:[4026531837]`. */
  readonly userNamespace: string;
  /** Traced by another process. */
  readonly traced: boolean;
  /** Kinds of sockets it holds, by the kernel's own tables: `packet`, `raw`, `icmp`, `netlink 12`. */
  readonly sockets: readonly string[];
  /** How many processes its user may have, by its own limits; infinite where there is none. */
  readonly processes: number;
  /** File systems in memory that it may write to, each once. */
  readonly rooms: readonly Room[];
}

export interface Room {
  /** What it holds at most. */
  readonly bytes: number;
  readonly files: number;
}

/** Milliseconds between two looks. */
const pace = 15;

export class Observer {
  readonly #mark: string;
  readonly #seen = new Map<string, Glimpse>();
  readonly #timer: NodeJS.Timeout;

  /** `mark`: a word that every process of the probe has in its command. */
  constructor(mark: string) {
    this.#mark = mark;
    this.#timer = setInterval(() => this.#look(), pace);
  }

  end(): readonly Glimpse[] {
    this.#look();
    clearInterval(this.#timer);
    return [...this.#seen.values()];
  }

  #look(): void {
    for (const name of readdirSync("/proc")) {
      if (!/^[0-9]+$/.test(name)) continue;
      const glimpse = this.#glimpse(Number(name));
      if (glimpse !== undefined) this.#seen.set(JSON.stringify(glimpse), glimpse);
    }
  }

  /** A process may end while it is looked at. */
  #glimpse(pid: number): Glimpse | undefined {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
      if (!command.includes(this.#mark)) return undefined;
      const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`) ?? []);
      const executable = linkOf(`/proc/${pid}/exe`) ?? "";
      const traced = !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      const userNamespace = linkOf(`/proc/${pid}/ns/user`) ?? "";
      const bound = /^Max processes +(\d+) /m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1];
      const processes = bound === undefined ? Number.POSITIVE_INFINITY : Number(bound);
      // before it is the shell of the probe, its view is still being built
      const rooms = command.startsWith("bash ") ? roomsOf(pid) : [];
      const sockets = socketsOf(pid, open);
      return { pid, command, open, executable, userNamespace, traced, processes, sockets, rooms };
    } catch {
      return undefined;
    }
  }
}

/** proc(5), mountinfo: number of the file system, mount point, its own flags, after a dash the kind. */
function roomsOf(pid: number): readonly Room[] {
  const rooms = new Map<string, Room>();
  for (const line of readFileSync(`/proc/${pid}/mountinfo`, "utf8").trim().split("\n")) {
    const [, , device = "", , point = "", flags = ""] = line.split(" ");
    if (!/ - tmpfs /.test(line) || flags.split(",").includes("ro")) continue;
    const { bsize, blocks, files } = statfsSync(`/proc/${pid}/root${point}`);
    rooms.set(device, { bytes: bsize * blocks, files });
  }
  return [...rooms.values()];
}

/** Which of its sockets stand in these tables of proc(5); the inode is the last number but some. */
function socketsOf(pid: number, open: readonly string[]): readonly string[] {
  const own = new Set(open.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  return ["packet", "raw", "raw6", "icmp", "netlink"].flatMap((table) => {
    const rows = readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n").slice(1);
    return rows.flatMap((row) => {
      const fields = row.trim().split(/\s+/);
      const held = fields.some((field) => own.has(field));
      return held ? [table === "netlink" ? `netlink ${fields[1]}` : table] : [];
    });
  });
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Processes that are there now with this word in their command. */
export function living(mark: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}
