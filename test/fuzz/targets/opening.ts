// Texts within texts: every place lies in the outer text, and what stands there, read again, is what was opened; bounds hold; what was written
// in a coding, or in one within another, is found whatever stands around it; strings are read as JSON reads them.

import assert from "node:assert/strict";
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { type Inflate, type Opened, openAll, openBounds, unescapeString } from "../../../src/inspection/open/open.ts";
import { steps } from "../../../src/inspection/steps.ts";
import { latin1, type Target, wide } from "../target.ts";

const inflate: Inflate = (bytes, most) => {
  try {
    return bytes[0] === 0x1f
      ? gunzipSync(bytes, { maxOutputLength: most })
      : inflateSync(bytes, { maxOutputLength: most });
  } catch (error) {
    return error instanceof RangeError ? "more" : undefined;
  }
};

function openBounded(text: string) {
  const before = { ...steps };
  const opening = openAll(text, inflate);
  assert.ok(steps.decoded - before.decoded <= openBounds.octets, "more is decoded than is opened");
  assert.ok(opening.found.length <= openBounds.found + 1, "more is found than is told");
  return opening;
}

/** Of what is written in escapes alone, each stretch is known where it stands. */
function checkPlaces(text: string, { text: inner, codings, from, to, at }: Opened): void {
  assert.ok(from >= 0 && from < to && to <= text.length);
  const middle = inner.length >> 1;
  for (const [first, last] of [
    [0, inner.length],
    [middle, inner.length],
    [middle, Math.min(middle + 3, inner.length)],
  ] as const) {
    const place = at(first, last);
    assert.ok(place.from >= from && place.to <= to && place.from <= place.to);
    if (codings.length === 1 && codings[0] === "escapes")
      assert.equal(unescapeString(text.slice(place.from, place.to)), inner.slice(first, last));
  }
}

function checkText(text: string): string {
  const { found, left } = openBounded(text);
  for (const one of found) checkPlaces(text, one);
  return `${left} ${[...new Set(found.map(({ codings }) => codings.join()))].slice(0, 3).join(" ")}`;
}

function checkString(text: string): string {
  let meant: unknown;
  try {
    meant = JSON.parse(`"${text}"`);
  } catch {
    return "no string";
  }
  assert.equal(unescapeString(text), meant);
  return `string ${meant === text}`;
}

const ways: readonly ((text: string) => string)[] = [
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("base64url"),
  (text) => Buffer.from(text).toString("hex"),
  (text) => Buffer.from(text).toString("hex").toUpperCase(),
  (text) => Buffer.from(text).toString("hex").replaceAll(/../g, "%$&"),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => gzipSync(text).toString("base64"),
  (text) => deflateSync(text).toString("hex"),
  (text) => Buffer.from(text).toString("base64").replaceAll(/.{76}/g, "$&\r\n"),
];

const isShown = (text: string): boolean =>
  Buffer.byteLength(text) >= 12 && !/[\0-\x08\x0e-\x1f\x7f\ufffd]/.test(text) && text.isWellFormed();

function checkHidden(how: Buffer, rest: string): string {
  const [message = "", before = "", behind = ""] = rest.split("|", 3);
  if (!isShown(message)) return "nothing to hide";
  const codings = [...how].slice(0, 1 + ((how[0] ?? 0) % 3)).map((one) => ways[one % ways.length]);
  const written = codings.reduce((text, write) => write?.(text) ?? text, message);
  const text = `${before} ${written} ${behind}`;
  const { found, left } = openBounded(text);
  const isThere = text.includes(message) || found.some((one) => one.text.includes(message));
  // by chance a name is digits of another coding
  const isDigits = /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(message);
  assert.ok(isThere || left || isDigits, `not found: ${JSON.stringify(text)}`);
  return `hidden ${codings.length} ${left}`;
}

function check(bytes: Buffer): string {
  const how = (bytes[0] ?? 0) % 4;
  if (how === 0) return checkHidden(bytes.subarray(1, 4), bytes.toString("utf8", 4));
  if (how === 1) return checkString(bytes.toString("utf8", 1));
  return checkText(how === 2 ? bytes.toString("utf8", 1) : wide(bytes.subarray(1)));
}

const message = 'the "secret" recipe\nof the house: épices';
export const target: Target = {
  seeds: [
    ...ways.map((_, at) => Buffer.from(`\0${String.fromCharCode(at, at + 1, at + 2)}${message}|a b|c d`)),
    ...ways.map((write) => Buffer.from(`\x02{"a":"${write(message)}","b":"${write(write(message))}"}`)),
    latin1('\x01a\\u0041\\n\\"\\\\x'),
    Buffer.from(`\x02x ${gzipSync(Buffer.alloc(400_000, "a ")).toString("base64")} y`),
    Buffer.concat([Buffer.of(3), Buffer.from(`Zm8 ${ways[0]?.(message)}`, "utf16le")]),
  ],
  words: [
    "\\u0041",
    "\\ud83d\\ude00",
    "\\x41",
    "\\\\",
    '\\"',
    "\\/",
    "%41",
    "%4",
    "==",
    "QUFBQUFBQUFBQUFBQUFB",
    "6162636465666768696a6b6c",
    "H4sIAAAA",
    "eJwr",
    "\r\n",
    "|",
    "+/_-",
    "x^",
  ],
  longest: 3000,
  run: check,
};
