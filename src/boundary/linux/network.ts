// What the network namespace is made of, as text for `ip -batch -` and `nft -f -`: every destination local, everything
// but loopback redirected to the doors. Facts tried on kernel 6.18; why each line is there stands beside it.

export interface Ports {
  readonly tcp: number;
  readonly dns: number;
  readonly udp: number;
}

/** In a namespace where nobody has a port yet; above those the kernel gives to whoever asks for any (ip_local_port_range). */
export function pickPorts(): Ports {
  const tcp = 61_000 + Math.floor(Math.random() * 4_000);
  return { tcp, dns: tcp + 1, udp: tcp + 2 };
}

/** Synthetic resolver written into resolv.conf: never dialled, its questions go to the DNS door like any others. */
export const resolver = "100.64.0.53";
/** Documentation addresses (RFC 5737, RFC 3849) that the start probe aims at, and the discard port. */
export const probes = { v4: "192.0.2.1", v6: "2001:db8::1", port: 9 } as const;

/** `src` matters: without it a client's source equals its destination and replies go astray. */
export function writeRoutes(v6: boolean): string {
  return [
    "link set lo up",
    "addr add 100.64.0.1/32 dev lo",
    "route add local 0.0.0.0/0 dev lo src 100.64.0.1 table main",
    ...(v6 ? ["addr add fd00:70::1/128 dev lo nodad", "route add local ::/0 dev lo src fd00:70::1 table main"] : []),
    "",
  ].join("\n");
}

/**
 * The postrouting chain is empty on purpose: where that hook is registered, connection tracking gives a second source
 * port to a UDP socket that sends to two destinations, and both datagrams arrive with their own. Kernel 6.18 registers
 * it with the first chain; others are not relied on to.
 */
export function writeRules(ports: Ports, v6: boolean): string {
  return [
    `table ${v6 ? "inet" : "ip"} postern {`,
    "chain out { type nat hook output priority -100;",
    "ip daddr 127.0.0.0/8 return;",
    ...(v6 ? ["ip6 daddr ::1 return;"] : []),
    `meta l4proto tcp redirect to :${ports.tcp};`,
    `udp dport 53 redirect to :${ports.dns};`,
    `meta l4proto udp redirect to :${ports.udp};`,
    "};",
    "chain source { type nat hook postrouting priority 100; };",
    "}",
    "",
  ].join("\n");
}
