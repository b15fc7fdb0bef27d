// A program for inside, which stands in for ssh, and for whoever makes git's signatures (ssh-keygen, gpg, gpgsm): it says to the desk
// what git wants, and carries bytes to and fro. It knows and decides nothing; whatever it says is judged outside. It stands alone there, so
// it imports nothing of ours; its frames are those of `src/gateway/desk/frames.ts`. Arguments: the program it stands for, the
// desk's address and port, then what git gave.

import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

const [, , instead = "", ip = "", port = "", ...words] = process.argv;
const signs = instead !== "ssh";
/** ssh-keygen is given a file, and leaves the signature beside it; the others have standard input and output. */
const file = instead === "ssh-keygen" ? (words.at(-1) ?? "") : undefined;

ask(connect(Number(port), ip));

function ask(socket: Socket): void {
  const signature: Buffer[] = [];
  let code: number | undefined;
  write(socket, 1, Buffer.from(JSON.stringify({ signs, words, version: process.env["GIT_PROTOCOL"] })));
  if (file === undefined) sendInput(socket);
  else {
    send(socket, readFileSync(file));
    write(socket, 3, Buffer.alloc(0));
  }
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
    if (signs && code === 0) give(Buffer.concat(signature));
    process.exitCode = code ?? 255;
  });
}

/** Of gpg git wants to read, too, that it was made (gnupg's doc/DETAILS). */
function give(signature: Buffer): void {
  if (file !== undefined) writeFileSync(`${file}.sig`, signature);
  else {
    process.stdout.write(signature);
    process.stderr.write("[GNUPG:] SIG_CREATED D\n");
  }
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
