// Words → one line of shell that means exactly these words, in printable ASCII alone: two different commands never look the
// same, and no character of either can steer the reader's terminal or pass for another.

/** *Attacker-controlled* words in. */
export function writeCommandLine(words: readonly string[]): string {
  return words.map(writeWord).join(" ");
}

function writeWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (/^[ -~]*$/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${[...word].map(spell).join("")}'`;
}

/** As bash(1) reads it between $' and ': backslash and quote stand for themselves only behind a backslash. */
function spell(character: string): string {
  if (/^[ -~]$/.test(character)) return /['\\]/.test(character) ? `\\${character}` : character;
  const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  return code > 0xffff
    ? `\\U${digits.padStart(8, "0")}`
    : code < 0x80
      ? `\\x${digits.padStart(2, "0")}`
      : `\\u${digits.padStart(4, "0")}`;
}
