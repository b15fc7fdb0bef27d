// A program for inside, which stands in for ssh, and for ssh-keygen where git wants a signature: it says to the desk what git
// wants, and carries bytes to and fro. It knows and decides nothing; whatever it says is judged outside. It stands alone there, so
// it imports nothing of ours; its frames are those of `src/gateway/desk/frames.ts`. Arguments: `ssh` or `ssh-keygen`, the
// desk's address and port, then what git gave.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

const [, , instead = "", ip = "", port = "", ...words] = process.argv;
const signs = instead === "ssh-keygen" && words[0] === "-Y" && words[1] === "sign";

if (instead === "ssh" || signs) ask(connect(Number(port), ip));
else {
  // what only looks at signatures needs no key
  const done = spawnSync("ssh-keygen", words, { stdio: "inherit" });
  if (done.error !== undefined) process.stderr.write("postern: there is no ssh-keygen inside\n");
  process.exitCode = done.status ?? 255;
}

function ask(socket: Socket): void {
  const signature: Buffer[] = [];
  let code: number | undefined;
  write(socket, 1, Buffer.from(JSON.stringify({ signs, words, version: process.env["GIT_PROTOCOL"] })));
  if (signs) {
    send(socket, readFileSync(words.at(-1) ?? ""));
    write(socket, 3, Buffer.alloc(0));
  } else sendInput(socket);
  process.stdout.on("error", () => socket.destroy());
  read(socket, (kind, bytes) => {
    if (kind === 4) process.stderr.write(bytes);
    if (kind === 5) code = bytes[0];
    if (kind === 2 && signs) signature.push(bytes);
    if (kind === 2 && !signs) show(socket, bytes);
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    process.stdin.destroy();
    if (code === undefined) process.stderr.write("postern: git's way out has ended\n");
    if (signs && code === 0) writeFileSync(`${words.at(-1)}.sig`, Buffer.concat(signature));
    process.exitCode = code ?? 255;
  });
}

function sendInput(socket: Socket): void {
  process.stdin.on("data", (chunk: Buffer) => {
    if (send(socket, chunk)) return;
    process.stdin.pause();
    socket.once("drain", () => process.stdin.resume());
  });
  process.stdin.on("end", () => write(socket, 3, Buffer.alloc(0)));
}

function show(socket: Socket, bytes: Buffer): void {
  if (process.stdout.write(bytes)) return;
  socket.pause();
  process.stdout.once("drain", () => socket.resume());
}

function send(socket: Socket, bytes: Buffer): boolean {
  let more = true;
  for (let at = 0; at < bytes.length; at += 65_536) more = write(socket, 2, bytes.subarray(at, at + 65_536));
  return more;
}

function write(socket: Socket, kind: number, bytes: Buffer): boolean {
  const head = Buffer.alloc(5);
  head.writeUInt8(kind);
  head.writeUInt32BE(bytes.length, 1);
  return socket.write(Buffer.concat([head, bytes]));
}

function read(socket: Socket, take: (kind: number, bytes: Buffer) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
      const size = 5 + held.readUInt32BE(1);
      take(held[0] ?? 0, held.subarray(5, size));
      held = held.subarray(size);
    }
  });
}
