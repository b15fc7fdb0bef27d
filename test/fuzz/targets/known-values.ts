// Values that are known: in one text, taken apart in it, taken apart over texts, and by their hashes. What another search, made without any thought
// of what it costs, finds is found where it stands; what is found is such a value; a body that goes on says what it says from its beginning.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Span, SpanKind } from "../../../src/domain/span.ts";
import { openAcross } from "../../../src/inspection/across.ts";
import { openApartSeeker } from "../../../src/inspection/apart.ts";
import { formsOf } from "../../../src/inspection/forms.ts";
import type { SpanFinding } from "../../../src/inspection/inspect.ts";
import { openDigestSeeker } from "../../../src/inspection/known-digests.ts";
import { openKnownSeeker } from "../../../src/inspection/known-text.ts";
import { latin1, type Target, wide } from "../target.ts";

const known = [
  { label: "one", value: "kv-9fQ2xLr7Tz0bWm4Yc1" },
  { label: "other", value: "épices of the 🌹 house 7" },
];
const knownSeeker = openKnownSeeker(known);
const apartSeeker = openApartSeeker(() => known);
const digestSeeker = openDigestSeeker(() => known);

const space = "[\\t-\\r ]";
const squeeze = (text: string): string => text.replaceAll(/[\t-\r ]/g, "");
const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
/** Every place, those that overlap too. */
const places = (pattern: string, text: string) =>
  [...text.matchAll(new RegExp(`(?=(${pattern}))`, "gsu"))].map(({ index, 1: found = "" }) => ({
    from: index,
    to: index + found.length,
  }));

function checkOne(text: string): string {
  const [plain, apart] = [knownSeeker(text), apartSeeker(text)];
  for (const { from, to } of [...plain, ...apart]) assert.ok(from >= 0 && from < to && to <= text.length);
  const has = (all: typeof plain, label: string, { from, to }: { from: number; to: number }): boolean =>
    all.some((seen) => seen.label === label && seen.from === from && seen.to === to);
  let count = 0;
  for (const { label, value } of known) {
    for (const said of [value, value.toUpperCase(), value.toLowerCase()])
      for (const place of places(literal(said), text)) {
        count += 1;
        assert.ok(has(plain, label, place), `${label} at ${place.from}`);
      }
    const letters = [...squeeze(value)].map(literal).join(`${space}*`);
    for (const place of places(letters, text))
      if (text.slice(place.from, place.to) !== value) {
        count += 1;
        assert.ok(has(apart, label, place), `${label} apart at ${place.from}`);
      }
  }
  for (const { label, from, to } of apart)
    assert.equal(squeeze(text.slice(from, to)), squeeze(known.find((one) => one.label === label)?.value ?? ""));
  return `one ${Math.min(count, 3)} ${plain.length > 0} ${apart.length > 0}`;
}

const kinds: readonly (readonly [SpanKind, Span["role"]])[] = [
  ["text", "person"],
  ["free", "call"],
  ["key", "call"],
  ["text", "structure"],
  ["media", "person"],
];

/** What texts begin with says of what kind they are. */
const spansIn = (text: string): readonly Span[] =>
  text.split("\x1e").map((said) => {
    const [kind, role] = kinds[(said.codePointAt(0) ?? 0) % kinds.length] ?? ["text", "person"];
    const place = { from: 0, to: said.length, escaped: false };
    return { role, kind, text: said.slice(1), place, path: "", fixed: false };
  });

const forms = new Set(
  known.flatMap(({ value }) =>
    [value, value.toUpperCase(), value.toLowerCase()].flatMap((each) =>
      formsOf(each).map(({ bytes }) => squeeze(bytes.toString("latin1"))),
    ),
  ),
);

function groupsOf(found: readonly SpanFinding[]): readonly SpanFinding[][] {
  const groups: SpanFinding[][] = [];
  for (const one of found) {
    const last = groups.at(-1);
    if (last === undefined || (one.seen.part ?? 0) <= (last.at(-1)?.seen.part ?? 0)) groups.push([one]);
    else last.push(one);
  }
  return groups;
}

/** The same by one search in all that is said, and where each of it stood. */
function crossings(spans: readonly Span[]) {
  const said = spans.flatMap(({ text, kind, role }, span) =>
    role === "structure" || kind === "key" || kind === "media"
      ? []
      : [...text].flatMap((letter) => (squeeze(letter) === "" ? [] : [{ span, letter }])),
  );
  const ends: number[] = [];
  let size = 0;
  for (const { letter } of said) {
    size += letter.length;
    ends.push(size);
  }
  const all = said.map(({ letter }) => letter).join("");
  return known.flatMap(({ label, value }) =>
    places(literal(squeeze(value)), all).flatMap(({ from, to }) => {
      const first = said[ends.findIndex((end) => end > from)]?.span ?? -1;
      const last = said[ends.findIndex((end) => end >= to)]?.span ?? -1;
      return first === last ? [] : [{ label, first, last }];
    }),
  );
}

function checkAcross(text: string, stop: number): string {
  const spans = spansIn(text);
  const found = openAcross(() => known).look(spans, "one");
  for (const { span, seen } of found)
    assert.ok(seen.from >= 0 && seen.from < seen.to && seen.to <= (spans[span]?.text.length ?? 0));
  const groups = groupsOf(found);
  for (const group of groups) {
    const joined = group.map(({ span, seen }) => squeeze(spans[span]?.text.slice(seen.from, seen.to) ?? "")).join("");
    assert.ok(forms.has(Buffer.from(joined).toString("latin1")), `no value: ${joined}`);
  }
  const expected = crossings(spans);
  for (const { label, first, last } of expected)
    assert.ok(
      groups.some((group) => group[0]?.seen.label === label && group[0].span === first && group.at(-1)?.span === last),
      `${label} from ${first} to ${last}`,
    );
  const going = openAcross(() => known);
  going.look(spans.slice(0, stop % (spans.length + 1)), "one");
  assert.deepEqual(going.look(spans, "one"), found, "read on it says something else");
  checkSocket(spans, expected);
  return `across ${Math.min(expected.length, 3)} ${Math.min(groups.length, 3)}`;
}

function checkSocket(spans: readonly Span[], expected: ReturnType<typeof crossings>): void {
  const socket = openAcross(() => known);
  const told = spans.map((span) => socket.look([span], "one", 7));
  for (const { label, last } of expected)
    assert.ok(
      told[last]?.some(({ seen }) => seen.label === label),
      `${label}, which ends in message ${last}`,
    );
}

const digests = known.flatMap(({ label, value }) =>
  [value, `${value}\n`].flatMap((said) =>
    ["sha256", "sha1", "md5", "sha512"].map((algorithm) => ({
      label,
      head: createHash(algorithm).update(said).digest().subarray(0, 8),
    })),
  ),
);

function checkDigests(text: string): string {
  const seen = digestSeeker(text);
  const found = new Set(seen.map(({ label, from }) => `${label} ${from}`));
  const expected = new Set<string>();
  for (const [pattern, coding] of [
    ["[0-9a-fA-F]{16}", "hex"],
    ["[A-Za-z0-9+/_-]{11}", "base64"],
  ] as const)
    for (const { from, to } of places(pattern, text)) {
      const octets = Buffer.from(text.slice(from, to), coding);
      for (const { label, head } of digests) if (octets.subarray(0, 8).equals(head)) expected.add(`${label} ${from}`);
    }
  assert.deepEqual([...found].sort(), [...expected].sort());
  // of eleven letters the last holds two bits that are not looked at
  for (const { from, to } of seen) assert.ok(to - from >= 10 && to <= text.length);
  return `digests ${Math.min(expected.size, 3)}`;
}

function check(bytes: Buffer): string {
  const [how = 0, stop = 0] = bytes;
  const text = how % 8 > 3 ? wide(bytes.subarray(2)) : bytes.toString("utf8", 2);
  if (how % 4 === 0) return checkDigests(text);
  return how % 4 === 1 ? checkOne(text) : checkAcross(text, stop);
}

const [one = "", other = ""] = known.map(({ value }) => value);
const sha = (text: string): Buffer => createHash("sha256").update(text).digest();
export const target: Target = {
  seeds: [
    latin1(
      `\0\0id ${sha(one).toString("hex")}, ${sha(`${one}\n`).toString("base64url")} ${sha(other).toString("base64")}`,
    ),
    Buffer.from(
      `\x01\0a ${one} b ${other.toUpperCase()} ${one.slice(0, 4)}\n ${one.slice(4)} é ${other.slice(0, 9)}\t${other.slice(9)}`,
    ),
    Buffer.from(`\x02\x01\x05it ${one.slice(0, 9)}\x1e\x05${one.slice(9)} then\x1e\x06no`),
    Buffer.from(`\x02\x01\x05${other.slice(0, 2)}\x1e\x06 ${other.slice(2, 16)}\x1e\x05${other.slice(16)}`),
    Buffer.from(`\x02\x02\x07${one.slice(0, 9)}\x1e\x08no\x1e\x07${one.slice(9)}`),
    Buffer.from(`\x02\x03\x06${JSON.stringify({ a: one.slice(0, 9), b: one.slice(9) })}`),
    Buffer.concat([
      Buffer.of(6, 1),
      Buffer.from(`\x05\ud800${one.slice(0, 3)}\x1e\x05${one.slice(3)}\udc00`, "utf16le"),
    ]),
  ],
  words: [
    ...[one, other, one.slice(0, 9), one.slice(9), other.slice(0, 9), other.slice(9)],
    ...[
      sha(one).toString("hex").slice(0, 16),
      sha(one).toString("base64").slice(0, 11),
      Buffer.from(one).toString("base64"),
    ],
    ...["\x1e\x05", "\x1e\x06", "\x1e\x07", "\x1e\x08", "\x1e\x05 ", " ", "\n", "🌹", '{"', '":"', '","'],
  ].map((text) => Buffer.from(text)),
  longest: 1200,
  run: check,
};
