// Personal data in a text, by kind: numbers that prove themselves, and what only its surroundings make personal. In: a text. Out:
// what kind, and where; never the value. What is found without a proof needs a word beside it that says what it is, for source
// code is full of numbers. *Attacker-controlled*; every pattern takes time in proportion to the text.

import type { PersonalKind } from "../../domain/content-rules.ts";
import { steps } from "../steps.ts";
import {
  isAccountNumber,
  isBusinessNumber,
  isCard,
  isMedicare,
  isResidentIdentity,
  isSocialSecurity,
  isTaxFileNumber,
} from "./checks.ts";

export interface PersonalHit {
  readonly kind: PersonalKind;
  /** UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** None by itself: from here on this kind was not looked for. */
  readonly more?: true;
}

interface Candidate {
  readonly text: string;
  readonly from: number;
  /** Without separators. */
  readonly bare: string;
  /** What stands before it, and a little behind it, lower case. */
  readonly around: () => string;
}

/** Units before and behind in which a word may say what a value is. */
const near = { before: 60, behind: 24 } as const;
/** Of one kind in one text; behind them it is said that there are more. */
export const mostOfKind = 1_000;

interface Sort {
  readonly pattern: RegExp;
  readonly kinds: readonly (readonly [PersonalKind, (candidate: Candidate) => boolean])[];
}

const says =
  (words: RegExp) =>
  ({ around }: Candidate): boolean =>
    words.test(around());

const card = says(
  /\b(?:card|visa|master ?card|amex|american express|credit|debit|pan|cvv|cvc|kreditkarte|卡号)\b|卡号/,
);
const tax = says(/\btfn\b|tax file/);
const medicare = says(/medicare/);
const business = says(/\babn\b|business number/);
const security = says(/\bssns?\b|social security|\bss#/);
const post = says(
  /\b(?:e-?mails?|mail|contact|customer|client|patient|employee|user(?:name)?|recipient|subscriber|to|from|cc)\b\W{0,3}|邮箱/,
);
const call = says(/\b(?:tel|phones?|telephone|mobile|cell|fax|call|whatsapp|sms|contact)\b|电话|手机/);

const isGrouped = ({ text }: Candidate, pattern: RegExp): boolean => pattern.test(text);

const sorts: readonly Sort[] = [
  {
    pattern: /(?<![\w.])\d(?:[ -]?\d){6,18}(?![\w]|\.\d)/g,
    kinds: [
      [
        "card",
        (one) => isCard(one.bare) && (isGrouped(one, /^\d{4}([ -])\d{4,6}\1\d{4,5}(?:\1\d{1,7})?$/) || card(one)),
      ],
      ["cn-resident", ({ text }) => isResidentIdentity(text)],
      [
        "au-abn",
        (one) => isBusinessNumber(one.bare) && (isGrouped(one, /^\d\d( )\d{3}\1\d{3}\1\d{3}$/) || business(one)),
      ],
      ["au-medicare", (one) => isMedicare(one.bare) && medicare(one)],
      ["au-tfn", (one) => isTaxFileNumber(one.bare) && tax(one)],
      ["us-ssn", (one) => isGrouped(one, /^\d{3}([ -]?)\d{2}\1\d{4}$/) && isSocialSecurity(one.bare) && security(one)],
    ],
  },
  { pattern: /(?<!\w)\d{17}[Xx](?!\w)/g, kinds: [["cn-resident", ({ text }) => isResidentIdentity(text)]] },
  {
    pattern: /(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)/g,
    kinds: [["iban", ({ bare }) => isAccountNumber(bare)]],
  },
  {
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w@])/g,
    kinds: [["mail", (one) => !isNobodys(one.text) && post(one)]],
  },
  {
    pattern: /(?<![\w.+-])\+?\(?\d(?:[ ()./-]{0,2}\d){6,14}(?!\w|\.\d)/g,
    kinds: [["telephone", (one) => isNumberToCall(one) && call(one)]],
  },
];

/** RFC 2606 and RFC 6761 reserve these; the others are no person's. */
function isNobodys(address: string): boolean {
  const [name = "", host = ""] = address.toLowerCase().split("@");
  return (
    /^(?:no-?reply|do-?not-?reply|git|root|admin|postmaster|info|support|security)$/.test(name) ||
    /(?:^|\.)(?:example|invalid|test|localhost)$|(?:^|\.)example\.(?:com|net|org)$|users\.noreply\./.test(host)
  );
}

/** ITU-T E.164: at most fifteen digits; without its country it begins with a zero or stands in groups. */
function isNumberToCall({ text, bare }: Candidate): boolean {
  const digits = bare.replace(/\D/g, "");
  if (digits.length < 7 || digits.length > 15 || /^(\d)\1+$/.test(digits)) return false;
  return text.startsWith("+") || text.startsWith("0") || /\d[ ()./-]+\d/.test(text);
}

/** In order of place; where two kinds fit the same place the first of the table counts. */
export function seekPersonal(text: string): readonly PersonalHit[] {
  const hits: PersonalHit[] = [];
  const more: PersonalHit[] = [];
  const counts = new Map<PersonalKind, number>();
  for (const { pattern, kinds: suited } of sorts) {
    for (const found of text.matchAll(pattern)) {
      steps.tried += 1;
      const candidate = candidateAt(text, found);
      const [kind] = suited.find(([, check]) => check(candidate)) ?? [];
      const count = kind === undefined ? Infinity : (counts.get(kind) ?? 0);
      if (kind === undefined || count > mostOfKind) continue;
      const [from, to] = [found.index, found.index + found[0].length];
      if (hits.some((hit) => hit.from < to && from < hit.to)) continue;
      counts.set(kind, count + 1);
      if (count < mostOfKind) hits.push({ kind, from, to });
      else more.push({ kind, from, to: text.length, more: true });
    }
  }
  return [...hits.sort((a, b) => a.from - b.from), ...more];
}

function candidateAt(text: string, { 0: whole, index }: RegExpExecArray): Candidate {
  return {
    text: whole,
    from: index,
    bare: whole.replaceAll(/[ -]/g, ""),
    around: () =>
      `${text.slice(Math.max(0, index - near.before), index)} ${text.slice(index + whole.length, index + whole.length + near.behind)}`.toLowerCase(),
  };
}
