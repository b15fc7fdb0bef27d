// A request's head as fields of HTTP/2 → what it asks, or why two readers could read it in two ways. Attacker-controlled. RFC
// 9113 §8.1.1, §8.3.1.

import { METHODS } from "node:http";
import type { RequestHead } from "../../domain/exchange.ts";
import { pseudoOf, type Split, splitFields } from "../http2/field-rules.ts";
import type { Fields } from "../http2/head-reader.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import {
  checkExpectation,
  checkNames,
  type Framed,
  isOwnMethod,
  type Misframed,
  parseAuthority,
  parseTarget,
  refused,
  type Visited,
} from "./framing.ts";

const known = [":method", ":scheme", ":authority", ":path"];
const methods = new Set(METHODS);

export interface Read {
  /** As far as it could be made out. */
  readonly head: RequestHead;
  readonly framed: Framed;
}

/** `bodiless`: nothing comes after it. */
export function readHttp2(fields: Fields, bodiless: boolean, visited: Visited): Read {
  const split = splitFields(fields.list, known);
  if (typeof split === "string") {
    const head = { method: "", target: "", headers: [] };
    const long = refused(431, "head-limit", "the head is longer than any provider takes");
    return { head, framed: fields.long ? long : refused(400, "framing", split) };
  }
  const head = {
    method: pseudoOf(split, ":method") ?? "",
    target: pseudoOf(split, ":path") ?? "",
    headers: split.headers,
  };
  if (fields.long) return { head, framed: refused(431, "head-limit", "the head is longer than any provider takes") };
  return { head, framed: check(split, head, { visited, bodiless, never: fields.never }) };
}

interface Circumstances {
  readonly visited: Visited;
  readonly bodiless: boolean;
  readonly never: ReadonlySet<string>;
}

function check(split: Split, head: RequestHead, { visited, bodiless, never }: Circumstances): Framed {
  if (isOwnMethod(head.method)) return refused(400, "method", "a method that is never passed on");
  if (!methods.has(head.method)) return refused(400, "framing", "a method nobody knows");
  const framing = checkLength(head.headers, bodiless);
  if (framing !== undefined) return framing;
  const target = parseTarget(head.target);
  if (target === undefined || target.authority !== undefined)
    return refused(400, "target", "the target could be read in two ways");
  const scheme = pseudoOf(split, ":scheme");
  if (scheme === undefined) return refused(400, "framing", "no scheme");
  const named = namedBy(split, visited);
  if (named === undefined) return refused(400, "host", "not exactly one name of a host");
  const disagreement = checkNames(named, { ...target, authority: named, scheme }, visited);
  if (disagreement !== undefined) return disagreement;
  const expectation = checkExpectation(head.headers);
  if ("kind" in expectation) return expectation;
  const { host, port } = visited;
  const form = { kind: "h2", pseudo: split.pseudo, never } as const;
  return {
    kind: "framed",
    head,
    destination: { scheme: visited.scheme, host, port },
    path: target.path,
    form,
    waits: expectation.waits,
  };
}

/** `:authority`, or `host` in its place; both only where they say the same (§8.3.1). */
function namedBy(split: Split, { scheme }: Visited) {
  const hosts = valuesOf(split.headers, "host");
  const authority = pseudoOf(split, ":authority");
  const named = authority ?? hosts[0];
  if (named === undefined || hosts.length > 1 || (hosts[0] ?? named) !== named) return undefined;
  return parseAuthority(named, scheme);
}

/** Two lengths, one that is none, or one that nothing follows. */
function checkLength(headers: readonly string[], bodiless: boolean): Misframed | undefined {
  const lengths = valuesOf(headers, "content-length");
  const ambiguous =
    lengths.length > 1 ||
    lengths.some((value) => !/^[0-9]{1,15}$/.test(value)) ||
    (bodiless && Number(lengths[0] ?? 0) !== 0);
  return ambiguous ? refused(400, "framing", "the body's length could be read in two ways") : undefined;
}
