// What the program inside is told to try, made of the policy in force and of what stands ready outside.

import { existsSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { judgeFor, type Rules } from "../decision/judge.ts";
import { specialness } from "../decision/special-addresses.ts";
import { parseHost } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import type { Policy } from "../policy/policy.ts";
import { isWithin } from "../policy/way.ts";
import type { Ears } from "./ears.ts";
import type { Aim, Asked, Order } from "./order.ts";
import { existing, fresh, type Scratch } from "./scratch.ts";

export interface Ready {
  readonly policy: Policy;
  readonly scratch: Scratch;
  readonly ears: Pick<Ears, "port" | "sockets">;
}

/** Calls of the kernel, by the name the program inside knows them by. */
export const calls = [
  "raw",
  "packet",
  "netlink",
  "io_uring",
  "bpf",
  "perf",
  "userfaultfd",
  "fanotify",
  "key",
  "mount",
  "ptrace",
] as const;

/** `home`: inside, where the private one is, unless the policy shows the person's own. */
export function orderFor(ready: Ready, home: string): Order {
  const { policy, scratch } = ready;
  return {
    mark: scratch.mark,
    outside: mountNamespace(),
    foreign: false,
    folders: [home, scratch.work].map((place) => join(place, ".postern-proof")),
    ...orderFiles(ready),
    ...orderNetwork(ready),
    programs: [
      { id: "run", words: ["/bin/true", scratch.mark] },
      { id: "call:user", words: ["unshare", "-U", process.execPath, "-e", "setTimeout(() => 0, 30000)", scratch.mark] },
      ...ruledCommands({ policy, scratch }).flatMap(({ id, words }) => (words === undefined ? [] : [{ id, words }])),
    ],
    calls: calls.map((name) => ({ id: `call:${name}` })),
    stranger: scratch.stranger.pid,
  };
}

/** Undefined where this machine tells none. */
function mountNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/mnt");
  } catch {
    return undefined;
  }
}

type Files = Pick<Order, "reads" | "digests" | "writes" | "fresh" | "opens" | "replaced" | "setuid">;

function orderFiles({ policy, scratch }: Ready): Files {
  const { mark, work, home, beside, state } = scratch;
  const named = (id: string, path: string | undefined): Aim[] => (path === undefined ? [] : [{ id, path }]);
  const inWork = (kind: string, paths: readonly string[]): Aim[] =>
    paths.map((path) => ({ id: `${kind}:${path}`, path: join(work, path) }));
  const granted = grantedPlaces(policy, work).map(({ kind, path }) => ({ id: `${kind}:${path}`, path }));
  return {
    reads: [
      ...named("read:control", scratch.control.path),
      ...named("read:home", home?.path),
      ...named("read:beside", beside.path),
      ...named("read:state", state.path),
      ...scratch.hidden.map(({ path }, at) => ({ id: `hide:${at}`, path })),
      ...scratch.masked.map(({ path }, at) => ({ id: `mask:${at}`, path })),
    ],
    digests: policy.credentials.flatMap(({ id, from }) =>
      "file" in from ? [{ id: `credential:${id}`, path: from.file }] : [],
    ),
    writes: [
      ...named("write:home", home?.path),
      ...named("write:beside", beside.path),
      ...sharedRoots.map((root) => ({ id: `write:${root}`, path: newIn(root, mark) })),
      ...granted.filter(({ path }) => isDirectory(path)).map(({ id, path }) => ({ id, path: newIn(path, mark) })),
    ],
    fresh: inWork("fresh", fresh),
    opens: granted.filter(({ path }) => existsSync(path) && !isDirectory(path)),
    replaced: [
      ...inWork("existing", existing),
      ...scratch.hidden.map(({ path }, at) => ({ id: `change:hide:${at}`, path })),
      ...scratch.masked.map(({ path }, at) => ({ id: `change:mask:${at}`, path })),
    ],
    setuid: named("setuid", join(work, "plain.txt")),
  };
}

type Network = Pick<Order, "names" | "places" | "datagrams" | "requests" | "sockets">;

function orderNetwork({ policy, scratch: { mark }, ears }: Ready): Network {
  // in audit these would leave this machine
  const strangers = policy.mode === "audit" ? [] : [strangerName(mark)];
  return {
    names: strangers.map((name) => ({ id: "name", name })),
    places: [
      { id: "place:loopback", ip: "127.0.0.1", port: ears.port },
      { id: "place:loopback6", ip: "::1", port: ears.port },
      { id: "place:any", ip: "0.0.0.0", port: ears.port },
      ...placesUnder(policy).flatMap(({ ip, port, rule }) =>
        rule === undefined ? [{ id: `place:${ip}`, ip, port }] : [],
      ),
    ],
    datagrams: [{ id: "datagram", ip: "192.0.2.1", port: 9 }],
    requests: [
      ...strangers.map((host) => ({ id: "stranger", ...plain, host, path: `/${mark}` })),
      ...policy.network.flatMap((grant) => askBeyond(policy, grant, mark) ?? []),
    ],
    sockets: ears.sockets.map((path, at) => ({ id: `socket:${at}`, path })),
  };
}

/** Of this machine; inside there are others of the same names. */
export const sharedRoots = ["/etc", "/tmp", "/var/tmp", "/dev/shm"] as const;

const plain = { port: 80, secure: false, method: "GET" } as const;

/** Nobody's, ever (RFC 6761 §6.4). */
export const strangerName = (mark: string): string => `${mark}.invalid`;

/** Addresses that lead nowhere but to this machine, its network or its cloud, if anywhere. */
export const refusedPlaces = [
  { ip: "169.254.169.254", port: 80, what: "the cloud's metadata" },
  { ip: "10.0.0.1", port: 80, what: "a private network, 10.0.0.1" },
  { ip: "192.0.2.1", port: 443, what: "an address, 192.0.2.1" },
] as const;

/** Those no grant of the policy leads to; `rule`: the grant that does, and what a grant opens is left alone. */
export function placesUnder(policy: Rules) {
  const judge = judgeFor(policy);
  return refusedPlaces.map((place) => {
    const host = parseHost(place.ip);
    const verdict = host === undefined ? undefined : judge.reach(host, place.port);
    return { ...place, rule: verdict?.kind === "allow" ? verdict.rule : undefined };
  });
}

export const newIn = (directory: string, mark: string): string => join(directory, `.postern-proof-${mark}`);

/** What the policy shows or lets be written beyond the checkout. */
export function grantedPlaces(policy: Policy, work: string) {
  return (["read", "write"] as const).flatMap((kind) =>
    policy.files[kind].filter((path) => !isWithin(path, work)).map((path) => ({ kind, path })),
  );
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Each rule of `commands`, with a program of that name that would leave a file; undefined where it names a file of the machine's. */
export function ruledCommands({ policy, scratch }: Pick<Ready, "policy" | "scratch">) {
  return (["deny", "ask"] as const).flatMap((kind) =>
    policy.commands[kind].map(({ rule, prefix }, at) => {
      const [program = "", ...rest] = prefix;
      const id = `${kind}:${at}`;
      const stand = join(scratch.work, "bin", basename(program));
      const trace = `${scratch.mark}-${kind}-${at}`;
      const words = program.includes("/") ? undefined : [stand, ...rest, scratch.mark, trace];
      return { id, rule, prefix, words, trace: join(scratch.work, "bin", trace) };
    }),
  );
}

/** A request this grant does not cover, which the judge is sure to refuse: nothing is dialled for it. Undefined where there is none. */
export function askBeyond(
  policy: Policy,
  { id, host, ports, protocol }: NetworkGrant,
  mark: string,
): Asked | undefined {
  const [port] = ports;
  if (policy.mode === "audit" || protocol !== "http" || host.kind !== "exact" || port === undefined) return undefined;
  const secure = port !== 80;
  const scheme = secure ? "https" : "http";
  const destination = { scheme, host: host.name, port } as const;
  const tries = ["GET", "DELETE", "PROPFIND"].map((method) => ({ method, path: `/${mark}` }));
  const refused = tries.find(({ method, path }) => {
    const disclosure = { destination, method, path, findings: [], unreadable: undefined };
    return judgeFor(policy).decide(disclosure).kind === "refuse";
  });
  if (refused === undefined || specialness(host.name) !== undefined) return undefined;
  return { id: `request:${id}`, host: host.name, port, secure, ...refused };
}
