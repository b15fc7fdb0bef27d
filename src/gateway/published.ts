// Published ports: a listener on this machine's loopback for each, whose connections go to the tool's own server on that
// port inside, unopened, on the record before a byte passes. Never on another address: the listening is done here alone.

import { createServer, type Server, Socket } from "node:net";
import { Fault } from "../domain/fault.ts";
import type { Inside } from "../domain/inside.ts";
import { carryBoth } from "./carrying.ts";
import { sealAttribution } from "./conceal.ts";
import type { Gate } from "./gate.ts";

export interface Publication {
  readonly port: number;
  /** The grant's id. */
  readonly rule: string;
}

export interface Published {
  /** Ends every connection, and listens no more. */
  readonly close: () => void;
}

export interface Publications {
  readonly all: (publications: readonly Publication[], inside: Inside) => Promise<void>;
  readonly one: (publication: Publication, inside: Inside) => Promise<Published>;
  /** Of all there are. */
  readonly close: () => void;
}

export function openPublications(gate: Gate): Publications {
  const open: Published[] = [];
  const one = async (publications: readonly Publication[], inside: Inside): Promise<Published> => {
    const published = await openPublished(publications, inside, gate);
    open.push(published);
    return published;
  };
  return {
    all: async (publications, inside) => void (await one(publications, inside)),
    one: (publication, inside) => one([publication], inside),
    close: () => {
      for (const published of open) published.close();
    },
  };
}

/** The whole of where a port is published. */
const loopback = ["127.0.0.1", "::1"] as const;

/** All of them or none. Rejects with a Fault `publish` where one is taken, on either address: a browser tries both. */
async function openPublished(publications: readonly Publication[], inside: Inside, gate: Gate): Promise<Published> {
  const servers: Server[] = [];
  const open = new Set<Socket>();
  const close = (): void => {
    for (const server of servers) server.close();
    for (const socket of open) socket.destroy();
  };
  const receive = (socket: Socket, publication: Publication, ip: string): void => {
    socket.on("error", () => socket.destroy());
    if (open.size >= gate.limits.published || gate.recorder.broken()) return void socket.resetAndDestroy();
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.setNoDelay(true);
    void pass(socket, { ...publication, ip, inside }, gate);
  };
  try {
    for (const publication of publications) {
      for (const ip of loopback) {
        const options = { allowHalfOpen: true, pauseOnConnect: true };
        const server = createServer(options, (socket) => receive(socket, publication, ip));
        if (await listens(server, publication, ip)) servers.push(server);
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}

/** False where this machine has no such address. */
async function listens(server: Server, { port, rule }: Publication, host: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
    // while the tool runs much else keeps us; a session that fails before is not to wait for clients
    server.unref();
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (host === "::1" && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) return false;
    throw refusal({ port, rule }, host, code);
  }
}

function refusal({ port, rule }: Publication, host: string, code: unknown): Fault<"publish"> {
  const place = host === "::1" ? `[::1]:${port}` : `${host}:${port}`;
  const message = `port ${port} cannot be published (${rule})`;
  if (code === "EADDRINUSE")
    return new Fault({
      code: "publish",
      message: `${message}: ${place} of this machine is taken`,
      hint: `ss -Hltnp sport = :${port} shows by whom; end that, or publish another port`,
    });
  if (code === "EACCES")
    return new Fault({
      code: "publish",
      message: `${message}: ports below 1024 need rights that you do not have`,
      hint: "let the server inside listen on a higher port, and publish that",
    });
  return new Fault({
    code: "publish",
    message: `${message}: ${place} cannot be listened on (${String(code)})`,
    hint: "publish another port",
  });
}

interface Passing extends Publication {
  readonly ip: string;
  readonly inside: Inside;
}

/** Never rejects. Where nothing listens inside, the connection is reset and nothing is entered: nothing was reached. */
async function pass(socket: Socket, { port, rule, ip, inside }: Passing, gate: Gate): Promise<void> {
  const started = gate.clock();
  try {
    const { stream, attribute } = await inside.reach(port);
    // until somebody takes it over, a failing socket must not end the process
    stream.on("error", () => stream.destroy());
    if (stream instanceof Socket) stream.setNoDelay(true);
    const kind = { kind: "connection", verdict: "allow", rule, purpose: "published" } as const;
    const process = await gate.recorder.expect(sealAttribution(attribute));
    const sealed = { carried: "published", host: ip, ip, port, process };
    const { index } = await enterOr(() => stream.destroy(), gate.recorder.enter({ ...kind, sealed }));
    // out is what left the inside
    const { out, inward } = await carryBoth(stream, socket);
    gate.tally.published(port, out, inward);
    const counts = { "bytes-out": out, "bytes-in": inward, "duration-ms": Math.round(gate.clock() - started) };
    const outcome = { intent: index, host: ip, outcome: "whole" };
    gate.recorder.note({ kind: "reply", purpose: "published", counts, sealed: outcome });
  } catch {
    socket.resetAndDestroy();
  }
}

async function enterOr<Value>(otherwise: () => void, entering: Promise<Value>): Promise<Value> {
  return entering.catch((error: unknown) => {
    otherwise();
    throw error;
  });
}
