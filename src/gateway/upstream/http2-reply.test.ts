// Replies on HTTP/2, field by field: what is passed on, and what two readers could read in two ways.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limits } from "../limits.ts";
import { Http2Reply } from "./http2-reply.ts";

const none: ReadonlySet<string> = new Set();

/** A header block, or a piece of the body; `last`: nothing comes after it. */
type Step =
  | { readonly fields: readonly string[]; readonly last?: boolean; readonly long?: boolean }
  | { readonly data: string; readonly last?: boolean };

function hear(
  steps: readonly Step[],
  method = "GET",
): { readonly told: readonly string[]; readonly fault: string | undefined } {
  const told: string[] = [];
  const reply = new Http2Reply(method, limits, {
    informational: ({ status, headers }) => told.push(`${status} ${headers.join(" ")}`),
    head: ({ status, headers }) => told.push(`head ${status} ${headers.join(" ")}`),
    data: (chunk) => told.push(`data ${chunk.toString()}`),
    end: (trailers) => told.push(`end ${trailers.join(" ")}`),
  });
  for (const step of steps) {
    const { last = false } = step;
    const fault =
      "data" in step
        ? reply.data(Buffer.from(step.data), last)
        : reply.fields({ list: step.fields, never: none, long: step.long ?? false }, last);
    if (fault !== undefined) return { told, fault };
  }
  return { told, fault: undefined };
}

const ok = [":status", "200"];

test("a head, a body, trailers; informational replies before", () => {
  const steps: Step[] = [
    { fields: [":status", "103", "link", "</a>"] },
    { fields: [...ok, "content-length", "5", "x-b", "1"] },
    { data: "hel" },
    { data: "lo" },
    { fields: ["x-sum", "9"], last: true },
  ];
  assert.deepEqual(hear(steps).told, [
    "103 link </a>",
    "head 200 content-length 5 x-b 1",
    "data hel",
    "data lo",
    "end x-sum 9",
  ]);
});

test("bodiless by their nature, whatever length they tell", () => {
  assert.deepEqual(hear([{ fields: [...ok, "content-length", "5"], last: true }], "HEAD").fault, undefined);
  for (const status of ["204", "304"]) {
    assert.equal(hear([{ fields: [":status", status, "content-length", "5"], last: true }]).fault, undefined);
    assert.match(hear([{ fields: [":status", status] }, { data: "x" }]).fault ?? "", /longer/);
  }
});

const wrong: readonly [title: string, steps: readonly Step[], fault: RegExp][] = [
  ["no status", [{ fields: ["x-a", "1"] }], /status/],
  ["two statuses", [{ fields: [...ok, ...ok] }], /malformed/],
  ["a status behind a field", [{ fields: ["x-a", "1", ...ok] }], /malformed/],
  ["a status that is none", [{ fields: [":status", "0200"] }], /status/],
  ["a status below all", [{ fields: [":status", "099"] }], /status/],
  ["a request's pseudo-field", [{ fields: [...ok, ":path", "/"] }], /malformed/],
  ["101", [{ fields: [":status", "101"] }], /informational/],
  ["an informational reply that is all", [{ fields: [":status", "103"], last: true }], /informational/],
  ["informational replies without end", Array.from({ length: 40 }, () => ({ fields: [":status", "103"] })), /too many/],
  ["a head that is too long", [{ fields: ok, long: true }], /too long/],
  ["Transfer-Encoding", [{ fields: [...ok, "transfer-encoding", "chunked"] }], /malformed/],
  ["capitals", [{ fields: [...ok, "X-A", "1"] }], /malformed/],
  ["a line end in a value", [{ fields: [...ok, "x-a", "1\r\nx-b: 2"] }], /malformed/],
  ["two lengths", [{ fields: [...ok, "content-length", "1", "content-length", "1"] }], /ambiguous/],
  ["a length that is none", [{ fields: [...ok, "content-length", "+1"] }], /ambiguous/],
  ["a body before its head", [{ data: "x" }], /before/],
  ["more than was told", [{ fields: [...ok, "content-length", "1"] }, { data: "xy" }], /longer/],
  ["less than was told", [{ fields: [...ok, "content-length", "3"] }, { data: "xy", last: true }], /shorter/],
  ["nothing where something was told", [{ fields: [...ok, "content-length", "3"], last: true }], /shorter/],
  ["a second head", [{ fields: ok }, { fields: ok }], /malformed/],
  ["trailers that are not the end", [{ fields: ok }, { fields: ["x-a", "1"] }], /second head/],
  ["a length among the trailers", [{ fields: ok }, { fields: ["content-length", "1"], last: true }], /framing/],
];
for (const [title, steps, fault] of wrong) {
  test(`not believed: ${title}`, () => assert.match(hear(steps).fault ?? "", fault));
}

test("no steps make it throw, and nothing is told behind an end or a fault", () => {
  const field = fc.constantFrom(":status", "200", "103", "content-length", "1", "x-a", "te", "");
  const step = fc.oneof(
    fc.record({ fields: fc.array(field, { maxLength: 6 }), last: fc.boolean() }),
    fc.record({ data: fc.string({ maxLength: 3 }), last: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const { told } = hear(steps);
      const end = told.findIndex((line) => line.startsWith("end"));
      assert.ok(end === -1 || end === told.length - 1);
    }),
    { numRuns: 3000 },
  );
});
