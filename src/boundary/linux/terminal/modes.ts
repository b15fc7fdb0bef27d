// The sequences that reached the caller's terminal in, the sequence that undoes their lasting effects out: a tool that
// was killed leaves no mouse reports, hidden cursor, line drawing or second screen behind, and what is said next stands
// below what it wrote last.

export interface Modes {
  /** Without its ESC. */
  readonly note: (sequence: string) => void;
  /** Empty where nothing is left to undo. */
  readonly undo: () => string;
}

/** Private modes (`CSI ? n h` and `l`) as terminals start, where programs change them. */
const usual: Readonly<Record<string, boolean>> = {
  "1": false,
  "5": false,
  "6": false,
  "7": true,
  "9": false,
  "25": true,
  "66": false,
  "69": false,
  "1000": false,
  "1002": false,
  "1003": false,
  "1004": false,
  "1005": false,
  "1006": false,
  "1015": false,
  "1016": false,
  "2004": false,
  "2026": false,
  "2031": false,
  "2048": false,
  "9001": false,
  // the second screen last: some modes are kept per screen
  "47": false,
  "1047": false,
  "1049": false,
};

/** Other lasting settings: what sets them, and what puts them back. */
const settings: readonly { readonly sets: RegExp; readonly back: string }[] = [
  { sets: /^\[[\d;:]*m$/, back: "\x1b[0m" },
  { sets: /^\[\d* q$/, back: "\x1b[0 q" },
  { sets: /^\[>4;[1-9]m$/, back: "\x1b[>4m" },
  { sets: /^\[=[\d;]*u$/, back: "\x1b[=0u" },
  // the keypad
  { sets: /^=$/, back: "\x1b>" },
  // line drawing and other sets of characters
  { sets: /^\([^B]/, back: "\x1b(B" },
  { sets: /^(?:\x0e|[no])$/, back: "\x0f" },
  // characters push others aside; Enter types two; what is typed is shown twice
  { sets: /^\[(?:[\d;]*;)?0*4(?:;[\d;]*)?h$/, back: "\x1b[4l" },
  { sets: /^\[(?:[\d;]*;)?0*20(?:;[\d;]*)?h$/, back: "\x1b[20l" },
  { sets: /^\[(?:[\d;]*;)?0*12(?:;[\d;]*)?l$/, back: "\x1b[12h" },
  // colours: what is said next could not be read
  { sets: /^\](?:4|21)$/, back: "\x1b]104\x1b\\" },
  { sets: /^\]5$/, back: "\x1b]105\x1b\\" },
  // one may set those that follow, too
  { sets: /^\](?:1\d|21)$/, back: [110, 111, 112, 113, 114, 117, 119].map((code) => `\x1b]${code}\x1b\\`).join("") },
];

/** Lines that scroll. Putting that back moves the cursor to the top, so it is kept and brought back; last, on the first screen. */
const region = { sets: /^\[\d*(?:;\d*)?r$/, back: "\x1b7\x1b[r\x1b8" };

export function openModes(): Modes {
  const changed = new Set<string>();
  const set = new Set<string>();
  let pushed = 0;
  let scrolling = "";
  return {
    note: (sequence) => {
      const [, numbers, letter] = /^\[\?([\d;]+)([hl])$/.exec(sequence) ?? [];
      for (const number of numbers?.split(";") ?? []) {
        if (usual[number] === undefined) continue;
        if (usual[number] === (letter === "h")) changed.delete(number);
        else changed.add(number);
      }
      for (const { sets, back } of settings) if (sets.test(sequence)) set.add(back);
      if (region.sets.test(sequence)) scrolling = region.back;
      // kitty's keyboard stack
      if (/^\[>\d*u$/.test(sequence)) pushed += 1;
      const popped = /^\[<(\d*)u$/.exec(sequence)?.[1];
      if (popped !== undefined) pushed = Math.max(0, pushed - Number(popped || 1));
    },
    undo: () => {
      const stack = pushed > 0 ? `\x1b[<${pushed}u` : "";
      const modes = Object.keys(usual).filter((number) => changed.has(number) && !isScreen(number));
      const screens = Object.keys(usual).filter((number) => changed.has(number) && isScreen(number));
      const put = (number: string): string => `\x1b[?${number}${usual[number] === true ? "h" : "l"}`;
      return [...set, stack, ...modes.map(put), ...screens.map(put), scrolling].join("");
    },
  };
}

const isScreen = (number: string): boolean => ["47", "1047", "1049"].includes(number);
