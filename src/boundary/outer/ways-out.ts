// Does anything lead out but the door? Tried from inside before the tool exists, judged by what was heard outside and, where the
// program inside can be seen among this machine's processes, by its network namespace as it looks from here. What the program
// says of itself counts against the place, never for it.

import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { link, read } from "../linux/doors/owners.ts";
import { openEars } from "./ears.ts";
import type { Hand } from "./hand.ts";
import { refusal } from "./share.ts";

/** Addresses that lead nowhere (RFC 5737, RFC 3849), private and metadata ones: to none of them a route may lead. */
const strangers = ["192.0.2.1", "198.51.100.1", "10.0.0.1", "169.254.169.254", "2001:db8::1"];
/** Who may speak with one of these is nobody's prisoner. */
const engines = [
  "/var/run/docker.sock",
  "/run/podman/podman.sock",
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
];
/** No route: answered by the kernel itself, before anything could leave. */
const nowhere = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** In words; empty where there is none. Rejects with a BoundaryFault where it could not be tried. */
export async function waysOut(hand: Hand): Promise<readonly string[]> {
  const mark = randomBytes(12).toString("hex");
  using ears = await openEars(mark);
  const beyond = (port: number) => strangers.map((ip) => ({ ip, port }));
  const tcp = [...ears.tcp, ...beyond(443)];
  const udp = [...ears.udp, ...beyond(53)];
  const names = [`${mark}.invalid`];
  const sockets = [...engines, ears.abstract];
  const { answers, interfaces } = await hand.ask({ kind: "probe", mark, tcp, udp, names, sockets }, "probed");
  const asked = [
    ...tcp.map(({ ip }) => `tcp ${ip}`),
    ...udp.map(({ ip }) => `udp ${ip}`),
    ...names.map((name) => `name ${name}`),
    ...sockets.map((path) => `socket ${path}`),
  ];
  const untried = asked.filter((id) => answers[id] === undefined);
  if (untried.length > 0) throw refusal(`the ways out were not tried: ${untried.length} left out`, "start it again");
  const said = Object.entries(answers).flatMap(([id, answer]) => (isNowhere(id, answer) ? [] : [`${id} (${answer})`]));
  return [
    ...ears.heard().map((what) => `${what} came to this machine`),
    ...seenOf(findPrograms(hand)),
    ...interfaces.map((name) => `an interface ${name}`),
    ...said,
  ];
}

/** What the kernel inside answers where nothing leads on. */
function isNowhere(id: string, answer: string): boolean {
  if (nowhere.includes(answer)) return true;
  if (/^(?:tcp|udp) (?:127\.|::1$)/.test(id)) return answer === "ECONNREFUSED" || answer === "sent";
  // whoever answers at all, that there is no such name too, has asked somebody
  if (id.startsWith("name ")) return answer === "ECONNREFUSED";
  return id.startsWith("socket ") && ["ENOENT", "ENOTDIR", "EACCES", "ECONNREFUSED"].includes(answer);
}

/**
 * Every process of this machine that is it, or says so: one more makes it only stricter, and one that says another number
 * inside is not passed over, for whoever came to the door in its stead would say one. None where it is not among the
 * processes seen here, as in a machine of its own.
 */
export function findPrograms({ share }: Pick<Hand, "share">): readonly string[] {
  return readdirSync("/proc").filter((each) => /^\d+$/.test(each) && isProgram(each, share.program));
}

/** What leads out of their network namespaces, seen from outside; nothing where none is seen, or all are gone. */
export function seenOf(pids: readonly string[]): readonly string[] {
  return [...new Set(pids.flatMap(seenOfOne))];
}

function seenOfOne(pid: string): readonly string[] {
  const [own, other] = [link("/proc/self/ns/net"), link(`/proc/${pid}/ns/net`)];
  if (own !== undefined && own === other) return ["it has this machine's own network"];
  const four = table(`/proc/${pid}/net/route`)
    .slice(1)
    .map(([name = ""]) => name);
  const six = table(`/proc/${pid}/net/ipv6_route`).map((fields) => fields.at(-1) ?? "");
  const names = [...new Set([...four, ...six])].filter((name) => name !== "lo" && name !== "");
  return names.map((name) => `a route by ${name}, as seen from here`);
}

/** Itself, and not what led to it: the script is its first argument. */
function isProgram(pid: string, script: string): boolean {
  return (read(`/proc/${pid}/cmdline`) ?? "").split("\0")[1] === script;
}

function table(path: string): readonly (readonly string[])[] {
  return (read(path) ?? "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/));
}
