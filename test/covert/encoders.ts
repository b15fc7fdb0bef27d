// Ways to hide bits in a text that looks the same, as their authors would write them: each made for the acceptance test alone, from what
// was published of such channels, and of nothing that src/inspection/covert has.

export interface Encoder {
  /** As the inspector calls what it finds of it. */
  readonly kind: string;
  /** How many bits such a text takes. */
  readonly room: (cover: string) => number;
  readonly hide: (cover: string, bits: readonly number[]) => string;
}

const enough = (): number => 4_096;

/** Each place that can be written in two ways takes one bit, the first first. */
function choosing(kind: string, choices: Readonly<Record<string, string>>): Encoder {
  const isPlace = (letter: string): boolean => choices[letter] !== undefined;
  return {
    kind,
    room: (cover) => [...cover].filter(isPlace).length,
    hide: (cover, bits) => {
      let next = 0;
      return [...cover]
        .map((letter) => {
          if (!isPlace(letter) || next >= bits.length) return letter;
          next += 1;
          return bits[next - 1] === 1 ? (choices[letter] ?? letter) : letter;
        })
        .join("");
    },
  };
}

const inOctets = (bits: readonly number[], width: number): readonly number[] =>
  Array.from({ length: Math.ceil(bits.length / width) }, (_, nth) =>
    Array.from({ length: width }, (_unused, at) => bits[nth * width + at] ?? 0).reduce((sum, bit) => sum * 2 + bit, 0),
  );

/** Behind the first line. */
const append = (cover: string, hidden: string): string => cover.replace(/(?=\n|$)/, hidden);

export const encoders: Readonly<Record<string, Encoder>> = {
  "confusable letters": choosing("confusable", {
    a: "а",
    c: "с",
    e: "е",
    o: "о",
    p: "р",
    x: "х",
    y: "у",
    i: "і",
    s: "ѕ",
  }),
  separators: choosing("separator", { "-": "\u2010", "'": "\u02bc", ":": "\ua789", "/": "\u2215", ".": "\u2024" }),
  "zero width in two kinds": {
    kind: "zero-width",
    room: (cover) => [...cover].length,
    hide: (cover, bits) =>
      [...cover].map((letter, at) => letter + (["\u200b", "\u200c"][bits[at] ?? 2] ?? "")).join(""),
  },
  "tags of seven bits": {
    kind: "tags",
    room: enough,
    hide: (cover, bits) => append(cover, String.fromCodePoint(...inOctets(bits, 7).map((octet) => 0xe0000 + octet))),
  },
  "variation selectors as octets": {
    kind: "variation",
    room: enough,
    hide: (cover, bits) =>
      append(cover, String.fromCodePoint(...inOctets(bits, 8).map((octet) => (octet < 16 ? 0xfe00 : 0xe00f0) + octet))),
  },
  "odd spaces": choosing("space", { " ": "\u2005" }),
  "a template's apostrophes": choosing("template", { "'": "\u2019" }),
  "a template's dashes": choosing("template", { "-": "\u2013" }),
};

const signs = (text: string, zero: string, one: string): readonly number[] =>
  [...text].flatMap((letter) => (zero.includes(letter) ? [0] : one.includes(letter) ? [1] : []));

const bitsOf = (value: number, width: number): readonly number[] =>
  Array.from({ length: width }, (_, at) => (value >> (width - 1 - at)) & 1);

/** Reads what is found, by what is known of the kind: the places that the inspector counts. */
export const readers: Readonly<Record<string, (text: string) => readonly number[]>> = {
  separators: (text) => signs(text, "-':/.", "\u2010\u02bc\ua789\u2215\u2024"),
  "zero width in two kinds": (text) => signs(text, "\u200b", "\u200c"),
  "odd spaces": (text) => signs(text, " ", "\u2005"),
  "tags of seven bits": (text) =>
    [...text].flatMap((letter) => {
      const point = letter.codePointAt(0) ?? 0;
      return point >= 0xe0000 && point <= 0xe007f ? bitsOf(point - 0xe0000, 7) : [];
    }),
  "variation selectors as octets": (text) =>
    [...text].flatMap((letter) => {
      const point = letter.codePointAt(0) ?? 0;
      if (point >= 0xfe00 && point <= 0xfe0f) return bitsOf(point - 0xfe00, 8);
      return point >= 0xe0100 && point <= 0xe01ef ? bitsOf(point - 0xe00f0, 8) : [];
    }),
};
