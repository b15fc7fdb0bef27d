// A conversation as its client tells it again with every request, and as it was delivered to that client: what of the first is not
// the second. Kinds and places, never a text.

/** One thing that stands in a history, in its order. *Attacker-controlled*. */
export type Utterance =
  /** Somebody else's than the model's: a person's where `person`, else what a tool adds. */
  | { readonly kind: "said"; readonly text: string; readonly person: boolean }
  | { readonly kind: "text"; readonly text: string; readonly path: string }
  | { readonly kind: "thought"; readonly text: string }
  | {
      readonly kind: "call";
      /** Its identifier, where the protocol has one. */
      readonly call: string | undefined;
      readonly tool: string;
      /** Its arguments in one way of writing; undefined where they are not known whole. */
      readonly made: string | undefined;
      readonly path: string;
    }
  | {
      readonly kind: "result";
      readonly call: string | undefined;
      readonly tool: string | undefined;
      readonly path: string;
    };

/** What a reply has brought so far. */
export interface Delivered {
  readonly utterances: readonly Utterance[];
  /** The last of them is not whole: what is kept of it may be its beginning alone. */
  readonly cut: boolean;
  /** Nothing is known of it, or not all: what it brought may be anything. */
  readonly unheard: boolean;
  /** It offered several answers, of which one is taken. */
  readonly several: boolean;
  /** What a later request may name it by (OpenAI Responses). */
  readonly response: string | undefined;
}

export const transcriptKinds = ["edited", "forged", "missing", "orphan"] as const;
/**
 * `edited`: stands where another text or call was delivered. `forged`: never delivered. `missing`: delivered, and gone from the middle.
 * `orphan`: the result of a call that was never delivered.
 */
export type TranscriptKind = (typeof transcriptKinds)[number];

export interface TranscriptFinding {
  readonly kind: TranscriptKind;
  readonly what: "text" | "call" | "result";
  /** The fields that lead there; of what is missing, to what stands behind it. */
  readonly path: string;
  readonly call?: string | undefined;
  readonly tool?: string | undefined;
}

export interface Transcript {
  /** Texts and calls of the model's that were delivered here. */
  readonly known: number;
  /** Those of a history that was begun elsewhere: nothing is known of them. */
  readonly before: number;
  /** Those that came in a reply of which not all is known. */
  readonly unheard: number;
  /** How many there are of each kind; the list may end sooner. */
  readonly counts: Readonly<Record<TranscriptKind, number>>;
  readonly findings: readonly TranscriptFinding[];
}

/** What a reply says of itself, before its octets. */
export interface ReplyKind {
  readonly status: number;
  readonly mediaType: string;
  /** Empty where it has none. */
  readonly coding: string;
}

/** A reply on its way to the tool, heard beside. Takes copies; holds nothing up, changes nothing, never throws. */
export interface Hearing {
  /** Octets as the tool gets them; of a WebSocket a whole message. */
  readonly push: (octets: Buffer) => void;
  /** Not all of it can be told: nothing that it brings is known any more. */
  readonly lose: () => void;
  /** `whole`: the upstream has said its last. */
  readonly end: (whole: boolean) => void;
}

/** `asked`: the inspection's number of the request that it answers. Undefined where nobody listens. */
export type Overhear = (asked: number, reply: ReplyKind | "messages") => Hearing | undefined;
