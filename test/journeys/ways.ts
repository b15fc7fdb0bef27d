// Every way out a tool might try, as data: the line of shell that tries it, where that is aimed at, and whose executable
// the record must name. Each aims at an address of its own, so that an entry belongs to one way.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { withoutCurl } from "./missing.ts";

export interface Way {
  readonly name: string;
  readonly line: string;
  readonly ip: string;
  readonly port: number;
  /** Executable, as the kernel names it. */
  readonly by: string;
  /** Ends at once, so that its process may be gone. */
  readonly fleeting?: boolean;
  /** What the record has of it beside the connection: a judged request. */
  readonly request?: boolean;
  /** Why it cannot be tried here. */
  readonly skip?: string;
}

const node = process.execPath;
const bash = realpathSync("/bin/bash");
const curl = "/usr/bin/curl";
const python = existsSync("/usr/bin/python3") ? realpathSync("/usr/bin/python3") : undefined;

/** One connection, some bytes, and the end of it awaited. */
const talk = (ip: string, port: number): string =>
  `(exec 3<>/dev/tcp/${ip}/${port}; echo EHLO canary >&3; read -u 3 line)`;

const net = (ip: string, port: number): string =>
  `${node} -e 'require("net").connect(${port},"${ip}").on("error",()=>0).resume().end("EHLO canary\\r\\n")'`;

const tcp: readonly Way[] = [
  {
    name: "curl --noproxy",
    line: `${curl} -s --noproxy '*' http://93.184.216.34:8080/`,
    ip: "93.184.216.34",
    port: 8080,
    by: curl,
    request: true,
  },
  {
    name: "env -i curl",
    line: `env -i ${curl} -s http://93.184.216.35:40000/`,
    ip: "93.184.216.35",
    port: 40_000,
    by: curl,
    request: true,
  },
  {
    name: "env -i curl, TLS, believing anybody",
    line: `env -i ${curl} -sk https://93.184.216.36/`,
    ip: "93.184.216.36",
    port: 443,
    by: curl,
    request: true,
  },
  {
    name: "curl, IPv6 literal",
    line: `${curl} -s 'http://[2606:2800:220:1::34]:8080/'`,
    ip: "2606:2800:220:1::34",
    port: 8080,
    by: curl,
    request: true,
  },
  {
    name: "curl, IPv4 in IPv6",
    line: `${curl} -s 'http://[::ffff:93.184.216.37]:8080/'`,
    ip: "93.184.216.37",
    port: 8080,
    by: curl,
    request: true,
  },
  {
    name: "curl, a decimal address",
    line: `${curl} -s http://1572395046:8080/`,
    ip: "93.184.216.38",
    port: 8080,
    by: curl,
    request: true,
  },
  {
    name: "curl, cloud metadata",
    line: `${curl} -s http://169.254.169.254/latest/`,
    ip: "169.254.169.254",
    port: 80,
    by: curl,
    request: true,
  },
  {
    name: "curl, a private network",
    line: `${curl} -s http://10.1.2.3/`,
    ip: "10.1.2.3",
    port: 80,
    by: curl,
    request: true,
  },
  {
    name: "node https",
    line: `${node} -e 'require("https").get("https://93.184.216.39/").on("error",()=>0)'`,
    ip: "93.184.216.39",
    port: 443,
    by: node,
    request: true,
  },
  { name: "node, IPv6, port 25", line: net("2606:2800:220:1::25", 25), ip: "2606:2800:220:1::25", port: 25, by: node },
  { name: "bash, port 25", line: talk("93.184.216.40", 25), ip: "93.184.216.40", port: 25, by: bash },
  { name: "bash, port 2525", line: talk("93.184.216.41", 2525), ip: "93.184.216.41", port: 2525, by: bash },
  { name: "bash, port 8080", line: talk("93.184.216.42", 8080), ip: "93.184.216.42", port: 8080, by: bash },
  { name: "bash, port 40000", line: talk("93.184.216.43", 40_000), ip: "93.184.216.43", port: 40_000, by: bash },
  {
    name: "bash, port 22, nothing said",
    line: `(exec 3<>/dev/tcp/93.184.216.44/22; exec 3>&-; true)`,
    ip: "93.184.216.44",
    port: 22,
    by: bash,
    fleeting: true,
  },
  {
    name: "python urllib",
    line: `${python} -c 'import urllib.request as r; r.urlopen("http://93.184.216.45:8080/")'`,
    ip: "93.184.216.45",
    port: 8080,
    by: python ?? "",
    request: true,
    ...(python === undefined ? { skip: "no python3 here" } : {}),
  },
];

const program = `#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
int main() {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(2525)};
  inet_pton(AF_INET, "93.184.216.46", &to.sin_addr);
  int s = socket(AF_INET, SOCK_STREAM, 0); char byte;
  if (connect(s, (void *)&to, sizeof to) == 0) { send(s, "EHLO\\r\\n", 6, 0); read(s, &byte, 1); }
  return 0;
}
`;

/** A binary that no library of the system serves: compiled here, else busybox. */
function findStatic(work: string): Way {
  const aim = { name: "a static binary", ip: "93.184.216.46", port: 2525 };
  const compiler = ["/usr/bin/cc", "/usr/bin/gcc"].find((path) => existsSync(path));
  if (compiler !== undefined) {
    const made = join(work, "static");
    execFileSync(compiler, ["-static", "-o", made, "-x", "c", "-"], { input: program });
    return { ...aim, line: made, by: made };
  }
  const busybox = ["/usr/bin/busybox", "/bin/busybox"].find((path) => existsSync(path));
  const whole = busybox !== undefined && !readFileSync(busybox).includes("ld-linux");
  if (!whole) return { ...aim, line: "true", by: "", skip: "neither a C compiler nor a static busybox here" };
  return { ...aim, line: `${busybox} wget -q -O - http://93.184.216.46:2525/`, by: realpathSync(busybox) };
}

export function waysByTcp(work: string): readonly Way[] {
  const skip = withoutCurl === false ? {} : { skip: withoutCurl };
  return [...tcp.map((way) => (way.by === curl ? { ...way, ...skip } : way)), findStatic(work)];
}

/** Datagrams: sent by one process of Node, which stays until it is told to end. */
export const waysByUdp: readonly Pick<Way, "name" | "ip" | "port">[] = [
  { name: "time", ip: "93.184.217.1", port: 123 },
  { name: "QUIC", ip: "93.184.217.2", port: 443 },
  { name: "mDNS", ip: "224.0.0.251", port: 5353 },
  { name: "a port nobody listens on", ip: "93.184.217.3", port: 40_000 },
  { name: "IPv6", ip: "2606:2800:220:1::123", port: 123 },
];
