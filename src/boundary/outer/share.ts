// The directory both sides see: our sockets and the program for inside, under a name of their own. In: where the policy says it is.
// Refused: one that anybody else of this machine may enter, for whoever reaches the door is taken for the tool.

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault, OuterPlace } from "../contract.ts";
import { limits } from "../linux/limits.ts";
import { outerLimits } from "./limits.ts";

export interface Share extends Disposable {
  readonly name: string;
  /** The program, as it is named inside. */
  readonly program: string;
  /** Two files that whoever is inside can read, there. */
  readonly inside: (kind: string) => string;
  /** A file beside the sockets, for inside to read; gone with the share. */
  readonly lay: (kind: string, text: string) => void;
  /** Takes the one connection of the program's, which speaks first; all others are cut off. */
  readonly onControl: (listener: (socket: Socket) => void) => void;
  readonly onArrival: (listener: (socket: Socket) => void) => void;
}

const kinds = ["c", "d", "mjs", "cjs", "authority", "bundle"] as const;
const extension = import.meta.url.endsWith(".ts") ? "mjs" : "cjs";

/** Rejects with a BoundaryFault. */
export async function openShare({ door }: OuterPlace, uid: number): Promise<Share> {
  checkDirectory(door.host, uid);
  await sweepDead(door.host);
  const name = `p${randomBytes(8).toString("hex")}`;
  const at = (kind: string): string => join(door.host, `${name}.${kind}`);
  if (Buffer.byteLength(at("c")) >= outerLimits.socketBytes) {
    throw refusal(`${door.host} is too long a path for a socket`, "choose a shorter one for `door.host`");
  }
  using undo = new DisposableStack();
  undo.defer(() => {
    for (const kind of kinds) drop(at(kind));
  });
  writeFileSync(at(extension), readProgram(), { flag: "wx", mode: 0o644 });
  const [control, arrivals] = [createServer(), createServer({ allowHalfOpen: true })];
  for (const [server, kind] of [
    [control, "c"],
    [arrivals, "d"],
  ] as const) {
    await listenAt(server, at(kind));
    undo.defer(() => void server.close());
  }
  const whole = undo.move();
  return {
    name,
    program: `${door.inside}/${name}.${extension}`,
    inside: (kind) => `${door.inside}/${name}.${kind}`,
    lay: (kind, text) => writeFileSync(at(kind), text, { flag: "wx", mode: 0o644 }),
    onControl: (listener) => {
      let taken = false;
      control.maxConnections = outerLimits.knocking;
      control.on("connection", (socket: Socket) => {
        socket.on("error", () => undefined);
        if (taken) return void socket.destroy();
        // another session, which only looks whether anybody is here, says nothing
        socket.once("readable", () => {
          if (taken || socket.readableLength === 0) return void socket.destroy();
          taken = true;
          listener(socket);
        });
      });
    },
    onArrival: (listener) => void arrivals.on("connection", listener),
    [Symbol.dispose]: () => whole.dispose(),
  };
}

async function listenAt(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause) => reject(refusal(`no socket can be opened at ${path}`, "see `door.host`", cause)));
  server.listen({ path, backlog: limits.backlog }, () => resolve());
  await promise;
}

function checkDirectory(path: string, uid: number): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) {
    throw refusal(`${path} is no directory`, `mkdir -m 700 ${path}, and show it inside`);
  }
  if (stats.uid !== uid || (stats.mode & 0o077) !== 0)
    throw refusal(`${path} may be entered by others`, `let it be yours alone: chmod 700 ${path}`);
}

/** What sessions that were killed left: nobody answers at their door. */
async function sweepDead(directory: string): Promise<void> {
  const names = readdirSync(directory).flatMap((file) => /^(p[0-9a-f]{16})\.c$/.exec(file)?.[1] ?? []);
  await Promise.all(
    names.slice(0, 64).map(async (name) => {
      if (await answers(join(directory, `${name}.c`))) return;
      for (const kind of kinds) drop(join(directory, `${name}.${kind}`));
    }),
  );
}

/** Inside writes there too (*attacker-controlled*): what it has put in a file's place, as a directory, is left to whoever owns that. */
function drop(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // no file
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** One file of its own, as the Node inside can read it. */
function readProgram(): string {
  if (extension === "cjs") return readFileSync(fileURLToPath(new URL("./outer-relay.cjs", import.meta.url)), "utf8");
  return stripTypeScriptTypes(readFileSync(fileURLToPath(new URL("./relay.ts", import.meta.url)), "utf8"));
}

export const refusal = (message: string, hint: string, cause?: unknown): BoundaryFault =>
  new Fault({ code: "outer", message, hint, cause });
