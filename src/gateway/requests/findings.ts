// One request → what the seeker finds in it: target, every header and trailer, the decoded body.

import type { RequestHead } from "../../domain/exchange.ts";
import type { Finding, Seek } from "../../domain/finding.ts";
import type { Limits } from "../limits.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import type { Body } from "./body.ts";
import { type Look, lookThrough } from "./decoding.ts";
import { Whole } from "./whole.ts";

export interface Found {
  readonly findings: readonly Finding[];
  /** Why the body could not be read, where it could not. */
  readonly unreadable: string | undefined;
  /** The decoded body, where it was to be kept, could be read, and is not too long; nobody else's. */
  readonly whole: Buffer | undefined;
}

export interface Searched {
  readonly head: RequestHead;
  /** Name and value alternating. */
  readonly trailers: readonly string[];
  readonly body: Body;
  /** The decoded body is to be looked into as a whole, too. */
  readonly keep: boolean;
}

export async function findAll(searched: Searched, seek: Seek, limits: Limits): Promise<Found> {
  const { head, body, trailers, keep } = searched;
  const findings = [...seek({ kind: "target", text: head.target }), ...inHeaders(head.headers, seek)];
  if (trailers.length > 0) findings.push(...inHeaders(trailers, seek));
  const codings = valuesOf(head.headers, "content-encoding");
  const whole = keep ? new Whole(limits.inspected, codings.length === 0 ? body.size : 0) : undefined;
  const found = (unreadable: string | undefined): Found => ({
    findings,
    unreadable: unreadable ?? whole?.fault,
    whole: unreadable === undefined ? whole?.take() : undefined,
  });
  if (body.size === 0) return found(undefined);
  if (codings.length > 1) return found("more than one content encoding");
  const sought = lookFor(findings, seek, limits);
  const look: Look = (window, offset) => {
    sought(window, offset);
    whole?.add(window, offset);
  };
  return found(await lookThrough(body, codings[0] ?? "", look, limits));
}

/** Looks at windows that overlap, and adds each finding once. */
export function lookFor(findings: Finding[], seek: Seek, limits: Limits): Look {
  const places = new Set<string>();
  return (window, offset) => {
    for (const found of seek({ kind: "body", bytes: window })) {
      const moved = moveBy(found, offset);
      const key = `${JSON.stringify(moved.place)}${moved.label}${moved.encoding}${moved.what}`;
      // seen already where two windows overlap
      if (places.has(key) || findings.length >= limits.findings) continue;
      places.add(key);
      findings.push(moved);
    }
  };
}

function inHeaders(headers: readonly string[], seek: Seek): Finding[] {
  const findings: Finding[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const value = headers[at + 1] ?? "";
    findings.push(...seek({ kind: "header", name, value }));
    // a header's name is content as well
    if (name.length >= 8) findings.push(...seek({ kind: "header", name, value: name }));
  }
  return findings;
}

function moveBy(finding: Finding, offset: number): Finding {
  if (finding.place.kind !== "body") return finding;
  return { ...finding, place: { kind: "body", offset: finding.place.offset + offset } };
}
