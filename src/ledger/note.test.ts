import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { checkNote, parseNote, parseVerifier, signerFrom, signNote } from "./note.ts";

interface Keys {
  readonly derived: readonly { readonly name: string; readonly text: string; readonly vkey: string }[];
  readonly valid: readonly { readonly vkey: string }[];
  readonly invalid: readonly { readonly why: string; readonly vkey: string }[];
}
const keys = JSON.parse(readFileSync(new URL("../../vectors/ledger/keys.json", import.meta.url), "utf8")) as Keys;
const signer = signerFrom("postern.test/log", hash("sha256", "log", "buffer"));
const other = signerFrom("postern.test/log", hash("sha256", "other", "buffer"));
const root = Buffer.alloc(32, 7);

void test("verifier keys of others", () => {
  for (const { name, text, vkey } of keys.derived)
    assert.equal(signerFrom(name, hash("sha256", text, "buffer")).text, vkey);
  for (const { vkey } of [...keys.derived, ...keys.valid]) assert.equal(parseVerifier(vkey)?.text, vkey);
  for (const { why, vkey } of keys.invalid) assert.equal(parseVerifier(vkey), undefined, why);
});

void test("a checkpoint is signed, read and checked", () => {
  const text = signNote(formatCheckpoint({ origin: signer.name, size: 70_000, root }), signer);
  assert.match(text, /^postern\.test\/log\n70000\n[A-Za-z0-9+/]{43}=\n\n— postern\.test\/log [A-Za-z0-9+/]{91}=\n$/);
  const head = parseCheckpoint(text);
  assert.deepEqual([head?.origin, head?.size, head?.root], ["postern.test/log", 70_000, root]);
  assert.ok(head);
  assert.equal(checkNote(head.note, signer), "good");
  assert.equal(checkNote(head.note, other), "absent");
});

void test("a known key's bad signature is bad beside a good one, an unknown key's is passed over", () => {
  const text = signNote(formatCheckpoint({ origin: signer.name, size: 1, root }), signer);
  const line = text.slice(text.indexOf("— "));
  const forged = Buffer.from(line.split(" ")[2] ?? "", "base64");
  forged[10] = (forged[10] ?? 0) ^ 1;
  const bad = parseNote(`${text}— ${signer.name} ${forged.toString("base64")}\n`);
  assert.equal(bad && checkNote(bad, signer), "bad");
  const unknown = parseNote(`${text}— somebody.else ${forged.toString("base64")}\n`);
  assert.equal(unknown && checkNote(unknown, signer), "good");
});

void test("malformed checkpoints are refused", () => {
  const good = signNote(formatCheckpoint({ origin: signer.name, size: 10, root }), signer);
  assert.ok(parseCheckpoint(good));
  const bad = [
    "",
    good.replace("\n10\n", "\n010\n"),
    good.replace("\n10\n", "\n-1\n"),
    good.replace("\n10\n", "\n99999999999999999\n"),
    good.replaceAll("\n", "\r\n"),
    good.replace("\n\n", "\n"),
    good.slice(0, -1),
    good.slice(0, good.indexOf("\n\n") + 2),
    good.replace("=\n\n", "\n\n"),
    good.replace("BwcHBwc=", "BwcHBwd="),
    `\n${good}`,
    `${good}${"— a b\n".repeat(3)}`,
  ];
  for (const text of bad) assert.equal(parseCheckpoint(text), undefined, JSON.stringify(text));
});

void test("no text makes the parsers throw, and no changed character leaves a signature good", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      (text) => void [parseNote(text), parseCheckpoint(text), parseVerifier(text)],
    ),
  );
  const good = signNote(formatCheckpoint({ origin: signer.name, size: 4711, root }), signer);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ unit: "grapheme", maxLength: 2 }), (at, text) => {
      const changed = good.slice(0, at) + text + good.slice(at + 1);
      const head = parseCheckpoint(changed);
      if (changed !== good && head !== undefined) assert.notEqual(checkNote(head.note, signer), "good");
    }),
  );
});
