// Text that does not show: every place lies in the text and what is counted fits it; written plainly, none of it is left that nobody needs, by a
// second eye too, and the rest of the text is as it was; templates and values of chance are told within their texts, and the same each time.

import assert from "node:assert/strict";
import type { Span } from "../../../src/domain/span.ts";
import { openDriftSeeker } from "../../../src/inspection/covert/drift.ts";
import { plainly } from "../../../src/inspection/covert/normalise.ts";
import { openOpaqueSeeker } from "../../../src/inspection/covert/opaque.ts";
import { seekCovert } from "../../../src/inspection/covert/seek.ts";
import { latin1, type Target, wide } from "../target.ts";

function writtenPlainly(text: string): string {
  let [out, at] = ["", 0];
  for (const { from, to, by } of plainly(text)) {
    assert.ok(from >= at && to > from && to <= text.length, "changes overlap, or are none of the text");
    out += text.slice(at, from) + by;
    at = to;
  }
  return out + text.slice(at);
}

/** Nobody's writing: octets in tags but in three flags, what turns the direction, controls that end no line. */
const never =
  /[\u202a-\u202e\u2066-\u206f\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u2060-\u2064\u00ad]|[\u{e0100}-\u{e01ef}]/u;

function checkText(text: string): string {
  const hits = seekCovert(text);
  for (const { from, to, bits, count, decoded } of hits) {
    assert.ok(from >= 0 && from < to && to <= text.length);
    assert.ok(count >= 1 && count <= text.length && Number.isSafeInteger(bits) && bits >= 1, `${bits} bits`);
    assert.ok(decoded === undefined || decoded.length <= 400);
  }
  assert.equal(new Set(hits.map(({ kind }) => kind)).size, hits.length);
  const plain = writtenPlainly(text);
  assert.equal(plain === text, hits.length === 0, "what is found is not what is taken out");
  assert.doesNotMatch(plain, never);
  const shown = /[!-~]/g;
  for (const letter of new Set(text.match(shown)))
    assert.ok(plain.split(letter).length >= text.split(letter).length, `${letter} is lost`);
  const left = seekCovert(plain).map(({ kind }) => kind);
  assert.deepEqual(left, [], `left: ${JSON.stringify(plain)} of ${JSON.stringify(text)}`);
  return hits.map(({ kind, decoded }) => `${kind} ${decoded === undefined}`).join();
}

/** ASCII in tags, octets in selectors, behind any text: read, where that text has none of the kind. */
function checkHidden(how: number, rest: string): string {
  const [message = "", cover = ""] = rest.split("|", 2);
  if (!/^[ -~]{3,100}$/.test(message)) return "nothing to hide";
  const kind = how % 2 === 0 ? "tags" : "variation";
  const hidden =
    kind === "tags"
      ? [...message].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0)))
      : [...Buffer.from(message)].map((octet) => String.fromCodePoint(0xe0100 + octet - 16));
  const before = `${cover}.`;
  if (seekCovert(before).some((hit) => hit.kind === kind)) return "hidden already";
  const hit = seekCovert(before + hidden.join("")).find((one) => one.kind === kind);
  assert.equal(hit?.decoded, message);
  assert.ok((hit?.bits ?? 0) >= message.length * 7);
  return `hidden ${kind}`;
}

const roles: readonly Span["role"][] = ["system", "scaffold", "description", "unknown", "person"];

function spansIn(text: string): readonly (readonly Span[])[] {
  return text.split("~~").map((body) =>
    body.split("~").map((said, at) => {
      const role = roles[(said.codePointAt(0) ?? 0) % roles.length] ?? "system";
      const place = { from: 0, to: said.length, escaped: false };
      return { role, kind: "text", text: said.slice(1), place, path: `system[${at % 2}].text`, fixed: false };
    }),
  );
}

function checkRequests(text: string): string {
  const bodies = spansIn(text);
  const told = [openDriftSeeker(), openDriftSeeker(), openOpaqueSeeker(), openOpaqueSeeker()].map((seeker) =>
    bodies.map((spans) => seeker.look(spans)),
  );
  assert.deepEqual(told[0], told[1]);
  assert.deepEqual(told[2], told[3]);
  const all = told.flatMap((each) => each.flatMap((findings, nth) => findings.map((one) => ({ ...one, nth }))));
  for (const { nth, span, seen } of all) {
    const said = bodies[nth]?.[span] ?? assert.fail("no such span");
    assert.ok(seen.from >= 0 && seen.from < seen.to && seen.to <= said.text.length);
    assert.ok(Number.isSafeInteger(seen.bits) && (seen.bits ?? 0) >= 1, `${seen.bits} bits`);
    assert.notEqual(said.role, "person");
  }
  return `requests ${all.some(({ seen }) => seen.label === "template")} ${all.some(({ seen }) => seen.label === "opaque")}`;
}

function check(bytes: Buffer): string {
  const how = (bytes[0] ?? 0) % 4;
  if (how === 0) return checkHidden(bytes[1] ?? 0, bytes.toString("utf8", 2));
  if (how === 1) return checkRequests(bytes.toString("utf8", 1));
  return checkText(how === 2 ? bytes.toString("utf8", 1) : wide(bytes.subarray(1)));
}

const utf8 = (text: string): Buffer => Buffer.from(text);
export const target: Target = {
  seeds: [
    latin1("\0\0repo=acme/pay|over the lazy dog"),
    latin1("\0\x01repo=acme/pay|over the lazy dog"),
    utf8("\x02👩‍👩‍👧 ❤️ 1️⃣ 🏳️‍🌈 می‌خواهم क्‍ष 你好　世界 « Bonjour ! » 3 000 € שלום\u200f ┌─ \u2801\u2800"),
    utf8("\x02\ufeffpass\u200bword pаypal.com a\u00a0b x\u0000y a\ufe0fb ｐay 1\u202e2\u2010x\u2215y\u034fz 가\u3164"),
    utf8(`\x02\u{1f3f4}${String.fromCodePoint(...[..."gbeng"].map((one) => 0xe0000 + one.charCodeAt(0)))}\u{e007f}`),
    utf8(
      '\x01aIt\'s the "first" day - 2026-11-28 of it...~~aIt’s the “first” day – 28 Nov 2026 of it…~~aIt\'s the "first" day - 2026-11-28 of it...',
    ),
    Buffer.concat([Buffer.of(3), Buffer.from("a\udb40\u200b\udc41b\ud835\u200d\udc00c", "utf16le")]),
    utf8("\x01dkf93KdkeP02lsQmEr81LvzXq7~dplain words here"),
  ],
  words: [
    "\u200b",
    "\u200d",
    "\u200c",
    "\ufeff",
    "\ufe0f",
    "\u{e0041}",
    "\u{e007f}",
    "\u{e0101}",
    "\u202e",
    "\u2066",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u3164",
    "\u2800",
    "\u00ad",
    "\u034f",
    "а",
    "е",
    "ο",
    "ｐ",
    "𝐚",
    "\u2010",
    "\uff0e",
    "👩",
    "🏴",
    "1",
    "ب",
    "क",
    "가",
    "ש",
    "é",
    "~~",
    "~",
    "|",
    "’",
    "“",
    "–",
    "…",
    "Nov 28, 2026",
  ].map(utf8),
  longest: 1500,
  run: check,
};
