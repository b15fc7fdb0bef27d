// A text as it may be read: as it stands, unescaped as often as JSON in JSON needs, and without the tags of a page. In: octets,
// *attacker-controlled*; one pass a level, and each level at most as long again.

import { unescapeLines } from "../source/unescape.ts";
import { depth } from "./limits.ts";

export function* levelsOf(text: Uint8Array): Generator<Uint8Array> {
  let octets = text;
  for (let level = 0; level <= depth && octets.length > 0; level += 1) {
    yield octets;
    if (level < depth) octets = unescapeLines(octets, []);
  }
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  "#39": "'",
  "#x27": "'",
};

/** What looks like a page: nothing else is read as one. */
export const isPage = (text: string): boolean =>
  /<(?:!doctype html|html|body|p|div|h[1-6]|li|td|span|a)[\s>]/i.test(text);

/** What stands between tags, a line for each that ends one; undefined where it is no page. */
export function pageText(text: string): string | undefined {
  if (!isPage(text)) return undefined;
  let out = "";
  for (let at = 0; at < text.length; ) {
    const tag = text.indexOf("<", at);
    const end = tag < 0 ? -1 : text.indexOf(">", tag);
    out += text.slice(at, end < 0 ? text.length : tag);
    if (end < 0) break;
    // a word may be marked within a sentence, and a paragraph ends one
    if (/^<\/?(?:p|div|h[1-6]|li|ul|ol|td|tr|br|table|section|article|pre)\b/i.test(text.slice(tag, tag + 12)))
      out += "\n";
    at = end + 1;
  }
  return out.replaceAll(/&([a-z]{2,4}|#39|#x27);/gi, (whole, name: string) => entities[name.toLowerCase()] ?? whole);
}
