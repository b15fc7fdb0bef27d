// One request and its reply while they pass: what every step of the way needs, and what of it may be entered.

import type { Counts } from "../../domain/entry.ts";
import type { Destination, RequestHead } from "../../domain/exchange.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Purpose } from "../../domain/reach.ts";
import { conceal } from "../conceal.ts";
import type { Gate, Visit } from "../gate.ts";
import type { Asker } from "./asker.ts";
import type { Form } from "./framing.ts";
import { isVeiled, note } from "./veiled-target.ts";

/** One that has begun: its head is there, and nobody has said yet what it means. */
export interface Begun {
  readonly gate: Gate;
  readonly visit: Visit;
  readonly asker: Asker;
  readonly head: RequestHead;
  /** When the head had been read (clock of the gate). */
  readonly started: number;
}

/** Enough to refuse it. */
export interface Refusable extends Begun {
  readonly destination: Destination;
  /** Without the query; the whole target while it is not known to be one. */
  readonly path: string;
}

export interface Exchange extends Refusable {
  readonly form: Form;
  /** What its content was found to speak, once it was looked into. */
  readonly protocol?: string | undefined;
  /** What it is for, once it was let go. */
  readonly purpose?: Purpose | undefined;
  /** Where its reply is to be heard beside: by which number. */
  readonly asked?: number | undefined;
}

export function isWebSocket({ form }: Exchange): boolean {
  return form.kind === "http/1.1" && form.webSocket;
}

/** What of a request is sealed: never a header's or the body's content. */
export async function sealRequest({ gate, visit, asker, destination, head }: Refusable) {
  return {
    method: head.method,
    scheme: destination.scheme,
    host: destination.host,
    port: destination.port,
    target: isVeiled(head) ? note : conceal(gate.seek, head.target),
    process: await visit.process,
    ...protocolOf(asker),
    ...throughOf(visit, destination),
  };
}

/** Where it is not HTTP/1.1. */
function protocolOf(asker: Asker): { readonly protocol?: string } {
  if (asker.switched !== undefined) return { protocol: "websocket" };
  return asker.version === "h2" ? { protocol: "h2" } : {};
}

/** The proxy that was asked for it, where one was. */
function throughOf({ host, port, via }: Visit, destination: Destination): { readonly via?: string } {
  const asked = host === destination.host && port === destination.port ? via : `${host}:${port}`;
  return asked === undefined ? {} : { via: asked };
}

export function countFindings(findings: readonly Finding[], size: number): Counts {
  const credentials = findings.filter((finding) => finding.what === "credential").length;
  return {
    "bytes-out": size,
    "findings-credential": credentials,
    "findings-placeholder": findings.length - credentials,
  };
}
