// The corporate proxy, where the user has one: which destinations go through it, and the CONNECT that opens a tunnel (RFC
// 9110 §9.3.6). Its credentials stay in here.

import type { Socket } from "node:net";
import { Fault } from "../../domain/fault.ts";
import { ReplyReader } from "./reply-reader.ts";

/** As the user's environment says: URLs, and a list of names that go directly. */
export interface ProxyOptions {
  readonly https: string | undefined;
  readonly http: string | undefined;
  /** Comma-separated: `*`, `host`, `.suffix`, `*.suffix`, each with `:port` or without. */
  readonly noProxy: string | undefined;
}

export interface Proxy {
  readonly secure: boolean;
  /** Name or address of the proxy itself; brackets taken off. */
  readonly host: string;
  readonly port: number;
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/** Text of a proxy variable → a proxy; throws a Fault `proxy` that does not repeat it, since it may hold a password. */
export function parseProxy(text: string): Proxy {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw new Fault({
      code: "proxy",
      message: "the corporate proxy's address is not an http or https address",
      hint: "write it as http://host:port",
    });
  }
  const secure = url.protocol === "https:";
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    authorization: user === ":" ? undefined : `Basic ${Buffer.from(user).toString("base64")}`,
  };
}

export function bypasses(noProxy: string, host: string, port: number): boolean {
  return noProxy.split(",").some((part) => {
    const [, name = "", onlyPort] = /^(.*?)(?::(\d+))?$/.exec(part.trim().toLowerCase()) ?? [];
    if (name === "" || (onlyPort !== undefined && Number(onlyPort) !== port)) return false;
    const suffix = name.replace(/^\*?\.?/, "");
    if (name === "*") return true;
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A socket to the proxy → the same socket, now the destination's. Rejects with a Fault `upstream`. */
export async function openTunnel(socket: Socket, proxy: Proxy, target: Target): Promise<void> {
  const authority = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const credentials = proxy.authorization === undefined ? "" : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (why: string): void => {
    socket.destroy();
    reject(new Fault({ code: "upstream", message: `the corporate proxy: ${why}` }));
  };
  const reader = new ReplyReader("CONNECT", {
    informational: () => undefined,
    head: (head) => (head.status < 300 ? resolve() : fail(`it answered ${head.status}`)),
    data: () => undefined,
    end: () => undefined,
  });
  const onData = (chunk: Buffer): void => {
    const fault = reader.push(chunk);
    if (fault !== undefined) fail(fault);
    if (!reader.done) return;
    detach();
    socket.pause();
    if (reader.rest.length > 0) socket.unshift(reader.rest);
  };
  const onClose = (): void => fail("it closed the connection");
  const detach = (): void => void socket.off("data", onData).off("close", onClose);
  socket.on("data", onData).on("close", onClose);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  await promise;
}
