// Techniques 31 to 37, 46: what a process may ask of the kernel. It holds what it got, and the machine outside sees it
// held: a descriptor in /proc, another user namespace, a tracer.

import { readFileSync } from "node:fs";
import type { After, Probe } from "../../probe.ts";
import type { Glimpse } from "../../rig/observer.ts";

const hold = readFileSync(new URL("../../inside/hold.py", import.meta.url), "utf8");

type Landed = Probe["landed"];

/** Its command names the script: not the target's own, which has the shell's line among its words. */
const holds = ({ command }: Glimpse): boolean => command.includes("hold.py");

/** A process of the probe had such a descriptor. */
const descriptor =
  (pattern: RegExp): Landed =>
  ({ glimpses }) => {
    const one = glimpses
      .filter(holds)
      .flatMap(({ open }) => open)
      .find((link) => pattern.test(link));
    return one === undefined ? undefined : `a process held ${one}`;
  };

const socket =
  (kind: string): Landed =>
  ({ glimpses }) =>
    glimpses.some((one) => holds(one) && one.sockets.includes(kind))
      ? `a process held a socket of kind ${kind}`
      : undefined;

/** Some process of the probe is in another user namespace than the shell that began it. */
const namespace: Landed = ({ glimpses, rig }: After) => {
  const shell = glimpses.find(({ command }) => command.startsWith(`bash ${rig.mark}.sh`))?.userNamespace;
  const other = glimpses.find((one) => holds(one) && one.userNamespace !== shell);
  return shell === undefined || other === undefined ? undefined : `a process made itself ${other.userNamespace}`;
};

const traced: Landed = ({ glimpses }) =>
  glimpses.some((one) => holds(one) && one.traced) ? "a process was traced by another" : undefined;

interface Call {
  readonly id: string;
  readonly name: string;
  readonly technique: number;
  readonly title: string;
  readonly landed: Landed;
  readonly uncontrolled?: string;
}

const privileged = "the kernel asks for a privilege an ordinary user has not";

const calls: readonly Call[] = [
  {
    id: "call-unshare-user",
    name: "unshare-user",
    technique: 31,
    title: "a user namespace of its own",
    landed: namespace,
  },
  {
    id: "call-unshare-net",
    name: "unshare-user-net",
    technique: 31,
    title: "user and network namespaces of its own",
    landed: namespace,
  },
  { id: "call-clone-user", name: "clone-user", technique: 32, title: "clone into a user namespace", landed: namespace },
  {
    id: "call-io-uring",
    name: "io-uring",
    technique: 34,
    title: "io_uring, whose operations pass no filter",
    landed: descriptor(/io_uring/),
  },
  { id: "call-ptrace", name: "ptrace", technique: 36, title: "ptrace of another process", landed: traced },
  {
    id: "call-bpf",
    name: "bpf",
    technique: 37,
    title: "a bpf map",
    landed: descriptor(/bpf-map/),
    uncontrolled: privileged,
  },
  {
    id: "call-perf",
    name: "perf",
    technique: 37,
    title: "a performance counter",
    landed: descriptor(/perf_event/),
    uncontrolled: privileged,
  },
  {
    id: "call-userfaultfd",
    name: "userfaultfd",
    technique: 37,
    title: "userfaultfd",
    landed: descriptor(/userfaultfd/),
  },
  { id: "call-fanotify", name: "fanotify", technique: 37, title: "fanotify", landed: descriptor(/fanotify/) },
  {
    id: "call-raw-socket",
    name: "raw",
    technique: 46,
    title: "a raw socket",
    landed: socket("raw"),
    uncontrolled: privileged,
  },
  {
    id: "call-packet-socket",
    name: "packet",
    technique: 46,
    title: "a packet socket",
    landed: socket("packet"),
    uncontrolled: privileged,
  },
  {
    id: "call-ping-socket",
    name: "ping",
    technique: 46,
    title: "a ping socket",
    landed: socket("icmp"),
    uncontrolled: "net.ipv4.ping_group_range may not name this user",
  },
  {
    id: "call-netlink-netfilter",
    name: "netlink-netfilter",
    technique: 46,
    title: "netlink to the packet filter",
    landed: socket("netlink 12"),
  },
  {
    id: "call-netlink-audit",
    name: "netlink-audit",
    technique: 46,
    title: "netlink to the audit log",
    landed: socket("netlink 9"),
  },
];

function tryOne({ id, name, technique, title, landed, uncontrolled }: Call): Probe {
  return {
    id,
    technique,
    title,
    source: "list; measured: reachable under one rival or both",
    record: "unseen",
    decisive: true,
    ...(uncontrolled === undefined ? {} : { uncontrolled }),
    files: () => ({ "hold.py": hold }),
    inside: ({ token }) => `python3 hold.py ${name} ${token}`,
    landed,
  };
}

const memfd: Probe = {
  id: "exec-memfd",
  technique: 22,
  title: "a program that is no file: memfd and execveat",
  source: "allowed by both rivals, recorded by none",
  record: "telemetry",
  decisive: true,
  files: () => ({ "hold.py": hold }),
  inside: ({ token }) => `python3 hold.py memfd ${token}`,
  landed: () => undefined,
  uncontrolled: "it stays where it is: the record is the point",
  entry: ({ kind, sealed }, { token }) => kind === "exec" && String(sealed["executable"]).includes(`memfd:${token}`),
};

export const kernel: readonly Probe[] = [...calls.map(tryOne), memfd];
