// The opening handshake of a WebSocket, attacker-controlled on both sides: is it one, and what was agreed on. RFC 6455 §4, RFC 7692
// §7. Pure.

import { createHash } from "node:crypto";
import type { RequestHead } from "../../domain/exchange.ts";
import { type ReplyHead, valuesOf } from "../upstream/reply-reader.ts";

/** What was agreed on for the frames to come. */
export interface Agreed {
  /** Undefined: nothing is compressed. */
  readonly deflate: Deflate | undefined;
}

/** Does each side's compression lean on its messages before? */
export interface Deflate {
  readonly client: boolean;
  readonly server: boolean;
}

/** Is a WebSocket what is asked for? One that is not asked for rightly is not let through either. */
export function asksForWebSocket(headers: readonly string[]): boolean {
  const asked = valuesOf(headers, "upgrade");
  return asked.length === 1 && asked[0]?.toLowerCase() === "websocket";
}

/** Undefined, or why it is no opening handshake (§4.2.1). */
export function checkOpening({ method, headers }: RequestHead): string | undefined {
  if (method !== "GET") return "a WebSocket is opened by GET alone";
  if (!hasToken(valuesOf(headers, "connection"), "upgrade")) return "Connection does not say upgrade";
  const [version, ...versions] = valuesOf(headers, "sec-websocket-version");
  if (version !== "13" || versions.length > 0) return "a version of WebSocket that is not spoken";
  const [key, ...keys] = valuesOf(headers, "sec-websocket-key");
  if (keys.length > 0 || !/^[A-Za-z0-9+/]{22}==$/.test(key ?? "")) return "no key, or one that is none";
  const bodies = valuesOf(headers, "content-length").filter((length) => length !== "0");
  return bodies.length + valuesOf(headers, "transfer-encoding").length > 0
    ? "a WebSocket's opening has no body"
    : undefined;
}

/** A reply with 101 → what was agreed on, or why the two sides did not agree (§4.1). */
export function checkSwitch(asked: RequestHead, { headers }: ReplyHead): Agreed | string {
  const [upgrade, ...upgrades] = valuesOf(headers, "upgrade");
  if (upgrade?.toLowerCase() !== "websocket" || upgrades.length > 0)
    return "it changes to another protocol than was asked for";
  if (!hasToken(valuesOf(headers, "connection"), "upgrade")) return "Connection does not say upgrade";
  const [accept, ...accepts] = valuesOf(headers, "sec-websocket-accept");
  if (accepts.length > 0 || accept !== acceptOf(valuesOf(asked.headers, "sec-websocket-key")[0] ?? ""))
    return "it does not answer the key it was given";
  const extensions = parseExtensions(valuesOf(headers, "sec-websocket-extensions"));
  const [deflate, ...others] = extensions;
  if (deflate === undefined) return { deflate: undefined };
  if (others.length > 0 || deflate.name !== "permessage-deflate") return "an extension nobody here can read";
  const offered = parseExtensions(valuesOf(asked.headers, "sec-websocket-extensions"));
  if (!offered.some(({ name }) => name === deflate.name)) return "an extension that was not offered";
  const unknown = deflate.parameters.find((parameter) => !known.test(parameter));
  if (unknown !== undefined) return "an extension's parameter nobody here can read";
  const leans = (side: string): boolean => !deflate.parameters.includes(`${side}_no_context_takeover`);
  return { deflate: { client: leans("client"), server: leans("server") } };
}

/** A window's size changes nothing for who reads with the largest one there is. */
const known = /^(?:(?:client|server)_no_context_takeover|(?:client|server)_max_window_bits=(?:[89]|1[0-5]))$/;

/** RFC 6455 §4.2.2 */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

function hasToken(values: readonly string[], token: string): boolean {
  return values.some((value) => value.split(",").some((part) => part.trim().toLowerCase() === token));
}

interface Extension {
  readonly name: string;
  /** `name` or `name=value`, quotes taken off, in lower case. */
  readonly parameters: readonly string[];
}

/** §9.1; no extension that is known has a quoted comma or semicolon in it. */
function parseExtensions(values: readonly string[]): readonly Extension[] {
  return values
    .flatMap((value) => value.split(","))
    .map((text) => text.split(";").map(parseParameter))
    .map(([name = "", ...parameters]) => ({ name, parameters }))
    .filter(({ name }) => name !== "");
}

function parseParameter(text: string): string {
  const [name = "", ...value] = text.toLowerCase().split("=");
  if (value.length === 0) return name.trim();
  const said = value.join("=").trim();
  const quoted = said.length > 1 && said.startsWith('"') && said.endsWith('"');
  return `${name.trim()}=${quoted ? said.slice(1, -1) : said}`;
}
