// For the tests of the holes that others left (ARCHITECTURE §1): the gateway, the inspector in its thread, the judge and the refusals as a
// session joins them, between a client made here and a server that keeps what reached it. Nothing is stood in for but the walls.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { WebSocket, WebSocketServer } from "ws";
import { judgeFor } from "../../src/decision/judge.ts";
import type { ContentRules } from "../../src/domain/content-rules.ts";
import type { NetworkGrant } from "../../src/domain/reach.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { GatewayOptions } from "../../src/gateway/gateway.ts";
import { grantFor, host, openStage, openUpstream, readAll } from "../../src/gateway/rehearsal.ts";
import { seekKnown, sieveKnown } from "../../src/inspection/known.ts";
import type { KnownValue } from "../../src/inspection/known-text.ts";
import { positives } from "../../src/inspection/rules/examples/positives.ts";
import type { RulesText } from "../../src/inspection/rules/file.ts";
import { ownRules } from "../../src/inspection/rules/own.ts";
import { matchesPath } from "../../src/policy/glob.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { TrustedSources } from "../../src/policy/trusted-sources.ts";
import { refusalFor } from "../../src/protocol/refusal.ts";
import { openCollect } from "../../src/session/incoming.ts";
import { type InspectingLimits, openInspecting } from "../../src/session/inspecting/thread.ts";
import type { SourceRoot } from "../../src/session/sources/listing.ts";

export const name = "api.vendor.example";

/** A made one, with the checksum that its maker gives them. */
const made = positives(11, ownRules.length).find(({ rule }) => rule === "github-personal-token");
export const token = made?.text.slice(made.from, made.to) ?? assert.fail("no such rule");
export const placeholder = /PSTN_[A-Z0-9_]+_[A-Z2-7]{16}/;

export interface Heard {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly body: Buffer;
}

export interface Holding {
  /** Writes the reply; where left out: a whole one, empty. */
  readonly reply?: (heard: Heard, response: ServerResponse) => void | Promise<void>;
  /** On a WebSocket. */
  readonly speak?: (socket: WebSocket) => void;
  readonly grant?: Partial<NetworkGrant>;
  /** Else `enforce`. */
  readonly mode?: Policy["mode"];
  readonly rules?: ContentRules;
  readonly known?: readonly KnownValue[];
  /** Rules beside the product's own. */
  readonly more?: readonly RulesText[];
  /** A credential of the session's. */
  readonly credential?: string;
  readonly limits?: GatewayOptions["limits"];
  /** Of the inspector's thread. */
  readonly inspecting?: InspectingLimits;
  /** What source is compared with. */
  readonly sources?: () => readonly SourceRoot[];
  /** Of the policy's. */
  readonly trusted?: TrustedSources;
}

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly octets: Buffer;
}

export async function stand(holding: Holding = {}) {
  const heard: Heard[] = [];
  const messages: Buffer[] = [];
  const came = new EventEmitter();
  const upstream = await openUpstream((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const got = { target: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) };
      heard.push(got);
      if (holding.reply === undefined) response.end("{}");
      else void holding.reply(got, response);
    });
  });
  const speaking = new WebSocketServer({ noServer: true });
  const sockets: WebSocket[] = [];
  upstream.server.on("upgrade", (request: IncomingMessage, duplex: Duplex, head: Buffer) =>
    speaking.handleUpgrade(request, duplex, head, (socket) => {
      sockets.push(socket);
      socket.on("message", (data: Buffer) => {
        messages.push(data);
        came.emit("message");
      });
      socket.on("error", () => undefined);
      holding.speak?.(socket);
    }),
  );
  const grant = grantFor(name, { ...holding.grant, upstream: { address: upstream.address, ca: upstream.ca } });
  const { known = [], rules, more, sources = () => [], trusted } = holding;
  const own = trusted?.files.map(({ glob }) => glob);
  const inspecting = openInspecting({ known: () => known, rules, more, sources, trusted: own }, holding.inspecting);
  const stage = await openStage({ ...joined(holding, grant, inspecting), matchesPath });
  const dial = () => stage.dialTls(name);
  return {
    heard,
    messages,
    stage,
    spent: inspecting.spent,
    /** So many messages, once they have come. */
    received: async (count: number): Promise<readonly Buffer[]> => {
      while (messages.length < count) await once(came, "message");
      return messages;
    },
    /** A request on a connection of its own. */
    send: async (body: Buffer | string, more: { readonly headers?: string; readonly target?: string } = {}) => {
      const octets = Buffer.from(body);
      const socket = await dial();
      const head = `Host: ${name}\r\nContent-Type: application/json\r\nContent-Length: ${octets.length}\r\nConnection: close\r\n`;
      const line = `POST ${more.target ?? "/v1/messages"} HTTP/1.1\r\n`;
      socket.write(Buffer.concat([Buffer.from(`${line}${head}${more.headers ?? ""}\r\n`), octets]));
      return readAnswer(await readAll(socket));
    },
    dial,
    dialSocket: async (path = "/v1/responses") => {
      const connection = await dial();
      const socket = new WebSocket(`ws://${name}:443${path}`, { createConnection: () => connection });
      socket.on("error", () => undefined);
      return socket;
    },
    entries: async (kind: string) => {
      await stage.gateway.close();
      return stage.entries.filter((entry) => entry.kind === kind);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.terminate();
      await stage[Symbol.asyncDispose]();
      await inspecting[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** As src/session/gate.ts does. */
function joined(
  { credential, limits = {}, mode = "enforce", trusted }: Holding,
  grant: NetworkGrant,
  { inspect, restore, overhear, enter }: ReturnType<typeof openInspecting>,
): Partial<GatewayOptions> {
  const to = { host: host(name), header: "x-api-key", paths: undefined };
  const held = { id: "key", placeholder: "postern-stands-for-a-key", variable: undefined, to };
  const credentials = credential === undefined ? [] : [{ ...held, secret: new Secret(credential) }];
  return {
    credentials,
    judge: judgeFor({ mode, network: [grant], credentials: [], logins: [], purposes: [] }),
    seek: seekKnown(credentials),
    openSieve: sieveKnown(credentials),
    inspect,
    restore,
    overhear,
    collect: openCollect({ purposes: [], ...(trusted === undefined ? {} : { trusted }) }, enter),
    refusalFor,
    limits,
  };
}

/** HTTP/1.1, as latin1, the connection closed behind it. */
export function readAnswer(text: string): Answer {
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const plain = /\r\ntransfer-encoding: chunked/i.test(head) ? unchunk(body) : body;
  const octets = Buffer.from(plain, "latin1");
  return { status: Number(head.split(" ", 2)[1]), head, octets, body: octets.toString() };
}

function unchunk(body: string): string {
  const size = Number.parseInt(body, 16);
  const from = body.indexOf("\r\n") + 2;
  return size > 0 ? body.slice(from, from + size) + unchunk(body.slice(from + size + 2)) : "";
}

const decoders: Readonly<Record<string, (octets: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** What a vendor reads of it. */
export function readByVendor({ headers, body }: Pick<Heard, "headers" | "body">): string {
  return String((decoders[headers["content-encoding"] ?? ""] ?? ((plain) => plain))(body));
}

/** Somebody else's gateway, in a line or two: what would reach the vendor. `undefined`: nothing. */
export type Naive = (body: Buffer) => Buffer | undefined;

/** So that a case is known to be able to fail: done so, the secret is there. */
export function assertLeaks(naive: Naive, body: Buffer | string, secret = token): void {
  const left = naive(Buffer.from(body));
  assert.ok(left !== undefined && String(left).includes(secret), "the case shows nothing: the naive way holds it, too");
}
