// Each kind: made by its own rule it is found, with one digit changed it is not; and ordinary source code holds none of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PersonalKind } from "../../domain/content-rules.ts";
import { steps } from "../steps.ts";
import { isBusinessNumber, isMedicare, isResidentIdentity, isTaxFileNumber, luhn } from "./checks.ts";
import { mostOfKind, seekPersonal } from "./seek.ts";

const kindsIn = (text: string): readonly PersonalKind[] => seekPersonal(text).map(({ kind }) => kind);

/** Numbers that the makers of each format publish for trying it. */
const published: readonly (readonly [PersonalKind, string])[] = [
  ["card", "4111 1111 1111 1111"],
  ["card", "pay with card 5555555555554444 today"],
  ["card", "3782 822463 10005"],
  ["iban", "DE89 3704 0044 0532 0130 00"],
  ["iban", "account GB29NWBK60161331926819."],
  ["au-tfn", "TFN: 123 456 782"],
  ["au-abn", "51 824 753 556"],
  ["au-abn", "ABN 51824753556"],
  ["au-medicare", "Medicare card 2123 45670 1"],
  ["cn-resident", "11010519491231002X"],
  ["us-ssn", "SSN 219-09-9998"],
  ["mail", "customer e-mail: jane.doe@acme.co"],
  ["telephone", "phone +61 2 9374 4000"],
  ["telephone", 'mobile: "0412 345 678"'],
];

test("published numbers of each kind are found where they stand", () => {
  for (const [kind, text] of published) assert.deepEqual(kindsIn(text), [kind], text);
  const [hit] = seekPersonal("card 4111 1111 1111 1111.");
  assert.deepEqual([hit?.from, hit?.to], [5, 24]);
});

test("without their proof, their form or their word they are numbers like others", () => {
  for (const text of [
    "4111 1111 1111 1112",
    "const id = 4111111111111111;",
    "DE89 3704 0044 0532 0130 01",
    "123 456 782",
    "TFN 123 456 783",
    "51 824 753 557",
    "2123 45670 1",
    "110105194912310021",
    "11010519491331002X",
    "219-09-9998",
    "SSN 666-09-9998",
    "jane.doe@acme.co",
    "e-mail: someone@example.com, git@github.com",
    "+61 2 9374 4000",
    "1.2.3.4 2026-11-27 20:15:00 0x1234567890 1700000000000",
    '"integrity": "sha512-4111111111111111AAAA==", "port": 30303030',
    "phone 2026-11-27T10:00:00Z",
  ])
    assert.deepEqual(kindsIn(text), [], text);
});

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));

test("a digit changed breaks the proof of each format that has one", () => {
  const change = (text: string, at: number, by: number): string =>
    text.slice(0, at) + String((Number(text[at]) + by) % 10) + text.slice(at + 1);
  const breaks = (check: (text: string) => boolean, length: number, known: string): void => {
    assert.ok(check(known));
    assert.equal(known.length, length);
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const changed = change(known, at, by);
        // a check in MOD 10 with weights of 3, 7 and 9, or in MOD 11, 89: each sees every single change
        assert.ok(!check(changed) || !/^\d+$/.test(changed), changed);
      }),
    );
  };
  breaks(luhn, 16, "4111111111111111");
  breaks(isTaxFileNumber, 9, "123456782");
  breaks(isBusinessNumber, 11, "51824753556");
  breaks((text) => isMedicare(`${text}1`), 9, "212345670");
  breaks(isResidentIdentity, 18, "440524188001010014");
});

test("any text: no throw, hits within it, in order, apart from each other", () => {
  const piece = fc.oneof(
    digits(4),
    digits(9),
    fc.constantFrom(" ", "-", "card ", "@", ".", "+", "phone ", "DE89", "a", "(", ")", "/", "\n"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      let end = 0;
      for (const { from, to } of seekPersonal(text)) {
        assert.ok(from >= end && to > from && to <= text.length);
        end = to;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("long lines of what begins every pattern: no more candidates than in proportion", () => {
  for (const unit of ["1 ", "1-", "a.b+c-", "a@b.", "+1 (", "DE89 1", "12345678901234567890"]) {
    const count = (size: number): number => {
      const before = steps.tried;
      seekPersonal(unit.repeat(size / unit.length));
      return steps.tried - before;
    };
    assert.ok(count(400_000) <= 400_000, unit);
  }
});

test("more of a kind than is told is said, and hides no other kind", () => {
  const text = `${"e-mail: a.b@acme.co, ".repeat(mostOfKind + 5)} card 4111 1111 1111 1111`;
  const hits = seekPersonal(text);
  assert.deepEqual(
    hits.filter(({ more }) => more).map(({ kind }) => kind),
    ["mail"],
  );
  assert.equal(hits.filter(({ kind }) => kind === "mail").length, mostOfKind + 1);
  assert.ok(hits.some(({ kind }) => kind === "card"));
});
