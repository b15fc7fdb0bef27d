// What an entry was about, of each kind and of any shape.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { subjectOf } from "./entry-subject.ts";

const request = { method: "POST", scheme: "https", host: "api.test", port: 443, target: "/v1/x?key=1" };
const cases: readonly [Readonly<Record<string, unknown>>, string | undefined][] = [
  [request, "POST https://api.test/v1/x"],
  [{ ...request, scheme: "http", host: "::1", port: 8080 }, "POST http://[::1]:8080/v1/x"],
  [{ ...request, method: "POST x" }, "api.test"],
  [{ ...request, target: "*" }, "api.test"],
  [{ host: "a.test", port: 22, carried: "opaque" }, "a.test:22"],
  [{ name: "b.test" }, "b.test"],
  [{ destination: { ip: "10.0.0.1", port: 5432 } }, "10.0.0.1:5432"],
  [{ name: "not a host" }, undefined],
  [{ path: ".mcp.json" }, undefined],
];

test("of each kind", () => {
  for (const [sealed, subject] of cases) assert.equal(subjectOf({ sealed }), subject, JSON.stringify(sealed));
  assert.equal(subjectOf({ sealed: "destroyed" }), undefined);
});

test("of any shape: no throw, and never more than one line without blanks but one", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(request), "name", "destination"), fc.anything()),
      (sealed) => {
        const subject = subjectOf({ sealed });
        if (subject !== undefined) assert.match(subject, /^(?:[A-Z]+ )?\S+$/);
      },
    ),
  );
});
