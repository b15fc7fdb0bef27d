// What a policy says of content beside secrets: personal data by kind, and text that does not show.

export const personalKinds = [
  "card",
  "iban",
  "au-tfn",
  "au-medicare",
  "au-abn",
  "cn-resident",
  "us-ssn",
  "mail",
  "telephone",
] as const;

export type PersonalKind = (typeof personalKinds)[number];

/** Weakest first. `count`: on the record, and nothing else; what holds where nobody says anything. */
export const personalActions = ["off", "count", "redact", "refuse"] as const;

export type PersonalAction = (typeof personalActions)[number];

export interface ContentRules {
  readonly personal: Readonly<
    Partial<Record<PersonalKind, { readonly action: PersonalAction; readonly rule: string }>>
  >;
  /** Bits that one request may carry unseen, at most. */
  readonly maxBits?: { readonly bits: number; readonly rule: string };
  /** What does not show is taken out. */
  readonly normalise?: { readonly rule: string };
}
