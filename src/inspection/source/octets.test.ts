import assert from "node:assert/strict";
import { test } from "node:test";
import { openFingerprints } from "./fingerprints.ts";
import { lookUp } from "./lookup.ts";
import { key, madeLines } from "./made-source.ts";
import { asRead } from "./octets.ts";

const text = `${madeLines(9, 40).join("\n")}\n`.replaceAll("const", "cönst");
const bigEndian = Buffer.from(`\ufeff${text}`, "utf16le").swap16();
const written: readonly [what: string, octets: Uint8Array, read: string][] = [
  ["UTF-8", Buffer.from(text), text],
  ["UTF-8 with its mark", Buffer.from(`\ufeff${text}`), text],
  ["UTF-16, little end first", Buffer.from(`\ufeff${text}`, "utf16le"), text],
  ["UTF-16, big end first", bigEndian, text],
  ["Latin-1", Buffer.from(text, "latin1"), text.replaceAll("ö", "\ufffd")],
];
for (const [what, octets, read] of written)
  test(`a file of ${what} is found by the text a tool reads from it`, () => {
    assert.equal(Buffer.from(asRead(octets)).toString(), read);
    const index = openFingerprints({ key });
    assert.equal(index.put({ path: "a.ts", label: "", octets }), undefined);
    const [answer] = lookUp(index.reading(), read).found;
    assert.deepEqual([answer?.lines, answer?.how], [[[1, 40]], "verbatim"]);
  });
