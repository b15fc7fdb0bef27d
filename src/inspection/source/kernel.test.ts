// The kernel against what the spec says of it, over texts that a stranger chose; and that it is compiled of the sources that lie there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { readByTheBook, shapeOf } from "./by-the-book.ts";
import { openKernel } from "./kernel.ts";
import { keyHashes } from "./keyed.ts";
import { slice } from "./limits.ts";
import { eachWindow, isWritten, readLines } from "./lines.ts";
import { madeLines } from "./made-source.ts";

const keyed = keyHashes(Buffer.alloc(32, 3));

type Read = ReturnType<typeof readByTheBook>;

function read(octets: Uint8Array): Read {
  const plain: Buffer[] = [];
  const [starts, hashes, shapes, marked]: [number[], number[], number[], number[]] = [[0], [], [], []];
  const passages: { hash: number; place: number; line: number }[] = [];
  eachWindow(octets, keyed, ({ count, size, kept, ...lines }) => {
    plain.push(Buffer.from(lines.plain.subarray(0, size)));
    for (let line = 0; line < count; line += 1) {
      starts.push(lines.starts[line + 1] ?? 0);
      hashes.push(lines.hashes[line] ?? 0);
      shapes.push(lines.shapes[line] ?? 0);
      marked.push(lines.marked[line] ?? 0);
    }
    for (let one = 0; one < kept.count; one += 1)
      passages.push({ hash: kept.hashes[one] ?? 0, place: kept.places[one] ?? 0, line: kept.lines[one] ?? 0 });
  });
  return { plain: Buffer.concat(plain), starts, hashes, shapes, marked, passages };
}

/** Not by deepEqual: it would write megabytes of what differs. */
function isByTheBook(octets: Uint8Array): void {
  const [mine, wanted] = [read(octets), readByTheBook(octets, keyed)];
  assert.ok(mine.plain.equals(wanted.plain), "normalised octets");
  for (const what of ["starts", "hashes", "shapes", "marked", "passages"] as const) {
    assert.equal(mine[what].length, wanted[what].length, what);
    const at = wanted[what].findIndex((each, which) => !isDeepStrictEqual(each, mine[what][which]));
    assert.deepEqual(mine[what][at], wanted[what][at], `${what} ${at}`);
  }
}

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const piece = fc.oneof(
  fc.constantFrom("12", "123456789", "1234567890", ":", "-", "+", ">", "|", " ", "\t", "\n", "\r", "\v", "\0", "L"),
  fc.constantFrom("a/b", ".", "src/a.ts:12:", "x-7-", "\xe2\x86", "→", "│", "\x1f", '"', "A", "=", "0,", "abcdefgh,"),
  fc.constantFrom(...madeLines(1, 20)),
  fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each).toString("latin1")),
);
const text = fc
  .array(fc.tuple(piece, fc.integer({ min: 1, max: 30 })), { maxLength: 40, size: "max" })
  .map((pieces) => pieces.map(([each, times]) => (times > 25 ? each.repeat(times) : each)).join(""))
  .map((each) => Buffer.from(each).toString("latin1"));

test("a text of one window is read as the spec says", () => {
  fc.assert(
    fc.property(text, (each) => isByTheBook(octets(each))),
    { numRuns: 300 },
  );
});

test("any octets are", () => {
  const any = fc.uint8Array({ maxLength: 3000, size: "max" });
  const few = any.map((each) => each.map((octet) => octet & 0x2f));
  fc.assert(fc.property(fc.oneof(any, few), isByTheBook), { numRuns: 60 });
});

/** What repeats stands in more than one place of those that are compared. */
test("passages that are the same again and again are", () => {
  const again = fc
    .array(fc.tuple(fc.string({ minLength: 1, maxLength: 14 }), fc.integer({ min: 1, max: 60 })), {
      maxLength: 30,
      size: "max",
    })
    .map((parts) => parts.map(([each, times]) => each.repeat(times)).join(""));
  fc.assert(
    fc.property(again, (each) => isByTheBook(Buffer.from(each))),
    { numRuns: 300 },
  );
});

const fillers = ["x y\n", "constant=open(a,1);", " ", "\n", "1", "1:", "a.b/", "\r", "\0", "\t\n", "+", "A", "=-=-\n"];
test("a text of several windows is, whatever stands where one ends and the next begins", () => {
  const filled = fc.tuple(
    fc.constantFrom(...fillers),
    fc.integer({ min: -1100, max: 60 }),
    text,
    fc.constantFrom(...fillers),
    fc.nat({ max: 2000 }),
  );
  fc.assert(
    fc.property(filled, ([filler, by, between, after, count]) =>
      isByTheBook(octets(`${filler.repeat((slice + by) / filler.length)}${between}${after.repeat(count)}${between}`)),
    ),
    { numRuns: 12 },
  );
});

const long: readonly [what: string, text: string][] = [
  ["one line", madeLines(1, 3000).join(" ").repeat(3)],
  ["lines with nothing on them", "\n".repeat(600_000)],
  ["digits", "7".repeat(600_000)],
  ["NULs", "\0".repeat(600_000)],
  ["blanks, and something behind them", `${" ".repeat(700_000)}const a;\n`],
  ["numbers before nothing", "1:".repeat(200_000)],
  ["paths without an end", "a.b/".repeat(150_000)],
  ["a number, blanks and a bar", `12${" ".repeat(200_000)}|const a;\n`.repeat(4)],
  ["returns", "\r".repeat(600_000)],
  ["source", madeLines(2, 8000).join("\r\n")],
];
for (const [what, each] of long) test(`long: ${what}`, () => isByTheBook(octets(each)));

test("how a line is written behind something that is taken off is known, blanks kept", () => {
  fc.assert(
    fc.property(text, (each) => {
      const row = (each.split("\n")[0] ?? "").slice(0, 200);
      const { count } = readLines(octets(row), keyed);
      if (count === 0) return;
      const written = Array.from({ length: 256 }, (_, shape) => shape).filter((shape) => isWritten(0, shape));
      const rests = new Set(Array.from(row, (_, at) => shapeOf(row.slice(at + 1))));
      for (const shape of written) assert.ok(rests.has(shape), `${shape} is of nothing in ${row}`);
    }),
    { numRuns: 300 },
  );
  const more = madeLines(1, 300).join("\n");
  for (const before of ["12:", "  7\t", "> ", "src/a.ts:12:", "L3: "])
    for (const line of ["const a = 1;", "    const a = 1;", "\tb"]) {
      // what else was read of the text leaves it as it was
      readLines(octets(`${before}${line}\n${more}`), keyed);
      assert.ok(isWritten(0, shapeOf(line)), `${before}${line}`);
    }
});

test("one after the other: nothing of a text is left for the next, nor of another key", () => {
  const other = keyHashes(Buffer.alloc(32, 4));
  const [first, second] = [madeLines(5, 300).join("\n"), madeLines(6, 30).join("\n")].map(octets);
  assert.ok(first !== undefined && second !== undefined);
  read(first);
  readLines(first, other);
  isByTheBook(second);
  eachWindow(octets("open".repeat(slice)), other, () => {});
  isByTheBook(first);
});

test("what is no more than a slice is read at once, what is more is not", () => {
  assert.throws(() => readLines(new Uint8Array(slice + 1), keyed), RangeError);
  assert.equal(readLines(new Uint8Array(slice).fill(10), keyed).count, slice);
});

test("it is compiled of the sources beside it, and its memory is 6.6 MiB and no more", () => {
  const script = new URL("../../../scripts/kernel.ts", import.meta.url).pathname;
  const compiled = execFileSync(process.execPath, [script, "--print"], { encoding: "utf8" });
  const written = readFileSync(new URL("kernel-module.ts", import.meta.url), "utf8");
  assert.ok(compiled === written, "`node scripts/kernel.ts` makes it anew");
  const { behind, memory } = openKernel();
  assert.ok(behind <= memory && memory <= 6.6 * 2 ** 20, `${behind} of ${memory}`);
});
