// An entry of the record → what it was about, as `postern why` is asked for it. Everything sealed is attacker-controlled:
// what does not look like what it should be is nothing.

import { parseHost } from "../domain/brand.ts";
import type { RecordedEntry } from "../ledger/record.ts";

export function subjectOf({ sealed }: Pick<RecordedEntry, "sealed">): string | undefined {
  if (typeof sealed !== "object") return undefined;
  const told: Readonly<Record<string, unknown>> = sealed;
  const host = hostIn(told["host"] ?? told["name"] ?? told["ip"] ?? within(told["destination"], "ip"));
  if (host === undefined) return undefined;
  const port = told["port"] ?? within(told["destination"], "port");
  const { method, scheme, target } = told;
  const usual = port === (scheme === "http" ? 80 : 443);
  const place = typeof port === "number" && !usual ? `${bracketed(host)}:${port}` : host;
  if (typeof method !== "string" || !/^[A-Z]{1,20}$/.test(method) || typeof target !== "string") return place;
  const path = /^\/[^?#\s]*/.exec(target)?.[0];
  return path === undefined ? place : `${method} ${scheme === "http" ? "http" : "https"}://${place}${path}`;
}

function hostIn(value: unknown): string | undefined {
  return typeof value === "string" ? parseHost(value) : undefined;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function within(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
