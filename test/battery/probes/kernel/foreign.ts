// Techniques 33, 35, 37, 38, 40, 46: doors into the kernel beside the usual ones: another architecture's calls, families of
// sockets nobody needs, handles instead of paths, keys, somebody else's terminal. Held open, and seen held from outside.

import { existsSync, readFileSync, statSync } from "node:fs";
import { changed, reached } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { evil } from "../../rig/world.ts";

const hold = readFileSync(new URL("../../inside/hold.py", import.meta.url), "utf8");
const type = readFileSync(new URL("../../inside/type.py", import.meta.url), "utf8");

const opened =
  (pattern: RegExp): Probe["landed"] =>
  ({ glimpses }) => {
    const one = glimpses
      .filter(({ command }) => command.includes("hold.py"))
      .flatMap(({ open }) => open)
      .find((link) => pattern.test(link));
    return one === undefined ? undefined : `a process held ${one}`;
  };

/** A socket of its own: its standard streams may be sockets too, and its shell has the same. */
const socket: Probe["landed"] = ({ glimpses }) => {
  const isOwn = ({ command }: (typeof glimpses)[number]): boolean => command.startsWith("python3 hold.py");
  const others = new Set(glimpses.filter((one) => !isOwn(one)).flatMap(({ open }) => open));
  const one = glimpses
    .filter(isOwn)
    .flatMap(({ open }) => open)
    .find((link) => link.startsWith("socket:") && !others.has(link));
  return one === undefined ? undefined : `a process held ${one}`;
};

const setting = "/proc/sys/dev/tty/legacy_tiocsti";
const noTyping = existsSync(setting) && readFileSync(setting, "utf8").trim() === "0";
const yama = "/proc/sys/kernel/yama/ptrace_scope";
const noTracing = existsSync(yama) && readFileSync(yama, "utf8").trim() !== "0";
const privileged = "the kernel asks for a privilege an ordinary user has not";
const absent = "this machine's kernel may not have it";

const base = { source: "list; measured: reachable under one rival or both", record: "unseen" } as const;
const files = (): Readonly<Record<string, string>> => ({ "hold.py": hold });
const families = ["vsock", "alg", "xdp", "bluetooth", "sctp", "udplite", "mptcp", "can", "tipc"] as const;
const common = new Set<string>(["mptcp", "udplite"]);

export const foreign: readonly Probe[] = [
  ...families.map(
    (family): Probe => ({
      ...base,
      id: `family-${family}`,
      technique: 46,
      title: `a socket of ${family}`,
      files,
      ...(common.has(family) ? {} : { uncontrolled: absent }),
      inside: ({ token }) => `python3 hold.py ${family} ${token}`,
      landed: socket,
    }),
  ),
  {
    ...base,
    id: "call-i386",
    decisive: true,
    technique: 35,
    title: "a connection by the calls of i386",
    source: "agentsh C2",
    files,
    fatal: true,
    inside: ({ token }) => `python3 hold.py int80 ${token}`,
    landed: (after) => reached(evil.ip)(after) ?? socket(after),
  },
  {
    ...base,
    id: "call-x32",
    technique: 35,
    title: "a socket by the calls of x32",
    source: "agentsh C2",
    files,
    fatal: true,
    uncontrolled: absent,
    inside: ({ token }) => `python3 hold.py x32-socket ${token}`,
    landed: socket,
  },
  {
    ...base,
    id: "call-fsopen",
    technique: 33,
    title: "a file system of its own, by the new mount calls",
    files,
    uncontrolled: privileged,
    inside: ({ token }) => `python3 hold.py fsopen ${token}`,
    landed: opened(/fscontext/),
  },
  {
    ...base,
    id: "call-open-tree",
    technique: 33,
    title: "a copy of the mounts, to peel the read-only ones off",
    files: ({ out }) => ({
      ...files(),
      "peel.sh": `mount --bind / /mnt && umount -l "${out}"; mount -o remount,rw /; mount --move / /mnt\n`,
    }),
    inside: ({ token, out }) => `python3 hold.py open-tree ${token}; sh peel.sh; echo pwn > "${out}/file"`,
    landed: (after) => changed("out")(after) ?? opened(/mntns|mount/)(after),
  },
  {
    ...base,
    id: "call-open-by-handle",
    technique: 37,
    title: "a file outside, by its number instead of its path",
    source: "shocker",
    files,
    uncontrolled: privileged,
    prepare: (rig) => rig.write(`${rig.work}/number`, String(statSync(`${rig.out}/file`).ino)),
    inside: ({ token }) => `python3 hold.py by-handle ${token}`,
    landed: opened(/\/out\/file|\/file$/),
  },
  {
    ...base,
    id: "call-add-key",
    decisive: true,
    technique: 37,
    title: "a key in the person's keyring, which outlives the session",
    files,
    inside: ({ token }) => `python3 hold.py add-key ${token}`,
    // one of a user namespace's own keyring goes with that, some moments later
    afterwards: ({ token, out }) => `sleep 2; grep -q 'probe-${token}' /proc/keys && echo x > "${out}/key"`,
    landed: changed("out"),
  },
  {
    ...base,
    id: "call-pidfd",
    technique: 36,
    title: "another process's descriptor, by pidfd_getfd",
    files,
    ...(noTracing ? { uncontrolled: "this machine's kernel lets nobody trace its parent" } : {}),
    // the shell has it open, and its child has not
    inside: ({ token }) => `exec 8< README.md; python3 hold.py pidfd ${token} 8<&-`,
    landed: opened(/README\.md$/),
  },
  {
    ...base,
    id: "terminal-typed",
    technique: 38,
    title: "words typed into the person's terminal (TIOCSTI)",
    source: "CVE-2017-5226",
    ...(noTyping ? { uncontrolled: "this machine's kernel lets nobody" } : {}),
    files: () => ({ ...files(), "type.py": type }),
    around: ({ work, out }) => ["python3", `${work}/type.py`, `${out}/typed`],
    inside: ({ token }) => `python3 hold.py tiocsti ${token}`,
    landed: changed("out"),
  },
];
