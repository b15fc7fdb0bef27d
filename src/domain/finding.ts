// What a seeker saw. Never the matched value itself.

export interface Finding {
  readonly kind: "secret";
  /** Which one: the credential's key in the policy. */
  readonly label: string;
  /** Where in the request: a header's name, or the decoded body. */
  readonly place:
    | { readonly kind: "target" }
    | { readonly kind: "header"; readonly name: string }
    | { readonly kind: "body"; readonly offset: number };
  /** How it was written there. */
  readonly encoding: "plain" | "base64" | "base64url" | "hex" | "percent" | "json" | "html" | "reversed";
  /** `credential`: a real value; `placeholder`: what the tool holds instead. */
  readonly what: "credential" | "placeholder";
}

/** A part of an exchange handed to a seeker. */
export type Sought =
  | { readonly kind: "target"; readonly text: string }
  | { readonly kind: "header"; readonly name: string; readonly value: string }
  | { readonly kind: "body"; readonly bytes: Buffer };

/** One part and what is known → findings; pure and bounded. */
export type Seek = (part: Sought) => readonly Finding[];
