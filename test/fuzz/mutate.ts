// One input and its neighbours in the corpus → another input. Nothing but the chance it is given decides.

export type Chance = (below: number) => number;

/** Edges of lengths and counters, in octets. */
const edges = [
  [0x00],
  [0x01],
  [0x7f],
  [0x80],
  [0xff],
  [0x00, 0x00],
  [0xff, 0xff],
  [0x7f, 0xff],
  [0x80, 0x00],
  [0x40, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff],
  [0x00, 0x00, 0x40, 0x01],
].map((octets) => Buffer.from(octets));
/** What text is cut up by. */
const marks = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "=",
  "/",
  "..",
  "%",
  "%2e",
  "\\",
  '"',
  "'",
  "#",
  "?",
  "@",
  "[",
  "]",
  "{",
  "}",
  "-",
  "0",
  "9",
  "\x7f",
  "\x80",
  "\xff",
  "\u00e2\u0082\u00ac",
].map((text) => Buffer.from(text, "latin1"));

export interface Material {
  readonly corpus: readonly Buffer[];
  readonly words: readonly Buffer[];
  readonly longest: number;
  /** Changes of one input, at most; 12 where nothing is said. */
  readonly most?: number;
}

type Change = (bytes: Buffer, chance: Chance, material: Material) => Buffer;

function pick<Item>(items: readonly Item[], chance: Chance): Item | undefined {
  return items[chance(items.length)];
}

function spliced(bytes: Buffer, at: number, removed: number, put: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);
}

/** A piece of it: short more often than long. */
function span(bytes: Buffer, chance: Chance): readonly [at: number, size: number] {
  const at = chance(bytes.length + 1);
  const most = chance(3) === 0 ? bytes.length - at : Math.min(8, bytes.length - at);
  return [at, most === 0 ? 0 : 1 + chance(most)];
}

const flip: Change = (bytes, chance) => {
  const changed = Buffer.from(bytes);
  const at = chance(bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << chance(8));
  return changed;
};

const replace: Change = (bytes, chance) => {
  const changed = Buffer.from(bytes);
  changed[chance(bytes.length)] = chance(256);
  return changed;
};

/** Digits and lengths are off by one. */
const nudge: Change = (bytes, chance) => {
  const changed = Buffer.from(bytes);
  const at = chance(bytes.length);
  changed[at] = ((changed[at] ?? 0) + (chance(2) === 0 ? 1 : 255)) & 255;
  return changed;
};

const cut: Change = (bytes, chance) => {
  const [at, size] = span(bytes, chance);
  return spliced(bytes, at, size, Buffer.alloc(0));
};

const double: Change = (bytes, chance) => {
  const [at, size] = span(bytes, chance);
  const piece = bytes.subarray(at, at + size);
  const times = chance(4) === 0 ? 1 + chance(40) : 1;
  return spliced(bytes, at, 0, Buffer.concat(Array.from({ length: times }, () => piece)));
};

const move: Change = (bytes, chance) => {
  const [at, size] = span(bytes, chance);
  const piece = Buffer.from(bytes.subarray(at, at + size));
  const rest = spliced(bytes, at, size, Buffer.alloc(0));
  return spliced(rest, chance(rest.length + 1), 0, piece);
};

const insert =
  (from: (material: Material) => readonly Buffer[]): Change =>
  (bytes, chance, material) => {
    const word = pick(from(material), chance) ?? Buffer.from([chance(256)]);
    const over = chance(2) === 0 ? 0 : word.length;
    return spliced(bytes, chance(bytes.length + 1), over, word);
  };

/** The beginning of this, the end of another. */
const cross: Change = (bytes, chance, { corpus }) => {
  const other = pick(corpus, chance) ?? bytes;
  return Buffer.concat([bytes.subarray(0, chance(bytes.length + 1)), other.subarray(chance(other.length + 1))]);
};

/** A piece of another, put into this. */
const graft: Change = (bytes, chance, { corpus }) => {
  const other = pick(corpus, chance) ?? bytes;
  const [at, size] = span(other, chance);
  return spliced(bytes, chance(bytes.length + 1), 0, other.subarray(at, at + size));
};

/** Deeper: an opening over and over, and as many ends. */
const nest: Change = (bytes, chance, { longest }) => {
  const [open = "[", close = "]"] =
    pick(
      [
        ["[", "]"],
        ['{"a":', "}"],
        ["(", ")"],
        ["{a: ", "}"],
      ] as const,
      chance,
    ) ?? [];
  const room = Math.max(0, longest - bytes.length) / (open.length + close.length);
  const times = 1 + chance(Math.max(1, Math.floor(chance(3) === 0 ? room : Math.min(room, 100))));
  const at = chance(bytes.length + 1);
  const inner = bytes.subarray(at, at + chance(3) * chance(8));
  const around = Buffer.concat([Buffer.from(open.repeat(times)), inner, Buffer.from(close.repeat(times))]);
  return spliced(bytes, at, inner.length, around);
};

const changes: readonly Change[] = [
  nest,
  flip,
  replace,
  nudge,
  cut,
  double,
  move,
  insert(() => edges),
  insert(() => marks),
  insert(({ words }) => words),
  insert(({ words }) => words),
  cross,
  graft,
];

export function mutate(chance: Chance, material: Material): Buffer {
  let bytes = pick(material.corpus, chance) ?? Buffer.alloc(0);
  const most = material.most ?? 12;
  const times = 1 + chance(chance(3) === 0 ? most : Math.min(3, most));
  for (let time = 0; time < times; time += 1) {
    const change = pick(changes, chance);
    if (change !== undefined) bytes = change(bytes, chance, material);
  }
  return bytes.length > material.longest ? bytes.subarray(0, material.longest) : bytes;
}
