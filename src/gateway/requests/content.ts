// A request's content, handed to whoever looks into it, and what of it is counted and sealed. The gateway knows neither protocols nor
// what is sought.

import type { Disclosure } from "../../domain/disclosure.ts";
import type { Counts } from "../../domain/entry.ts";
import type { Inspected, Inspection } from "../../domain/inspection.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { type Exchange, isWebSocket } from "./exchange.ts";
import { countSources, sealSources } from "./sources.ts";
import { countTranscript, sealTranscript } from "./transcript.ts";
import { countUntrusted, sealUntrusted } from "./untrusted.ts";
import { veil } from "./veiled-target.ts";

export interface Content {
  /** Undefined where nobody looks into content here, or there is none. */
  readonly inspection: Inspection | undefined;
  /** Why it is not known what it says. */
  readonly unreadable: string | undefined;
}

/** A decoded body or message. */
interface Looked {
  readonly whole?: Buffer | undefined;
}

const none: Content = { inspection: undefined, unreadable: undefined };

/** What the judge says once the content was looked into: of what is left when secrets are taken out, where it can all be taken out. */
export async function judgeContent(exchange: Exchange, disclosure: Disclosure, looked: Looked) {
  const { judge, seek } = exchange.gate;
  const outside = disclosure.findings.filter(({ place }) => place.kind !== "body");
  const early = judge.decide({ ...disclosure, findings: outside });
  // what is refused without a look into its content is not looked into
  if (early.kind === "refuse") return { decided: judge.decide(disclosure), inspection: undefined };
  const { inspection, unreadable = disclosure.unreadable } = await inspectContent(exchange, looked);
  veil(exchange.head, inspection);
  const body = inspection?.redaction?.body;
  const left = body === undefined ? [] : seek({ kind: "body", bytes: bytesOf(body) });
  const redacted = judge.decide({ ...disclosure, unreadable, inspection, findings: [...outside, ...left] });
  if (body !== undefined && redacted.kind === "redact") return { decided: redacted, inspection };
  return { decided: judge.decide({ ...disclosure, unreadable, inspection }), inspection };
}

/** For the tool, of what is refused because nothing can be taken out: its history would be refused for ever. Names no rule, no place. */
export function adviceOn({ rule }: Verdict, inspection: Inspection | undefined): string | undefined {
  const { parts, impossible } = inspection?.redaction ?? {};
  if (impossible === undefined || rule !== parts?.[0]?.rule) return undefined;
  return "This request is not permitted by the policy of this environment: it holds something that must not leave and cannot be taken out of it. A conversation without it can go on.";
}

export const bytesOf = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);

async function inspectContent(exchange: Exchange, { whole }: Looked): Promise<Content> {
  const { gate, head, destination, asker } = exchange;
  if (gate.inspect === undefined) return none;
  const asked = { head, host: destination.host, trailers: asker.arriving.trailers };
  if (whole === undefined || whole.length === 0) {
    // of what is said on a socket the head left before
    if (whole === undefined && isWebSocket(exchange)) return none;
    const content = contentOf(await gate.inspect({ form: "request", ...asked, body: Buffer.alloc(0) }));
    // no head holds anything, nearly always, and no more is said of it
    return content.inspection?.findings.length === 0 && content.unreadable === undefined ? none : content;
  }
  if (!isWebSocket(exchange)) return contentOf(await gate.inspect({ form: "request", ...asked, body: whole }));
  return contentOf(await gate.inspect({ form: "socket", ...asked, body: whole, socket: numberOf(exchange) }));
}

const sockets = new WeakMap<Exchange, number>();
let opened = 0;

/** One and the same for all that is said on it. */
function numberOf(exchange: Exchange): number {
  const known = sockets.get(exchange);
  if (known !== undefined) return known;
  opened += 1;
  sockets.set(exchange, opened);
  return opened;
}

function contentOf(inspected: Inspected): Content {
  if (inspected.kind === "failed") return { inspection: undefined, unreadable: inspected.why };
  const { inspection } = inspected;
  const [objection] = inspection.objections;
  return { inspection, unreadable: objection && whyOf(objection) };
}

const whyOf = (objection: string): string =>
  objection.startsWith("too ") ? `its JSON is ${objection}` : `it can be read in two ways: ${objection}`;

/** For the leaf. */
export function countContent(inspection: Inspection | undefined): Counts {
  if (inspection === undefined) return {};
  const { secret, personal, covert } = inspection.counts;
  return {
    spans: inspection.spans,
    "findings-secret": secret,
    "findings-personal": personal,
    "findings-covert": covert,
    ...countSources(inspection.sources),
    ...countUntrusted(inspection.untrusted),
    ...countTranscript(inspection.transcript),
  };
}

/** To be sealed: kinds and places, never a value. */
export function sealContent(inspection: Inspection | undefined): object {
  if (inspection === undefined) return {};
  const { protocol, operation, findings, drift, objections, counts } = inspection;
  return {
    content: {
      protocol,
      operation,
      ...(findings.length === 0 ? {} : { findings }),
      ...(drift.length === 0 ? {} : { drift }),
      ...(objections.length === 0 ? {} : { objections }),
      ...(counts.closed === 0 ? {} : { closed: counts.closed }),
      ...sealSources(inspection.sources),
      ...sealUntrusted(inspection.untrusted),
      ...sealTranscript(inspection.transcript),
    },
  };
}
