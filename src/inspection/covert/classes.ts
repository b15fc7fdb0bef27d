// Characters that a reader does not see, or takes for others: by what they can carry. Sources: Unicode 16, chapters 23.2 to 23.8;
// UTS #39 (confusables); "Trojan Source" (CVE-2021-42574); tags and variation selectors as carriers (ASCII smuggling, 2024).

export const covertKinds = [
  "tags",
  "variation",
  "zero-width",
  "bidi",
  "space",
  "filler",
  "control",
  "confusable",
  "separator",
] as const;

export type CovertKind = (typeof covertKinds)[number];

type Range = readonly [from: number, to: number];

const ranges: readonly (readonly [CovertKind, readonly Range[]])[] = [
  ["tags", [[0xe0000, 0xe007f]]],
  [
    "variation",
    [
      [0xfe00, 0xfe0f],
      [0xe0100, 0xe01ef],
      [0x180b, 0x180d],
    ],
  ],
  [
    "zero-width",
    [
      [0x200b, 0x200d],
      [0x2060, 0x2064],
      [0xfeff, 0xfeff],
      [0x00ad, 0x00ad],
      [0x034f, 0x034f],
    ],
  ],
  [
    "bidi",
    [
      [0x200e, 0x200f],
      [0x202a, 0x202e],
      [0x2066, 0x206f],
      [0x061c, 0x061c],
    ],
  ],
  [
    "space",
    [
      [0x00a0, 0x00a0],
      [0x1680, 0x1680],
      [0x2000, 0x200a],
      [0x2028, 0x2029],
      [0x202f, 0x202f],
      [0x205f, 0x205f],
      [0x3000, 0x3000],
    ],
  ],
  [
    "filler",
    [
      [0x115f, 0x1160],
      [0x17b4, 0x17b5],
      [0x180e, 0x180e],
      [0x2800, 0x2800],
      [0x3164, 0x3164],
      [0xffa0, 0xffa0],
    ],
  ],
  [
    "control",
    [
      [0x00, 0x08],
      [0x0b, 0x0c],
      [0x0e, 0x1a],
      [0x1c, 0x1f],
      [0x7f, 0x9f],
    ],
  ],
];

/** Undefined for what is seen as what it is. */
export function classOf(point: number): CovertKind | undefined {
  for (const [kind, spans] of ranges) if (spans.some(([from, to]) => point >= from && point <= to)) return kind;
  return undefined;
}

/** The Latin letter it is taken for; undefined for any other. */
export const looksLike = (letter: string): string | undefined => confusables.get(letter);

const pairs: readonly (readonly [others: string, latin: string])[] = [
  // Cyrillic
  ["асеоруіѕјԁһԛԝхАВЕКМНОРСТХУІЅЈ", "aceopyisjdhqwxABEKMHOPCTXYISJ"],
  // Greek
  ["ονιρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovipuABEZHIKMNOPTYX"],
  // Armenian, Lisu
  ["օոսհցꓐꓑꓒꓓꓔꓗꓠꓢꓪꓫꓬꓮꓯꓰꓱꓲꓳꓴꓵ", "onuhgBPdDTKNSWXYAVEEIOUU"],
];

/** Full width (U+FF21 …) and mathematical letters (U+1D400 …) have a rule of their own. */
const confusables = new Map<string, string>(
  pairs.flatMap(([others, latin]) => [...others].map((letter, at): [string, string] => [letter, latin[at] ?? ""])),
);

const full = (letter: string): boolean => /[\uff21-\uff3a\uff41-\uff5a]|[\u{1d400}-\u{1d6a3}]/u.test(letter);
const plain = (letter: string): string => letter.normalize("NFKC");
for (const point of [...spread(0xff21, 0xff3a), ...spread(0xff41, 0xff5a), ...spread(0x1d400, 0x1d6a3)]) {
  const letter = String.fromCodePoint(point);
  if (full(letter) && /^[A-Za-z]$/.test(plain(letter))) confusables.set(letter, plain(letter));
}

function spread(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** Latin letters that some other looks like: what one of them may be, and is not, is a bit too. */
export const imitated: ReadonlySet<string> = new Set(confusables.values());

/** Which of them the letters of these scripts (of 256 code points each) are taken for. */
export function imitatedBy(points: readonly number[]): ReadonlySet<string> {
  const scripts = new Set(points.map((point) => point >>> 8));
  const chosen = [...confusables].filter(([other]) => scripts.has((other.codePointAt(0) ?? 0) >>> 8));
  return new Set(chosen.map(([, latin]) => latin));
}

/** Signs that stand for ASCII's and that hardly anybody types; those that typography has (apostrophes, dashes, a minus) are none. */
const signs: Readonly<Record<string, string>> = {
  "-": "\u2010\u2043\ufe63\uff0d",
  "'": "\u02bc\u02b9\u055a\uff07",
  ":": "\ua789\u2236\u02d0\u05c3\ufe55",
  "/": "\u2215\u2571\uff0f",
  ";": "\u037e\ufe54",
  ".": "\u2024\ufe52\uff0e",
  ",": "\u201a\ufe50",
  _: "\uff3f\ufe4d",
  "|": "\u2223\uff5c",
};
const standing = new Map(
  Object.entries(signs).flatMap(([sign, all]) => [...all].map((one): [string, string] => [one, sign])),
);

/** The sign of ASCII's that it stands for. */
export const signFor = (sign: string): string | undefined => standing.get(sign);

export const isImitatedSign = (sign: string): boolean => signs[sign] !== undefined;
