// For this room's tests: what was seen, with everything that does not matter filled in.

import { parseHost } from "../../domain/brand.ts";
import type { Background } from "./background.ts";
import type { Seen, SeenConnection, SeenRequest, SeenSsh } from "./seen.ts";

export const session = "s-7Q4M2X9K";
const evidence = { session, index: 4, bytes: 10, executable: "/usr/bin/curl" };

export function hostOf(text: string): SeenRequest["host"] {
  const host = parseHost(text);
  if (host === undefined) throw new Error(`${text} is no host`);
  return host;
}

export function request(
  what: Partial<Omit<SeenRequest, "kind" | "host">> & { readonly host?: string } = {},
): SeenRequest {
  const { host = "api.example.net", ...rest } = what;
  return {
    ...evidence,
    kind: "request",
    fate: "audit",
    host: hostOf(host),
    port: 443,
    method: "GET",
    path: "/v1/things",
    purpose: "other",
    within: undefined,
    credentials: [],
    push: false,
    registry: undefined,
    upstream: undefined,
    reason: "",
    ...rest,
  };
}

export function connection(what: Partial<SeenConnection> = {}): SeenConnection {
  return {
    ...evidence,
    kind: "opaque",
    fate: "granted",
    host: hostOf("db.example.net"),
    port: 5432,
    reason: "",
    ...what,
  };
}

export function ssh(what: Partial<SeenSsh> = {}): SeenSsh {
  const place = { host: hostOf("git.example.net"), port: 22, user: "git", path: "/team/one.git", key: undefined };
  return { ...evidence, kind: "ssh", fate: "granted", ...place, push: false, reason: "", ...what };
}

export const name = (text: string): Seen => ({ ...evidence, kind: "name", name: text });
export const controlFile = (path: string): Seen => ({ ...evidence, kind: "control-file", path });
export const port = (number: number): Seen => ({ ...evidence, kind: "published", port: number });

export function background(what: Partial<Background> = {}): Background {
  const one = { id: session, mode: "audit", started: "2026-11-27T13:00:00Z", entries: 20, unreadable: 0, ended: true };
  const unknown = { own: undefined, lost: undefined, credential: () => undefined };
  return { tool: "pi", recognised: true, sessions: [one], ...unknown, ...what };
}
