// /proc inside: of the inner process namespace, with what is not about its processes covered. Where the kernel gives no
// such one, no process is shown at all: an empty directory, with the few files of this system's own that many programs
// read and that tell of no process. Never a directory of this system's /proc that leads to one.

import { existsSync, statSync } from "node:fs";
import type { Proc } from "../entrance.ts";
import { outerProc } from "../outer-proc.ts";
import type { Arguments } from "./arguments.ts";

export function addProc(args: Arguments, proc: Proc): void {
  if (proc === "fresh") addFresh(args);
  else addFew(args);
}

function addFresh(args: Arguments): void {
  // bubblewrap covers what access(2) calls writable; to the real root's id the files below are writable all the same,
  // and /proc/sys/kernel/core_pattern names a program that the host runs as root
  args.add("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys");
  for (const name of Object.keys(covered)) {
    const path = `/proc/${name}`;
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) args.add("--tmpfs", path, "--remount-ro", path);
    else if (found !== undefined) args.add("--ro-bind", "/dev/null", path);
  }
  // the real root's id owns what is not about a process, and a mode changed here is changed for the whole machine
  args.add("--remount-ro", "/proc");
}

function addFew(args: Arguments): void {
  args.add("--perms", "0555", "--tmpfs", "/proc");
  for (const name of Object.keys(few)) {
    if (existsSync(`/proc/${name}`)) args.add("--ro-bind", `${outerProc}/${name}`, `/proc/${name}`);
  }
  args.add("--remount-ro", "/proc");
}

/**
 * Shown where there is no /proc of the inside, each with who reads it. A name is never a number, `self` or `thread-self`,
 * never `net`, `mounts` or anything else that leads through one of these, and never above such a thing.
 */
const few: Readonly<Record<string, string>> = {
  cpuinfo: "what the processors can: Node's os.cpus, compilers, builds",
  filesystems: "which file systems there are",
  loadavg: "Node's os.loadavg, make -l",
  meminfo: "how much memory: Node's os.freemem, builds, databases",
  stat: "how many processors and how busy: Node's os.cpus, the C library",
  "sys/fs/file-max": "how many files may be open",
  "sys/fs/inotify": "how many watches: file watchers explain their failure by it",
  "sys/fs/nr_open": "how many files may be open",
  "sys/fs/pipe-max-size": "how large a pipe may be",
  "sys/kernel": "versions, random numbers, sizes of shared memory; names are those of the inside",
  "sys/net": "the inside's own network: how many connections a listener may keep",
  "sys/vm": "how memory is given out: databases, Go, Java",
  uptime: "since when the machine runs",
  version: "which kernel this is",
};

/** About the machine, not about processes. As root inside a user namespace some would even be writable. */
const covered: Readonly<Record<string, string>> = {
  acpi: "hardware",
  asound: "hardware",
  driver: "hardware",
  fs: "file systems of the host",
  kallsyms: "addresses of the kernel",
  kcore: "memory of the kernel",
  keys: "keyrings are not namespaced",
  "key-users": "keyrings are not namespaced",
  kmsg: "the kernel's log",
  kpagecgroup: "memory of the machine",
  kpagecount: "memory of the machine",
  kpageflags: "memory of the machine",
  latency_stats: "other people's programs",
  modules: "addresses of the kernel",
  mtrr: "hardware",
  pressure: "load of the host, and to the real root's id writable",
  sched_debug: "other people's programs",
  scsi: "hardware",
  slabinfo: "memory of the kernel",
  "sysrq-trigger": "stops the machine",
  timer_list: "other people's programs",
  vmallocinfo: "addresses of the kernel",
};
