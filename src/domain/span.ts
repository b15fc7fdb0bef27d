// A piece of what an exchange says: one string of its body, with who said it and where it stands. Content is judged by spans,
// and changed only within one. *Attacker-controlled* throughout.

/**
 * Who said it, as far as the protocol tells: `person` what was typed, `scaffold` what the tool itself wraps around that,
 * `call` what the model wants done, `result` what came of a call. `structure`: names, identifiers and settings of the protocol's
 * own. `unknown`: a place no protocol of ours knows.
 */
export type Role =
  | "person"
  | "scaffold"
  | "system"
  | "assistant"
  | "call"
  | "result"
  | "description"
  | "structure"
  | "unknown";

/** `free`: a string in JSON of somebody else's shape, or a key of it. `opaque`: nobody but its maker reads it. `media`: octets in base64. */
export type SpanKind = "text" | "free" | "key" | "opaque" | "media";

/** Octets of the decoded body: of what stands between the quotes of a string. */
export interface SpanPlace {
  readonly from: number;
  readonly to: number;
  /** It has escapes: its text is not what stands there. */
  readonly escaped: boolean;
}

export interface Span {
  readonly role: Role;
  readonly kind: SpanKind;
  readonly place: SpanPlace;
  /** Decoded; lone surrogates stay, octets that are no UTF-8 are U+FFFD. */
  readonly text: string;
  /** The fields that lead there: `messages[3].content[0].text`. */
  readonly path: string;
  /** Of a call, or of what came of it: its identifier and the tool's name, where known. */
  readonly call?: string | undefined;
  readonly tool?: string | undefined;
  /** Must never be changed: signed, encrypted, or what the vendor checks. */
  readonly fixed: boolean;
}

/** Something that no description of the protocol has: how undocumented interfaces show. */
export interface Drift {
  readonly what: "field" | "type" | "role" | "kind";
  readonly path: string;
  /** Its name, or what stands there instead, bounded. */
  readonly seen: string;
}
