// The one table of terminal control sequences: what passes to the caller's terminal and what does not, with the reason.
// Strings (OSC, DCS, APC) are let through by name only, CSI and plain escapes unless named. Sources: ECMA-48, xterm's
// ctlseqs, the manuals of kitty, iTerm2, ConEmu, tmux and GNU screen.

/** The byte after ESC that opens a string: OSC, DCS, APC, PM, SOS, screen's title. */
export type StringKind = "]" | "P" | "_" | "^" | "X" | "k";

interface Passing {
  readonly type: StringKind;
  /** Judged on the beginning of the string's content. */
  readonly head: RegExp;
  /** While this matches, more is needed. */
  readonly undecided: RegExp;
  readonly why: string;
}

/**
 * Dropped by not being here, and why it matters: OSC 52 and 5522 clipboard; 50 fonts and 46 log file; 51 runs Emacs
 * functions; 9;6 and 9;7 run ConEmu macros and programs; 1337 has iTerm2 save files, take uploads and set its
 * clipboard and keys; 633 forges an editor's record of commands; DCS | user-defined keys; DCS !z macros; DCS { fonts; DCS tmux; and any DCS in screen pass their content on
 * unfiltered; DCS 1000p tmux control mode; PM, SOS, titles by ESC k: no use here.
 */
/** Of a picture in iTerm2's manner. Without `inline=1`, or where a later one takes that back, the terminal would save the file. */
const arguments1337 = (() => {
  const one = "(?:name|type|size|width|height|preserveAspectRatio|doNotMoveCursor|inline)=[^:;]*";
  return `(?=(?:[^:]*;)?inline=1(?:[;:]|$))(?![^:]*inline=(?!1(?:[;:]|$)))${one}(?:;${one})*`;
})();

const passing: readonly Passing[] = [
  { type: "]", head: /^[0127](;|$)/, undecided: /^[0127]?$/, why: "titles, directory" },
  { type: "]", head: /^8;/, undecided: /^8?$/, why: "links, shown by the terminal with their target" },
  {
    type: "]",
    head: /^(?:[45]|1[0-9]|2[12]|66|99|10[45]|11[0-9]|133)(;|$)/,
    undecided: /^\d{0,3}$/,
    why: "looks, marks",
  },
  { type: "]", head: /^9;(?:4(?:;|$)|(?!\d*$|\d+;))/, undecided: /^9?$|^9;\d*$/, why: "progress, plain notifications" },
  { type: "]", head: /^777;notify;/, undecided: /^7{0,3}$|^777;[notify]{0,6}$/, why: "notifications" },
  {
    type: "]",
    head: new RegExp(
      `^1337;(?:File=${arguments1337}:|MultipartFile=${arguments1337}$|FilePart=|(?:FileEnd|ReportCellSize|Capabilities)$)`,
    ),
    undecided: /^\d{0,4}$|^1337;(?:[A-Za-z]*|(?:File|MultipartFile)=[^:]*)$/,
    why: "pictures in iTerm2's manner, to be shown where they stand; how large a cell is",
  },
  { type: "P", head: /^[\d;]*q/, undecided: /^[\d;]*$/, why: "sixel pictures" },
  { type: "P", head: /^[$+]q/, undecided: /^[$+]?$/, why: "questions for settings and capabilities" },
  { type: "P", head: /^=[12]s/, undecided: /^(?:=[12]?)?$/, why: "synchronised updates" },
  // kitty pictures given in place; by file name (t=f, t, s) the terminal would read or delete files of the host
  { type: "_", head: /^G(?!(?:[^;]*,)?t=[^d])[^;]*(;|$)/, undecided: /^(?:G[^;]*)?$/, why: "kitty pictures" },
];

/** True passes, false drops, undefined needs more; never undefined once `complete`. */
export function judgeString(type: StringKind, head: string, complete: boolean): boolean | undefined {
  const known = passing.filter((row) => row.type === type);
  if (!complete && known.some((row) => row.undecided.test(head))) return undefined;
  return known.some((row) => row.head.test(head));
}

interface Dropped {
  readonly sequence: RegExp;
  readonly why: string;
}

/** On what stands between CSI and its end, the final byte included. */
const dropped: readonly Dropped[] = [
  // sizes and the title stack pass
  { sequence: /^(?!(?:1[134-689]|2[23])(?:;\d*)*t$).*t$/, why: "moves windows, and types the title back as input" },
  { sequence: /^>.*T$/, why: "how titles are read back" },
  { sequence: /i$/, why: "printing, and passing output to a printer command" },
  { sequence: /\*y$/, why: "checksums of the screen: reads what stood there before" },
  { sequence: /\*z$/, why: "runs a macro" },
  { sequence: /^(?:[\d;]*;)?0*2(?:;[\d;]*)?h$/, why: "locks the keyboard" },
  { sequence: /^\?(?:[\d;]*;)?0*2(?:;[\d;]*)?l$/, why: "a VT52, which reads all else in another way" },
  { sequence: /^\?(?:[\d;]*;)?0*1001(?:;[\d;]*)?h$/, why: "a click has the terminal wait for an answer" },
  { sequence: /"p$/, why: "conformance level: resets the terminal and its 8-bit controls" },
];

export const judgeCsi = (sequence: string): boolean => !dropped.some((row) => row.sequence.test(sequence));

/** What follows ESC: one letter, a character set, a line size, UTF-8 on. Not ST alone, not UTF-8 off, not 8-bit controls. */
export const judgeEscape = (rest: string): boolean => /^(?:[0-[\]-~]|[()*+\-./][ -/]*[0-~]|#[0-9]|%G)$/.test(rest);
