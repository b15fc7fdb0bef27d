// What an exchange says, looked into: who asks hands over a body as it was decoded, and gets what was found in it. Places and
// names of kinds, never a value.

import type { Host } from "./brand.ts";
import type { RequestHead } from "./exchange.ts";
import type { Purpose } from "./reach.ts";
import type { Drift, Role } from "./span.ts";
import type { Transcript } from "./transcript.ts";

export interface Inquiry {
  /** `socket`: a message on a WebSocket, whose opening has this head. */
  readonly form: "request" | "socket";
  readonly head: RequestHead;
  /** What came behind a request's body, like headers: name, value, by turns. *Attacker-controlled*. */
  readonly trailers?: readonly string[] | undefined;
  readonly host: Host;
  /** Decoded, whole. Given away: it is nobody's but the inspector's from here on. *Attacker-controlled*. */
  readonly body: Buffer;
  /** Of a message: which socket's, so that what is said in two of them is read as one. */
  readonly socket?: number | undefined;
  /** Of all that are asked in a session; the inspector's own. */
  readonly number?: number;
}

/** The path of what stands in a request's target. */
export const inTarget = "(target)";

export interface ContentFinding {
  readonly kind: "secret" | "personal" | "covert" | "closed";
  /** Which rule's, or which kind of data or of hiding. Of `closed`: what could not be looked into. */
  readonly label: string;
  /** Of a secret: how much it says. */
  readonly sure?: string;
  /** Of `closed`: what there may be more of than is told. */
  readonly cut?: "secret" | "personal" | "covert";
  /** Of covert text: bits that it can carry, at most. */
  readonly bits?: number;
  /** Of covert text: told by how a text changes from request to request, or by how its letters are mixed. */
  readonly estimate?: boolean;
  /** Codings it was written in, from the outermost in; none: plainly. */
  readonly within?: readonly string[];
  readonly role: Role;
  /** The fields that lead there. */
  readonly path: string;
  /** UTF-16 units of the text there. */
  readonly from: number;
  readonly to: number;
}

/** Lines of a file of this machine's that a body holds. */
export interface SourceDisclosure {
  /** Absolute, as its checkout has it. */
  readonly file: string;
  /** Of what kind the tree is that it lies in: `workspace`, `protected`. */
  readonly label: string;
  /** What the policy calls it, and the files that hold the same lines. */
  readonly labels: readonly string[];
  /** From 1, both ends included, in order. */
  readonly lines: readonly (readonly [from: number, to: number])[];
  readonly count: number;
  /** As it is; but for white space and case; or in part, such as with other names: the way of most lines. */
  readonly how: "verbatim" | "normalised" | "similar";
  /** `vendor`: stands only in what the model is said to have written itself. */
  readonly by: "here" | "vendor";
  /** Files that hold the same lines: one of them was read. */
  readonly also: readonly string[];
}

/** A file, or a path, of which a body holds the hash alone. */
export interface HashDisclosure {
  readonly file: string;
  readonly label: string;
  readonly labels: readonly string[];
  readonly kind: "content" | "absolute path" | "relative path" | "repository";
  readonly algorithm: string;
  readonly encoding: string;
}

export interface Sources {
  readonly lines: readonly SourceDisclosure[];
  readonly hashes: readonly HashDisclosure[];
  /** Files that are known; of `unread` it is not known whether something of them is here. */
  readonly files: number;
  readonly unread: number;
  /** False while files are still read, and where whoever reads them failed. */
  readonly whole: boolean;
}

/** Where a text came from: over the network, from an MCP server there, or with a dependency that lies in the checkout. */
export const untrustedKinds = ["dependency", "mcp", "network"] as const;
export type UntrustedKind = (typeof untrustedKinds)[number];

/** A span in which a text from outside stands again. */
export interface UntrustedSpan {
  readonly kind: UntrustedKind;
  /** A host, or a file's absolute path. */
  readonly source: string;
  readonly role: Role;
  /** The fields that lead to it. */
  readonly path: string;
  /** Of it, white space apart. */
  readonly characters: number;
}

export interface Untrusted {
  /** Spans that are marked, and those of each kind; the list may end sooner. */
  readonly spans: number;
  readonly counts: Readonly<Record<UntrustedKind, number>>;
  readonly found: readonly UntrustedSpan[];
  /** Texts and files that were more than is looked at: whether they stand here again is not known. */
  readonly missed: number;
  /** False while dependencies are still read. */
  readonly whole: boolean;
}

/** A text on its way to the tool. *Attacker-controlled*. */
export interface Incoming {
  readonly host: Host;
  readonly kind: "mcp" | "network";
  /** Content-Encoding, as it is said. */
  readonly coding: string;
  /** As it came; given away. */
  readonly octets: Buffer;
  /** There was more. */
  readonly cut: boolean;
}

/** What was seen in it. */
export interface Entered {
  /** Octets of text that were taken in; 0: it is none, or could not be. */
  readonly octets: number;
  /** Text that does not show: how many hits of which kind, and the bits they can carry. */
  readonly covert: readonly { readonly label: string; readonly bits: number }[];
  /** Pieces that could not be read, were cut, or were more than is looked at. */
  readonly missed: number;
}

/** Never rejects; undefined where nobody looked. */
export type Enter = (incoming: Incoming) => Promise<Entered | undefined>;

/** A reply that is let through, while it comes. */
export interface Collecting {
  readonly push: (chunk: Buffer) => void;
  /** No more comes. What was seen by then, within a moment. */
  readonly end: () => Promise<Entered>;
}

export interface ReplyFacts {
  readonly host: Host;
  /** Without the query. */
  readonly path: string;
  readonly purpose: Purpose;
  /** What its request was found to speak. */
  readonly protocol: string;
  readonly mediaType: string;
  readonly coding: string;
}

/** Undefined where a reply is not looked at: a model's, of a login, of whom the policy trusts. */
export type Collect = (facts: ReplyFacts) => Collecting | undefined;

export interface Inspection {
  /** `unknown` where nobody has described it. */
  readonly protocol: string;
  readonly operation: string;
  /** Texts it says, and those of them that were not looked into before in this session. */
  readonly spans: number;
  readonly fresh: number;
  /** How many there are of each kind; the list may end sooner. */
  readonly counts: Readonly<Record<ContentFinding["kind"], number>>;
  readonly findings: readonly ContentFinding[];
  readonly drift: readonly Drift[];
  /** What two readers would read differently, in words; refused where rules are enforced. */
  readonly objections: readonly string[];
  readonly redaction: Redaction | undefined;
  /** The weightiest first; empty: none. */
  readonly refusals: readonly ContentRefusal[];
  /** Undefined where nothing is compared with. */
  readonly sources: Sources | undefined;
  /** Undefined where nothing that comes in is known. */
  readonly untrusted?: Untrusted | undefined;
  /** Undefined where it tells no conversation. */
  readonly transcript?: Transcript | undefined;
  /** By which its reply is told apart; undefined where it asks for none that would be told again. */
  readonly asked?: number | undefined;
}

/** Of a body that holds what must not leave as it is: secrets that say more than a guess, and what the policy wants taken out. */
export interface Redaction {
  /** What is taken out, by whose word, and how many; the first is the weightiest. */
  readonly parts: readonly RedactedPart[];
  /** Why it cannot be done: one stands where nothing may be changed, or nobody knows what the body is. */
  readonly impossible: string | undefined;
  /** The body with a placeholder for each of them; undefined where it cannot be done. */
  readonly body: Uint8Array | undefined;
}

export interface RedactedPart {
  readonly kind: "secret" | "personal" | "covert";
  readonly rule: string;
  readonly count: number;
}

/** What the policy refuses to let leave. */
export interface ContentRefusal {
  readonly rule: string;
  readonly reason: string;
}

export type Inspected =
  | { readonly kind: "inspected"; readonly inspection: Inspection }
  /** It took too long, or whoever looks ended: what it says is not known. */
  | { readonly kind: "failed"; readonly why: string };

/** Never rejects. */
export type Inspect = (inquiry: Inquiry) => Promise<Inspected>;

/** A reply on its way to the tool, in which placeholders are given back what they stand for. */
export interface Restoring {
  readonly push: (chunk: Buffer) => Buffer;
  readonly end: () => Buffer;
  /** How many were given back. */
  readonly restored: () => number;
}

/** Messages of a WebSocket, whole and decoded. */
export interface RestoringMessages {
  /** What is to be said in its place: one message or, where something was held back, several. */
  readonly pass: (message: Buffer) => readonly Buffer[];
  readonly restored: () => number;
}

export interface Restore {
  /** Has a placeholder been made that a reply to such a request could hold? */
  readonly isWanted: (protocol: string) => boolean;
  /** Undefined where nothing is given back in such a reply. */
  readonly open: (protocol: string, mediaType: string) => Restoring | undefined;
  readonly openMessages: (protocol: string) => RestoringMessages | undefined;
}
