// What a process may ask of the kernel: judged by what it held when it was looked at from outside.

import type { calls } from "../plan.ts";
import { type Evidence, judge, type Row } from "../row.ts";

/** What else a call is answered says that it was made wrongly. */
const refusals = ["EPERM", "EACCES", "ENOSYS", "EAFNOSUPPORT", "EPROTONOSUPPORT"];

type Call = (typeof calls)[number] | "user";

export function kernelRows(evidence: Evidence): Row[] {
  const { glimpses, keyed } = evidence;
  const looked = glimpses.some(isTrespasser);
  const all = glimpses.flatMap(({ open }) => open.map(({ link }) => link));
  const holds = (pattern: RegExp) => (): string | undefined => {
    const link = all.find((each) => pattern.test(each));
    return link === undefined ? undefined : `a process inside holds ${link}`;
  };
  const socket = (kind: string) => (): string | undefined =>
    glimpses.some(({ sockets }) => sockets.includes(kind)) ? `a process inside holds a ${kind} socket` : undefined;
  const tried: Readonly<Record<Call, readonly [string, () => string | undefined]>> = {
    user: ["make a user namespace", () => strange(evidence)],
    raw: ["open a raw socket", socket("raw")],
    packet: ["open a packet socket", socket("packet")],
    netlink: ["speak to the packet filter", socket("netlink 12")],
    io_uring: ["make an io_uring", holds(/io_uring/)],
    bpf: ["load a bpf map", holds(/bpf/)],
    perf: ["open a performance counter", holds(/perf_event/)],
    userfaultfd: ["make a userfaultfd", holds(/userfaultfd/)],
    fanotify: ["watch whole file systems", holds(/fanotify/)],
    key: ["put a key into the person's keyring", () => (keyed === true ? "it lies in the kernel's table" : undefined)],
    mount: ["mount a file system", () => (mounted(evidence) ? "the mount succeeded" : undefined)],
    ptrace: ["trace another process", () => traced(evidence)],
  };
  return Object.entries(tried).map(([name, [words, landed]]) => {
    const row = judge(evidence, {
      ...{ area: "kernel", id: `call:${name}`, rule: "default kernel", tried: words, landed: landed() },
      stopped: refusals,
    });
    // what cannot be seen is not said to be nothing
    if (!looked && row.outcome === "held")
      return { ...row, outcome: "broken", by: "cannot be judged: the processes inside could not be looked at" };
    if (name !== "key" || keyed !== undefined || row.outcome !== "held") return row;
    return { ...row, outcome: "untried", by: "this machine shows no table of keys to look into" };
  });
}

/** The program that makes the calls and holds what comes of them. */
const isTrespasser = ({ words }: Evidence["glimpses"][number]): boolean =>
  words.some((word) => word.includes("trespasser."));

/** Some process of the proof is in another user namespace than the program that began it. */
function strange({ glimpses, scratch }: Evidence): string | undefined {
  const own = glimpses.find(isTrespasser)?.userNamespace;
  const other = glimpses.find(
    ({ words, userNamespace }) => words.includes(scratch.mark) && own !== undefined && userNamespace !== own,
  );
  return other === undefined ? undefined : `a process inside is in ${other.userNamespace}`;
}

function traced({ glimpses }: Evidence): string | undefined {
  return glimpses.some((one) => one.traced) ? "a process inside is traced by another" : undefined;
}

/** A tmpfs over /tmp, seen in the process's own table of mounts. */
function mounted({ glimpses }: Evidence): boolean {
  return glimpses.some(({ mounts }) => mounts.filter((line) => line.split(" ")[4] === "/tmp").length > 1);
}
