// A request of HTTP → is it a push of git's (gitprotocol-http(5)), and which. Pure. Attacker-controlled: whatever a server
// could take for a push counts as one, and only what is written as git writes it can be read.

import type { PushRead, ReadPush } from "../../domain/push.ts";
import { PushReader } from "./push.ts";

const service = "git-receive-pack";

export const readPush: ReadPush = ({ method, path, headers, head }) => {
  const types = valuesOf(headers, "content-type");
  if (!looksLikePush(method, path, types)) return undefined;
  const repository = path.endsWith(`/${service}`) ? path.slice(0, -service.length - 1) : "";
  if (method !== "POST" || repository === "" || repository.includes(service))
    return unreadable("it is not asked for as git asks");
  if (types.length !== 1 || types[0] !== `application/x-${service}-request`)
    return unreadable("its type is not that of a push");
  if (valuesOf(headers, "content-encoding").length > 0) return unreadable("it is encoded, as git encodes no push");
  const state = new PushReader().add(head);
  if (state.kind === "more") return unreadable("it ends before it has said what it is to change");
  return state.kind === "push" ? { ...state, repository } : state;
};

/** Escapes count as what they stand for, and either case: some servers read them so. */
function looksLikePush(method: string, path: string, types: readonly string[]): boolean {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return false;
  const plain = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return [plain, ...types].some((text) => text.toLowerCase().includes(service));
}

function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.flatMap((word, at) => (at % 2 === 0 && word.toLowerCase() === name ? [headers[at + 1] ?? ""] : []));
}

function unreadable(reason: string): PushRead {
  return { kind: "unreadable", reason };
}
