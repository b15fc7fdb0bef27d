// What the tool writes to the terminal: cut anywhere the same, through the filter again the same, and nothing forbidden in it.

import assert from "node:assert/strict";
import { openFilter } from "../../../src/boundary/linux/terminal/filter.ts";
import { openModes } from "../../../src/boundary/linux/terminal/modes.ts";
import { latin1, pieces, type Target } from "../target.ts";

function filter(bytes: Buffer, size: number): { readonly out: string; readonly undo: string } {
  const modes = openModes();
  const { feed, finish } = openFilter(modes.note);
  let out = "";
  for (const piece of pieces(bytes, size)) out += feed(piece);
  return { out: out + finish(), undo: modes.undo() };
}

const ended = /(?:\x1b\\|\x07)$/;
/** Written by a second eye: an answer asked for, the clipboard, the title read back, a file, a printer. */
const forbidden = /[\x80-\x9f\x05]|\x1b\](?:52|50|46|51)\b|\x1bP[\d;]*\||\x1b\[(?:2[01]t|[?\d;]*i)|\x1b[\^Xk]|\x1b%@/;

function check(bytes: Buffer): string {
  const whole = filter(bytes, bytes.length + 1);
  for (const size of [1, 3]) assert.deepEqual(filter(bytes, size), whole);
  const again = filter(Buffer.from(whole.out), 4096).out;
  assert.equal(again.replace(ended, ""), whole.out.replace(ended, ""));
  assert.doesNotMatch(whole.out, forbidden);
  assert.ok(whole.out.length <= bytes.length * 3 + 2);
  return `${whole.out.length === bytes.length} ${whole.undo.length > 0} ${whole.out.match(/\x1b./)?.[0]}`;
}

export const target: Target = {
  seeds: [
    "plain\r\n",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1b[?1049h\x1b[?25l",
    "\x1bPq#0;2;0;0;0~\x1b\\",
    "\x1b]8;;https://a.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b_Ga=T;AAA\x1b\\",
    "\x1b[21t\x1b[6n",
    "\x9b31m\xc2\x9d",
  ].map(latin1),
  words: [
    "\x1b[",
    "\x1b]",
    "\x1bP",
    "\x1b_",
    "\x1b\\",
    "\x07",
    "\x18",
    "\x1a",
    "\x90",
    "\xc2\x9b",
    "52;c;",
    "1337;File=inline=1:",
    "10;?",
    "$q",
    "+q",
    "6n",
    "\x1b#8",
    "\x0e",
    "1049h",
    "c",
  ],
  run: check,
};
