// AssemblyScript.
// What tools write before a line: its number, the path it stands in, a mark of a difference, a quote. It is taken off on both
// sides, of the indexed file and of the text that leaves, so nobody has to know which of them put it there. The price: lines that
// differ in nothing else are the same here (`- a` and `a`, `7: a` and `a`).

const newline: u32 = 10;
const space: u32 = 32;
const minus: u32 = 45;
const colon: u32 = 58;
const bar: u32 = 124;

/** What was sought went on to where the text, or what of it is there, ends. */
export let touchedEnd: bool = false;
export function untouch(): void {
  touchedEnd = false;
}

function isDigit(octet: u32): bool {
  return octet - 48 <= 9;
}
function isBlank(octet: u32): bool {
  return octet === space || octet - 9 <= 4;
}

/** Behind blanks; a line's end is none. */
export function afterBlanks(from: usize, to: usize): usize {
  let at = from;
  while (at < to) {
    const octet: u32 = load<u8>(at);
    if (!isBlank(octet) || octet === newline) break;
    at += 1;
  }
  return at;
}

function afterDigits(from: usize, to: usize): usize {
  let at = from;
  while (at < to && at - from < 9 && isDigit(load<u8>(at))) at += 1;
  return at;
}

/** UTF-8 of `→` and of `│`, which bat and Claude Code put behind a number. */
function afterArrow(at: usize, to: usize): usize {
  if (at + 3 > to || load<u8>(at) !== 0xe2) return at;
  const rest: u32 = load<u16>(at + 1);
  return rest === 0x9286 || rest === 0x8294 ? at + 3 : at;
}

/** `12:`, `12-`, `12|`, `12` and a tab (ripgrep, grep, cat -n); `12 |`, `12 │`, `12→` (bat, agents). */
function afterNumber(from: usize, to: usize): usize {
  let at = afterDigits(from, to);
  if (at === from || at === to) return from;
  const next: u32 = load<u8>(at);
  if (next === 9 || next === colon || next === minus || next === bar) return at + 1;
  while (at < to && load<u8>(at) === space) at += 1;
  if (at === to) {
    touchedEnd = true;
    return from;
  }
  if (load<u8>(at) === bar) return at + 1;
  const arrow = afterArrow(at, to);
  return arrow > at ? arrow : from;
}

/** `path:12:` or `path-12-`: no blank in the path, and a dot or slash in it, or it could be anything. */
function afterPath(from: usize, to: usize): usize {
  let named = false;
  const most = min(to, from + 512);
  for (let at = from; at < most; at += 1) {
    const octet: u32 = load<u8>(at);
    if (isBlank(octet)) return from;
    if (octet === 46 || octet === 47) named = true;
    if (!named || (octet !== colon && octet !== minus) || !isDigit(load<u8>(at + 1))) continue;
    const digits = afterDigits(at + 1, to);
    if (digits < to && load<u8>(digits) === octet) return digits + 1;
  }
  return from;
}

/** `L12:` */
function afterLetter(from: usize, to: usize): usize {
  const digits = afterDigits(from + 1, to);
  return digits > from + 1 && digits < to && load<u8>(digits) === colon ? digits + 1 : from;
}

/** Behind the first of them that is there; `from` where none is. An octet behind `to` may be read, and must be no digit. */
export function past(from: usize, to: usize): usize {
  const octet: u32 = load<u8>(from);
  // a quotation mark begins no path
  if (octet <= space || octet === 34 || octet === 39 || octet === 96) return from;
  let next = from;
  if (isDigit(octet)) next = afterNumber(from, to);
  else if (octet === 76) next = afterLetter(from, to);
  if (next === from) next = afterPath(from, to);
  // `+`, `-`: a difference; `>`: a quote
  if (next === from && (octet === 43 || octet === minus || octet === 62)) next = from + 1;
  return next;
}
