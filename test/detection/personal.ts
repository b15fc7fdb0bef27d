// Personal data that is made: each kind as it stands where people write it, and the same with one digit another. From a seed; nobody's.

import type { PersonalKind } from "../../src/domain/content-rules.ts";
import {
  isAccountNumber,
  isBusinessNumber,
  isCard,
  isMedicare,
  isResidentIdentity,
  isTaxFileNumber,
} from "../../src/inspection/personal/checks.ts";
import { seekPersonal } from "../../src/inspection/personal/seek.ts";
import { openRandom, type Random } from "../../src/inspection/rules/examples/random.ts";

export interface PersonalExample {
  readonly kind: PersonalKind;
  readonly text: string;
  /** Undefined where the kind has no digit that proves it. */
  readonly wrong: string | undefined;
}

export interface PersonalScore {
  readonly kind: PersonalKind;
  readonly examples: number;
  readonly found: number;
  readonly lookalikes: number;
  readonly wrong: number;
}

type Make = (random: Random) => PersonalExample;

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => String(random.below(10))).join("");

/** The first of ten last digits, or of a hundred pairs, that proves the rest. */
function proved(isRight: (number: string) => boolean, write: (end: string) => string, random: Random): string {
  for (let tried = 0; tried < 100_000; tried += 1) {
    const number = write(digits(random, 1));
    if (isRight(number)) return number;
  }
  throw new Error("no number of this kind came out");
}

const other = (digit: string): string => String((Number(digit) + 1) % 10);
const lastChanged = (text: string): string => text.replace(/\d(?=\D*$)/, other);

function numbered(
  kind: PersonalKind,
  isRight: (number: string) => boolean,
  write: (random: Random) => string,
  show: (number: string) => string,
): Make {
  return (random) => {
    const number = proved(isRight, () => write(random), random);
    // of a Medicare number the last digit is the card's issue: the one before proves the rest
    const amiss =
      kind === "au-medicare" ? `${lastChanged(number.slice(0, -1))}${number.slice(-1)}` : lastChanged(number);
    return { kind, text: show(number), wrong: show(amiss) };
  };
}

const makers: readonly Make[] = [
  numbered(
    "card",
    isCard,
    (random) => `4${digits(random, 15)}`,
    (number) => `paid with card ${number.replace(/(.{4})(?=.)/g, "$1 ")} on Monday`,
  ),
  numbered(
    "iban",
    isAccountNumber,
    (random) => `DE${digits(random, 20)}`,
    (number) => `to IBAN ${number.replace(/(.{4})(?=.)/g, "$1 ")}, please`,
  ),
  numbered(
    "au-tfn",
    isTaxFileNumber,
    (random) => digits(random, 9),
    (number) => `tax file number: ${number}`,
  ),
  numbered(
    "au-medicare",
    isMedicare,
    (random) => `${2 + random.below(5)}${digits(random, 9)}`,
    (number) => `Medicare no. ${number}`,
  ),
  numbered(
    "au-abn",
    isBusinessNumber,
    (random) => `${1 + random.below(9)}${digits(random, 10)}`,
    (number) => `ABN ${number}`,
  ),
  (random) => {
    const day = `19${50 + random.below(49)}0${1 + random.below(9)}1${random.below(10)}`;
    const number = proved(isResidentIdentity, (end) => `110101${day}${digits(random, 3)}${end}`, random);
    return { kind: "cn-resident", text: `身份证 ${number}`, wrong: `身份证 ${lastChanged(number)}` };
  },
  (random) => ({
    kind: "us-ssn",
    text: `SSN: ${100 + random.below(500)}-${10 + random.below(89)}-${1000 + random.below(8999)}`,
    wrong: `SSN: 000-${10 + random.below(89)}-${1000 + random.below(8999)}`,
  }),
  (random) => {
    const name = random.pick(["jane.doe", "m.mueller", "a_khan", "li.wei7"]);
    return {
      kind: "mail",
      text: `customer e-mail: ${name}@${random.pick(["acme", "initech", "umbrella"])}.co`,
      wrong: `customer e-mail: ${name}@example.com`,
    };
  },
  (random) => ({
    kind: "telephone",
    text: `phone: +61 2 ${1000 + random.below(8999)} ${1000 + random.below(8999)}`,
    wrong: undefined,
  }),
];

export function personalExamples(seed: number, each: number): readonly PersonalExample[] {
  const random = openRandom(seed);
  return makers.flatMap((make) => Array.from({ length: each }, () => make(random)));
}

export function scorePersonal(examples: readonly PersonalExample[]): readonly PersonalScore[] {
  const isSeen = (text: string, kind: PersonalKind): boolean => seekPersonal(text).some((hit) => hit.kind === kind);
  return [...Map.groupBy(examples, ({ kind }) => kind)].map(([kind, own]) => {
    const lookalikes = own.flatMap(({ wrong }) => (wrong === undefined ? [] : [wrong]));
    return {
      kind,
      examples: own.length,
      found: own.filter(({ text }) => isSeen(text, kind)).length,
      lookalikes: lookalikes.length,
      wrong: lookalikes.filter((text) => isSeen(text, kind)).length,
    };
  });
}
