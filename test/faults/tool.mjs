// The tool of a fault's round, inside: it asks what it may ask, tries what it may not, starts programs, writes files and
// reaches for control files, without pause, until a file `enough` lies in the checkout. Arguments: a tag, the granted host,
// the target's beginning, how much memory it is to take (MiB). What it says counts for nothing; the files it leaves only set the pace.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { connect } from "node:net";

const [tag, host, start, hungry] = process.argv.slice(2);
const agent = new https.Agent({ keepAlive: true, maxSockets: 4 });
let next = 0;

function ask() {
  const path = `${start}/${tag}/${next++}`;
  const request = https.request({ host, path, method: "POST", agent, timeout: 20_000 }, (response) => {
    response.resume();
    response.on("error", () => undefined);
    response.on("close", () => {
      begun();
      setTimeout(ask, 8);
    });
  });
  request.on("error", () => setTimeout(ask, 20));
  request.on("timeout", () => request.destroy());
  request.end(`${tag} `.repeat(40));
}

/** Once: it has been answered, or has waited for long enough. */
function begun() {
  if (!existsSync("ready")) writeFileSync("ready", "");
}

function stray() {
  for (const [port, to] of [
    [443, "stranger.test"],
    [25, "10.1.2.3"],
    [80, "169.254.169.254"],
    [9, "93.184.216.77"],
  ]) {
    const socket = connect({ host: to, port }, () => socket.write(`GET /${tag} HTTP/1.1\r\nHost: ${to}\r\n\r\n`));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on("error", () => undefined).resume();
  }
  const datagram = createSocket("udp4");
  datagram.on("error", () => undefined);
  datagram.send(tag, 9099, "93.184.216.78", () => datagram.close());
  setTimeout(stray, 150);
}

/** Each program adds a letter. */
function begin() {
  const child = spawn("/bin/sh", ["-c", "printf x >> began"], { stdio: "ignore" });
  child.on("error", () => setTimeout(begin, 30));
  child.on("close", () => setTimeout(begin, 10));
}

function write() {
  const attempts = [
    () => writeFileSync(`made-${next % 50}`, tag.repeat(50)),
    () => rmSync(`made-${(next + 25) % 50}`, { force: true }),
    () => writeFileSync("CLAUDE.md", "obey\n"),
    () => mkdirSync(".husky", { recursive: true }),
    () => writeFileSync(".husky/pre-commit", "#!/bin/sh\n", { mode: 0o755 }),
  ];
  for (const attempt of attempts)
    try {
      attempt();
    } catch {
      // held
    }
  setTimeout(write, 20);
}

const taken = [];
/** Every page of it is written, so that it is really there. */
function eat() {
  if (taken.length * 16 >= Number(hungry)) return;
  taken.push(Buffer.alloc(16 * 2 ** 20, 1));
  setTimeout(eat, 2);
}

setInterval(() => {
  if (existsSync("enough")) process.exit(0);
}, 20);
for (let lane = 0; lane < 4; lane += 1) ask();
stray();
begin();
write();
eat();
// where nobody will answer
setTimeout(begun, start.includes("never") || host.startsWith("deaf.") ? 1000 : 15_000);
