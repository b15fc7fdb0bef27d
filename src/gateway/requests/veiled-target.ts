// Targets in which a secret was seen: told nowhere, neither of the request itself nor of what is said later on a WebSocket it opened.

import type { RequestHead } from "../../domain/exchange.ts";
import { type Inspection, inTarget } from "../../domain/inspection.ts";

/** In such a target's place. */
export const note = "[holds a secret]";

const veiled = new WeakSet<RequestHead>();

/** From now on, where what was seen stands in it. */
export function veil(head: RequestHead, inspection: Inspection | undefined): void {
  const inIt = inspection?.findings.filter(({ path }) => path === inTarget) ?? [];
  if (inIt.some(({ kind, cut }) => kind === "secret" || cut === "secret")) veiled.add(head);
}

export const isVeiled = (head: RequestHead): boolean => veiled.has(head);
