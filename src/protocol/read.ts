// One request's body, decoded → what it says: spans in a protocol's own words where there is one, and by its media type where
// there is none. Nothing that is sent is left out: what cannot be taken apart is one span, whole. *Attacker-controlled* throughout.

import type { RequestHead } from "../domain/exchange.ts";
import type { Drift, Span } from "../domain/span.ts";
import { type Conversation, openConversation } from "./conversation.ts";
import { readForm, readMultipart } from "./forms.ts";
import { readJson } from "./json/reader.ts";
import { type JsonTree, kind, type Objection, type TooMuch } from "./json/tree.ts";
import { type Recognised, recognise, recogniseMessage } from "./recognise.ts";
import { plainSpan } from "./shape/plain.ts";
import { free } from "./shape/shapes.ts";
import { below, root, Walk } from "./shape/walk.ts";

export interface Said {
  readonly protocol: string;
  readonly operation: string;
  readonly spans: readonly Span[];
  readonly drift: readonly Drift[];
  /** What different readers read differently: refused where rules are enforced. */
  readonly objections: readonly Objection[];
  /** Of one JSON text; to be read until the next body of its conversation is. */
  readonly tree?: JsonTree;
}

/** The whole body of a request, which nobody may change from here on; empty where it has none. `conversation`: it may be one of its. */
export function readRequest(head: RequestHead, bytes: Buffer, conversation = openConversation()): Said {
  const media = mediaTypeOf(head);
  const form = media === "application/x-www-form-urlencoded" ? readForm(bytes) : undefined;
  const parts = media === "multipart/form-data" ? readMultipart(bytes, valueOf(head, "content-type")) : undefined;
  const spans = form ?? parts;
  if (spans !== undefined) return { ...unrecognised, spans, drift: [], objections: [] };
  const named = (tree: JsonTree) => recognise(head, isJsonRpc(tree));
  return readJsonBody(bytes, conversation, named) ?? readLines(bytes) ?? readWhole(bytes);
}

/** A message of a WebSocket, whose opening has this head. */
export function readMessage(head: RequestHead, bytes: Buffer, conversation = openConversation()): Said {
  return readJsonBody(bytes, conversation, () => recogniseMessage(head)) ?? readWhole(bytes);
}

const unrecognised = { protocol: "unknown", operation: "unknown" } as const;

function readJsonBody(
  bytes: Buffer,
  conversation: Conversation,
  recogniseIn: (tree: JsonTree) => Recognised,
): Said | undefined {
  if (!looksLikeJson(bytes)) return undefined;
  let named: Pick<Said, "protocol" | "operation"> = unrecognised;
  const read = conversation.read(bytes, (tree) => {
    const { protocol, operation, shape } = recogniseIn(tree);
    named = { protocol, operation };
    return { shape, at: root(protocol === "unknown" ? "unknown" : "structure") };
  });
  if (!(read instanceof Walk)) return read.what === "no JSON" ? undefined : readBeyond(bytes, read.what, read.offset);
  const { spans, drift, tree } = read;
  return { ...named, spans, drift, objections: tree.objections, tree };
}

const isJsonRpc = (tree: JsonTree): boolean => {
  const [first] = tree.kindOf(0) === kind.array ? tree.below(0) : [0];
  return first !== undefined && tree.stringIn(first, "jsonrpc") === "2.0";
};

/** JSON values, a line each (NDJSON): telemetry, batches. */
function readLines(bytes: Buffer): Said | undefined {
  const objections: Objection[] = [];
  const walks: Walk[] = [];
  let line = 0;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    if (bytes.subarray(from, to).some((octet) => octet > 0x20)) {
      const done = readJson(bytes, { from, to });
      if (done.kind !== "json") return done.what === "no JSON" ? undefined : readBeyond(bytes, done.what, done.offset);
      const walking = new Walk(done.tree);
      free(walking, 0, below(root("unknown"), `[${line}]`));
      walks.push(walking);
      objections.push(...done.tree.objections);
    }
    from = to + 1;
  }
  if (walks.length === 0) return undefined;
  return { ...unrecognised, spans: walks.flatMap(({ spans }) => spans), drift: [], objections };
}

/** JSON as far as it was read, and then more than is taken apart: looked through as one text, and objected to. */
function readBeyond(bytes: Buffer, what: TooMuch, offset: number): Said {
  return { ...readWhole(bytes), objections: [{ what, offset }] };
}

function readWhole(bytes: Buffer): Said {
  const spans = bytes.length === 0 ? [] : [plainSpan(bytes, { from: 0, to: bytes.length }, "")];
  return { ...unrecognised, spans, drift: [], objections: [] };
}

/** What begins as no JSON does is not tried. */
function looksLikeJson(bytes: Buffer): boolean {
  const first = bytes.find((octet) => octet > 0x20);
  return first === 0x7b || first === 0x5b || first === 0x22;
}

const mediaTypeOf = (head: RequestHead): string =>
  (valueOf(head, "content-type").split(";", 1)[0] ?? "").trim().toLowerCase();

function valueOf({ headers }: RequestHead, name: string): string {
  const at = headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name);
  return at < 0 ? "" : (headers[at + 1] ?? "");
}
