// What failed is told with names a tool chose: nothing in them steers the terminal, or looks like a line of ours.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { complain } from "./speech.ts";

function said(error: unknown): string {
  const written: string[] = [];
  const told = mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  complain(error);
  told.mock.restore();
  return written.join("");
}

const name = "x\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202e\r\npostern: all is well";

test("a fault is one line, and its hint another", () => {
  const told = said(new Fault({ code: "landing", message: `${name} cannot land`, hint: `look at ${name}` }));
  assert.doesNotMatch(told, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  assert.equal(told.split("\n").length, 3);
  assert.match(told, /^postern: x\\x1b\]52;/);
});

test("nor does what a defect says", () => {
  const told = said(new Error(`ENOENT: no such file, open '${name}'`));
  assert.doesNotMatch(told, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  assert.match(told, /speech\.test\.ts/);
});
