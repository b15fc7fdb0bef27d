// How much source is expected; and that what is told of it in the wrong moment loses nothing.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempDisposableSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keyHashes } from "../../inspection/source/keyed.ts";
import { madeLines } from "../../inspection/source/made-source.ts";
import { printOf } from "../../inspection/source/print.ts";
import { openSourceDesk, type Told } from "./desk.ts";
import { expectedOctets } from "./expecting.ts";

test("files as they lie there: no link, no picture, nothing large, and never more than a bound", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "postern-expecting-"));
  const tree = directory.path;
  const put = (name: string, size: number): void => {
    writeFileSync(join(tree, name), "");
    truncateSync(join(tree, name), size);
  };
  put("a.ts", 1_000);
  put("b.ts", 256 * 1024);
  put("c.ts", 256 * 1024 + 1);
  put("d.png", 1_000);
  symlinkSync("a.ts", join(tree, "e.ts"));
  const names = ["a.ts", "b.ts", "c.ts", "d.png", "e.ts", "gone.ts"];
  assert.equal(expectedOctets([[{ tree }, names]]), 1_000 + 256 * 1024);
  assert.equal(
    expectedOctets([
      [{ tree }, ["a.ts"]],
      [{ tree }, ["a.ts"]],
    ]),
    2_000,
  );
  const many = Array.from({ length: 300 }, () => "b.ts");
  assert.equal(expectedOctets([[{ tree }, many]]), 64 * 2 ** 20);
  const small = Array.from({ length: 20_001 }, () => "a.ts");
  assert.equal(expectedOctets([[{ tree }, small]]), 20_000 * 1_000);
});

test("whether it is said before the first file, after it, wrongly or not at all: the same is found", () => {
  const text = madeLines(1, 40).join("\n");
  const place = { path: "/work/a.ts", relative: "a.ts", label: "workspace", labels: [] };
  const key = Buffer.alloc(32, 7);
  const print = printOf(place.path, Buffer.from(text), keyHashes(key));
  const file: Told = { kind: "file", ...place, first: true, print };
  const hash = (said: string): string => createHash("sha256").update(said).digest("base64");
  const size = { from: 0, to: text.length, escaped: false };
  const span = { role: "result", kind: "text", place: size, text, path: "", fixed: false } as const;
  const expected = (octets: number): Told => ({ kind: "expected", octets });
  const orders = [[file], [expected(text.length), file], [expected(5_000_000), file], [file, expected(1)]];
  for (const order of orders) {
    const desk = openSourceDesk({ key, hash, open: () => [] });
    for (const told of order) desk.take(told);
    assert.deepEqual(desk.look([span], "one").lines[0]?.lines, [[1, 40]]);
    assert.equal(desk.look([span], "one").files, 1);
  }
});
