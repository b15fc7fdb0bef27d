// A line of text → what it says, without the ways in which the same can be written: kinds of apostrophes, dashes and spaces, how a date is
// spelled, capitals. Two lines that say the same and are written otherwise are one sentence of a template. *Attacker-controlled*; pure.

export const choices = ["apostrophe", "quotation", "dash", "space", "ellipsis", "date", "capitals"] as const;
export type Choice = (typeof choices)[number];

export interface Sentence {
  /** The same for all ways of writing it. */
  readonly says: string;
  /** Of each choice: how it was made, place by place. */
  readonly made: Readonly<Record<Choice, string>>;
  /** UTF-16 units of the text. */
  readonly from: number;
  readonly to: number;
}

const months = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
const days = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?";
const dates = [
  "\\d{4}(?:[-/.]\\d{1,2}){2}",
  "\\d{1,2}(?:[-/.]\\d{1,2})[-/.]\\d{4}",
  `${days}${months}\\.? \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}`,
  `${days}\\d{1,2}(?:st|nd|rd|th)?\\.? ${months}\\.?,? \\d{4}`,
].join("|");

/** First what is longest. */
const ways: readonly (readonly [Choice, string])[] = [
  ["date", `\\b(?:${dates})\\b`],
  ["ellipsis", "\\.{3}|\u2026"],
  ["apostrophe", "[\u0027\u2018\u2019\u02bc\u02b9\u00b4\u2032\uff07]"],
  ["quotation", "[\u0022\u201c\u201d\u201e\u201f\u2033\uff02]"],
  ["dash", "[-\u2010-\u2015\u2212]"],
  ["space", "[\u0020\u0009\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+"],
];
const any = new RegExp(ways.map(([name, way]) => `(?<${name}>${way})`).join("|"), "giu");

const bounds = { lines: 5_000, shortest: 12, longest: 2_000 } as const;

/** Lines of three words and more. */
export function sentencesIn(text: string): readonly Sentence[] {
  const found: Sentence[] = [];
  for (const { 0: line, index } of text.matchAll(/[^\r\n\u2028\u2029]+/g)) {
    if (found.length >= bounds.lines) break;
    if (line.length < bounds.shortest || line.length > bounds.longest || !/\p{L}.*\s.*\p{L}/u.test(line)) continue;
    found.push({ ...read(line), from: index, to: index + line.length });
  }
  return found;
}

/** Of each choice: how many places there are for it in all of a text. */
export function placesIn(text: string): Readonly<Record<Choice, number>> {
  const places: Record<Choice, number> = empty(0);
  for (const { groups = {} } of text.matchAll(any)) places[chosen(groups)] += 1;
  places.capitals = text.split(" ").length;
  return places;
}

const chosen = (groups: Readonly<Partial<Record<string, string>>>): Choice =>
  choices.find((one) => groups[one] !== undefined) ?? "space";

function read(line: string): Pick<Sentence, "says" | "made"> {
  const made: Record<Choice, string> = empty("");
  const plain = line.replaceAll(any, (found: string, ...rest: unknown[]) => {
    const choice = chosen(rest.at(-1) as Readonly<Partial<Record<string, string>>>);
    made[choice] += `${choice === "date" ? formOf(found) : found}\n`;
    return choice === "space" ? " " : `\0${choices.indexOf(choice)}`;
  });
  const numberless = plain.replaceAll(/(?<!\0)\d+/g, "0");
  const says = numberless.toLowerCase();
  made.capitals = says === numberless ? "" : numberless;
  return { says, made };
}

const empty = <Value>(value: Value): Record<Choice, Value> => ({
  apostrophe: value,
  quotation: value,
  dash: value,
  space: value,
  ellipsis: value,
  date: value,
  capitals: value,
});

/** How it is spelled, whichever it is. */
const formOf = (date: string): string =>
  date
    .replaceAll(/\d+/g, (digits) => (digits.length === 4 ? "Y" : "0"))
    .replaceAll(/\p{L}+/gu, (word) => (word.length > 3 ? "word" : word.length === 2 ? "th" : "abc"));
