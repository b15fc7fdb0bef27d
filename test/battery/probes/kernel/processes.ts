// Techniques 16 to 19, 30, 39, 74, 80: what is left behind or reached by way of processes, /proc and special files.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { changed } from "../../oracles.ts";
import type { After, Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";

const outlived = ({ left }: After): string | undefined =>
  left.length > 0 ? `${left.length} processes outlived the target` : undefined;

const base = { source: "list", record: "unseen" } as const;

/** A file of the checkout has one of these bits of its mode. */
const hasBits =
  (name: string, bits: number): Probe["landed"] =>
  ({ rig }) => {
    const stats = lstatSync(`${rig.work}/${name}`, { throwIfNoEntry: false });
    return stats !== undefined && (stats.mode & bits) !== 0
      ? `${name} has mode ${(stats.mode & 0o7777).toString(8)}`
      : undefined;
  };

const pattern = "/proc/sys/kernel/core_pattern";
const piped = existsSync(pattern) && readFileSync(pattern, "utf8").startsWith("|");

/** By token: a process of the person's, outside. */
const bystanders = new Map<string, ChildProcess>();

const startBystander = ({ person }: Rig): ChildProcess =>
  spawn("sleep", ["100"], { stdio: "ignore", ...(process.getuid?.() === 0 ? person : {}) });

export const processes: readonly Probe[] = [
  {
    ...base,
    id: "outlive-setsid",
    technique: 74,
    title: "a process of its own session, left behind",
    decisive: true,
    inside: ({ token }) => `setsid nohup bash -c 'sleep 30; : ${token}' > /dev/null 2>&1 & sleep 0.2`,
    landed: outlived,
  },
  {
    ...base,
    id: "outlive-double-fork",
    technique: 74,
    title: "a process forked twice, its parent gone",
    inside: ({ token }) =>
      `python3 -c 'import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 64)
        time.sleep(30)
    os._exit(0)' ${token}; sleep 0.2`,
    landed: outlived,
  },
  {
    ...base,
    id: "setuid-bit",
    technique: 16,
    title: "a program of the checkout made setuid",
    decisive: true,
    inside: () => "cp /bin/true suid; chmod u+s suid",
    landed: hasBits("suid", 0o4000),
  },
  {
    ...base,
    id: "setgid-bit",
    technique: 16,
    title: "a program of the checkout made setgid",
    inside: () => "cp /bin/true sgid; chmod g+s sgid",
    landed: hasBits("sgid", 0o2000),
  },
  {
    ...base,
    id: "device-node",
    technique: 17,
    title: "a device node in the checkout",
    uncontrolled: "mknod of a device asks for a privilege an ordinary user has not",
    inside: () => "mknod disk b 8 0; mknod mem c 1 1",
    landed: ({ rig }) =>
      ["disk", "mem"].some((name) => {
        const stats = lstatSync(`${rig.work}/${name}`, { throwIfNoEntry: false });
        return stats?.isBlockDevice() === true || stats?.isCharacterDevice() === true;
      })
        ? "a device node lies in the checkout"
        : undefined,
  },
  {
    ...base,
    id: "tmp-shared",
    technique: 18,
    title: "a file in the machine's /tmp",
    inside: ({ token }) => `echo x > /tmp/probe-${token}`,
    landed: ({ rig }) => (existsSync(`/tmp/probe-${rig.token}`) ? "a file lies in /tmp" : undefined),
  },
  {
    ...base,
    id: "var-tmp-shared",
    technique: 18,
    title: "a file in the machine's /var/tmp",
    inside: ({ token }) => `echo x > /var/tmp/probe-${token}`,
    landed: ({ rig }) => (existsSync(`/var/tmp/probe-${rig.token}`) ? "a file lies in /var/tmp" : undefined),
  },
  {
    ...base,
    id: "shm-shared",
    technique: 18,
    title: "a file in the machine's shared memory",
    inside: ({ token }) => `echo x > /dev/shm/probe-${token}`,
    landed: ({ rig }) => (existsSync(`/dev/shm/probe-${rig.token}`) ? "a file lies in /dev/shm" : undefined),
  },
  {
    ...base,
    id: "proc-self-root",
    technique: 19,
    title: "a place outside by way of /proc/self/root",
    decisive: true,
    inside: ({ out }) => `echo pwn > "/proc/self/root${out}/file"`,
    landed: changed("out"),
  },
  {
    ...base,
    id: "proc-1-root",
    technique: 19,
    title: "a place outside by way of process 1",
    uncontrolled: "process 1 belongs to somebody else",
    inside: ({ out }) => `echo pwn > "/proc/1/root${out}/file"; echo pwn > "/proc/1/cwd${out}/file"`,
    landed: changed("out"),
  },
  {
    ...base,
    id: "proc-parent-cwd",
    technique: 19,
    title: "a place outside by way of every process there is",
    inside: ({ out }) => `for p in /proc/[0-9]*; do echo pwn > "$p/root${out}/file"; done`,
    landed: changed("out"),
  },
  {
    ...base,
    id: "core-dump",
    technique: 39,
    title: "a core file of a process that holds secrets",
    inside: () => "ulimit -c unlimited; sleep 20 & sleep 0.2; kill -ABRT $!; wait",
    notHere: () => (piped ? "this machine gives core dumps to a program" : undefined),
    landed: ({ rig }) =>
      readdirSync(rig.work).some((name) => name.startsWith("core")) ? "a core file lies in the checkout" : undefined,
  },
  {
    ...base,
    id: "kill-all",
    technique: 30,
    title: "kill everything that can be killed",
    fatal: true,
    uncontrolled: "what it would end is the harness",
    notHere: ({ target }) => (target === "none" ? "what it would end is the harness" : undefined),
    prepare: (rig) => void bystanders.set(rig.token, startBystander(rig)),
    inside: () => "kill -9 -1",
    landed: ({ rig }) => {
      const bystander = bystanders.get(rig.token);
      const ended = bystander === undefined || bystander.exitCode !== null || bystander.signalCode !== null;
      bystander?.kill();
      return ended ? "a process of the person's was ended" : undefined;
    },
    // what holds the boundary must have outlived it, too: it was the tool that ended, and the record says so
    record: "telemetry",
    entry: ({ kind, sealed }) => kind === "session.stop" && JSON.stringify(sealed["exit"]).includes('"by":"tool"'),
  },
  {
    ...base,
    id: "hosts-rewritten",
    technique: 2,
    title: "/etc/hosts rewritten",
    uncontrolled: "it belongs to root",
    inside: ({ token }) => `echo "127.0.0.1 ${token}" >> /etc/hosts`,
    landed: ({ rig }) => (readFileSync("/etc/hosts", "utf8").includes(rig.token) ? "/etc/hosts is changed" : undefined),
  },
  {
    ...base,
    id: "kernel-setting",
    technique: 37,
    title: "the machine's core pattern written",
    decisive: true,
    uncontrolled: "it belongs to root",
    inside: ({ token }) => `echo "|/tmp/${token}" > ${pattern}`,
    landed: ({ rig }) =>
      readFileSync(pattern, "utf8").includes(rig.token) ? "the core pattern is changed" : undefined,
  },
];
