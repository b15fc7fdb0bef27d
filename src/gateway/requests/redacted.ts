// A request in whose body placeholders stand in place of secrets: the head says of it what is true now, and what leaves is plain.

import type { RequestHead } from "../../domain/exchange.ts";
import { ownBody } from "./body.ts";
import { bytesOf } from "./content.ts";
import type { Exchange } from "./exchange.ts";
import { forward, type Permitted } from "./forward.ts";

/** `body`: decoded, and already on the record as redacted. */
export function forwardRedacted(exchange: Exchange, permitted: Permitted, body: Uint8Array): Promise<void> {
  const bytes = bytesOf(body);
  permitted.body.dispose();
  return forward({ ...exchange, head: describe(exchange.head, bytes.length) }, { ...permitted, body: ownBody(bytes) });
}

/** Not coded any more, and of this length; everything else as it came. */
function describe(head: RequestHead, length: number): RequestHead {
  const headers: string[] = [];
  for (let at = 0; at < head.headers.length; at += 2) {
    const [name = "", value = ""] = head.headers.slice(at, at + 2);
    const lower = name.toLowerCase();
    if (lower !== "content-encoding") headers.push(name, lower === "content-length" ? String(length) : value);
  }
  return { ...head, headers };
}
