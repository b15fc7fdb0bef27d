// The traps of reading RE2's patterns with JavaScript's engine, each with what RE2 says: none is translated, and none is met.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compileLinear } from "./linear.ts";

function all(pattern: string, text: string): readonly string[] {
  return [...compileLinear(pattern).matches(text)].map(({ from, to }) => text.slice(from, to));
}

const traps: readonly [what: string, pattern: string, text: string, found: readonly string[]][] = [
  ["(?i) at the beginning", "(?i)abc", "ABC abc", ["ABC", "abc"]],
  ["(?i) in the middle holds from there on", "a(?i)bc", "aBC ABC", ["aBC"]],
  ["(?i) within a group ends with it", "(?:a(?i)b)c", "aBc aBC", ["aBc"]],
  ["flags for a group", "(?i:ab)c", "ABc ABC", ["ABc"]],
  ["flags taken away for a group", "(?i)a(?-i:B)c", "aBC abc", ["aBC"]],
  ["(?s) for a group", "a(?s:.)b", "a\nb", ["a\nb"]],
  ["\\z is the text's end", "a\\z", "a\na", ["a"]],
  ["a name in Python's spelling", "(?P<word>ab)+", "abab", ["abab"]],
  ["a class of POSIX", "[[:alnum:]]+", "ab1 _", ["ab1"]],
  ["a class of POSIX, the other way", "[[:^digit:]]+", "12ab", ["ab"]],
  ["\\s is no no-break space, no vertical tab, no byte order mark", "\\s", "\u00a0\u000b\ufeff\u2028 ", [" "]],
  ["\\x60 within a class", "[\\x60']a", "`a", ["`a"]],
  ["the dot is a carriage return and a line separator, and no newline", ".+", "a\r\u2028b\nc", ["a\r\u2028b", "c"]],
  ["without case, k is the Kelvin sign and s the long s", "(?i)ks", "\u212a\u017f KS", ["\u212a\u017f", "KS"]],
  ["\\b knows ASCII alone", "\\ba\\b", "éaé", ["a"]],
  ["\\d knows ASCII alone", "\\d", "٣3", ["3"]],
  ["the first alternative wins, not the longest", "a|ab", "ab", ["a"]],
  ["a lazy repetition takes little", "a{1,3}?", "aaa", ["a", "a", "a"]],
  ["$ without (?m) is the text's end", "a$", "a\na", ["a"]],
  ["the dot is one character of two units", "^.$", "😀", ["😀"]],
];

for (const [what, pattern, text, found] of traps)
  test(`RE2: ${what}`, () => {
    assert.deepEqual(all(pattern, text), found);
  });

test("places are UTF-16 units, of groups too, and a group that took no part is none", () => {
  const [match] = compileLinear("(x)|(é)(b)").matches("😀😀éb");
  assert.deepEqual(match, {
    from: 4,
    to: 6,
    groups: [{ from: 4, to: 6 }, undefined, { from: 4, to: 5 }, { from: 5, to: 6 }],
  });
});

test("what RE2 has not is refused: references back, looking ahead, repetitions past a thousand", () => {
  for (const pattern of ["(a)\\1", "a(?=b)", "(?<=a)b", "a{1001}", "(a", "[z-a]", "*"])
    assert.throws(() => compileLinear(pattern), pattern);
});
