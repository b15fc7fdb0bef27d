// One exchange's body → what it says and what is found in it: the protocol's reader, then the seekers, each text looked into once in
// a session. Runs in a thread of its own. Everything here is *attacker-controlled*, and bounded.

import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import type { ContentRules, PersonalKind } from "../../domain/content-rules.ts";
import type { ContentFinding, Inquiry, Inspection, Untrusted } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import type { Seen, SpanFinding } from "../../inspection/inspect.ts";
import type { KnownValue } from "../../inspection/known-text.ts";
import { openOpener } from "../../inspection/open/opener.ts";
import { openPlaceholders } from "../../inspection/placeholders/placeholders.ts";
import { type RulesText, readRules } from "../../inspection/rules/file.ts";
import { openConversations } from "../../protocol/conversations.ts";
import { readMessage, readRequest, type Said } from "../../protocol/read.ts";
import { openSourceDesk, type Told as SourceTold } from "../sources/desk.ts";
import { openFinding } from "./finding.ts";
import { openHeads, withHead } from "./heads.ts";
import { type IncomingDesk, type IncomingTold, isIncoming, openIncoming } from "./incoming.ts";
import { openInflate } from "./inflating.ts";
import { type Names, nameTranscript, openNames } from "./names.ts";
import { redact } from "./redaction.ts";
import { refusalsOf } from "./refusals.ts";
import { openTranscripts, type Transcripts } from "./transcripts.ts";

/** Findings told one by one; all are counted. */
const most = 200;

export interface Desk {
  readonly look: (inquiry: Inquiry) => Inspection;
  /** A file of source, or of a dependency, that what is looked into is compared with. */
  readonly take: (told: SourceTold | IncomingTold) => void;
  /** A text that comes in. */
  readonly enter: IncomingDesk["enter"];
  /** Of a reply, as the tool gets it. */
  readonly hear: Transcripts["hear"];
  /** Placeholders made since it was asked last. */
  readonly made: () => readonly (readonly [placeholder: string, secret: string])[];
}

export interface DeskOptions {
  readonly known: readonly KnownValue[];
  /** Files of source will be told. */
  readonly compared: boolean;
  /** Of what is told of them, 32 octets; undefined: one of its own. */
  readonly key?: Uint8Array | undefined;
  /** Undefined where the policy says nothing of content. */
  readonly rules: ContentRules | undefined;
  /** Rules for secrets beside the product's own. */
  readonly more?: readonly RulesText[] | undefined;
}

export function openDesk({ known, compared, key: sourceKey, rules, more = [] }: DeskOptions): Desk {
  // as octets it would be made ready anew for every text, which takes four times as long as most texts do
  const key = createSecretKey(randomBytes(32));
  const hash = (text: string): string => createHmac("sha256", key).update(text).digest("base64");
  const opener = openOpener(openInflate());
  const { seek, find } = openFinding({ known, more: more.flatMap(readRules) }, hash, opener);
  const names = openNames(seek);
  const heads = openHeads(seek, names);
  const open = (text: string): readonly string[] => opener(text).found.map((one) => one.text);
  const compare = { key: sourceKey ?? randomBytes(32), hash, open };
  const sources = openSourceDesk(compare);
  const incoming = openIncoming({ ...compare, isOwn: sources.holds.bind(sources) });
  const conversations = openConversations();
  const transcripts = openTranscripts(hash);
  const placeholders = openPlaceholders((text) => createHmac("sha256", key).update(text).digest());
  return {
    look: (inquiry) => {
      const { form, head, trailers, host, body, socket } = inquiry;
      // a message leaves by a head that was looked into before it
      const inHead = form === "socket" ? [] : heads.look(head, trailers);
      if (body.length === 0) return headAlone(inHead);
      const route = `${form} ${host} ${head.target.split("?", 1)[0] ?? ""}`;
      const { conversation, name } = conversations.of(route, body);
      const said = (form === "socket" ? readMessage : readRequest)(head, body, conversation);
      const { findings: all, judged } = find(said.spans, name, socket);
      const findings = all.filter(({ seen }) => isWanted(seen, rules));
      const { protocol, operation, spans, drift } = said;
      const acted = findings.filter(({ span, seen }) => !isExample(spans[span], seen));
      const redaction = redact({ head, body, said, findings: acted }, placeholders, rules);
      return {
        protocol,
        operation,
        spans: spans.length,
        fresh: judged.spans,
        ...withHeadTold(inHead, tell(spans, findings, names)),
        drift: drift.map(names.ofDrift),
        objections: objectionsOf(said),
        redaction: withHead(redaction, inHead),
        refusals: refusalsOf(acted, rules),
        sources: compared ? sources.look(spans, name) : undefined,
        untrusted: namedIn(incoming.look(spans, name), names),
        ...nameTranscript(transcripts.look(inquiry, said, name), names),
      };
    },
    take: (told) => (isIncoming(told) ? incoming.take(told) : sources.take(told)),
    enter: incoming.enter.bind(incoming),
    hear: transcripts.hear,
    made: made(placeholders.all),
  };
}

function headAlone(inHead: readonly ContentFinding[]): Inspection {
  const nothing = { counts: { secret: 0, personal: 0, covert: 0, closed: 0 }, findings: [] };
  return {
    protocol: "unknown",
    operation: "unknown",
    spans: 0,
    fresh: 0,
    ...withHeadTold(inHead, nothing),
    drift: [],
    objections: [],
    redaction: withHead(undefined, inHead),
    refusals: [],
    sources: undefined,
  };
}

type Told = Pick<Inspection, "counts" | "findings">;

const withHeadTold = (inHead: readonly ContentFinding[], { counts, findings }: Told): Told => ({
  counts: {
    ...counts,
    secret: counts.secret + inHead.filter(({ kind }) => kind === "secret").length,
    closed: counts.closed + inHead.filter(({ kind }) => kind === "closed").length,
  },
  findings: [...inHead, ...findings],
});

/** What has come since it was asked last. */
function made(all: ReadonlyMap<string, string>): Desk["made"] {
  let told = 0;
  return () => {
    const fresh = [...all].slice(told);
    told = all.size;
    return fresh;
  };
}

/** What the policy does not want to be looked for. */
const isWanted = ({ kind, label }: Seen, rules: ContentRules | undefined): boolean =>
  kind !== "personal" || rules?.personal[label as PersonalKind]?.action !== "off";

/**
 * Makers of tools show in descriptions what an argument looks like, in every request of a session: counted, no reason to refuse any.
 * Secrets and what does not show are acted on there as anywhere.
 */
const isExample = (span: Span | undefined, { kind }: Seen): boolean =>
  kind === "personal" && span?.role === "description";

function tell(
  spans: readonly Span[],
  all: readonly SpanFinding[],
  names: Names,
): Pick<Inspection, "counts" | "findings"> {
  const counts = { secret: 0, personal: 0, covert: 0, closed: 0 };
  const findings: ContentFinding[] = [];
  // what was not looked into is told before what was seen
  const isClosed = ({ seen }: SpanFinding): boolean => seen.kind === "closed";
  for (const { span: nth, seen } of [...all.filter(isClosed), ...all.filter((one) => !isClosed(one))]) {
    counts[seen.kind] += 1;
    const span = spans[nth];
    if (span !== undefined && findings.length < most)
      findings.push({ ...findingOf(span, seen), path: names.ofPath(span.path) });
  }
  return { counts, findings };
}

const namedIn = (untrusted: Untrusted, names: Names): Untrusted => ({
  ...untrusted,
  found: untrusted.found.map((one) => ({ ...one, path: names.ofPath(one.path) })),
});

/** A lone surrogate is none: programs that cut a text write them, and all readers take them for the same. */
function objectionsOf({ objections }: Said): readonly string[] {
  return objections
    .filter(({ what }) => what !== "lone surrogate")
    .map(({ what, offset }) => `${what} at octet ${offset}`);
}

function findingOf({ role, path }: Span, seen: Seen): ContentFinding {
  return { ...seen, role, path };
}
