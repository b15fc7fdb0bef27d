// However it is cut, all of it goes on at once, but for the piece that makes a credential whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Secret } from "../../domain/secret.ts";
import { sieveKnown } from "../../inspection/known.ts";
import { Trickle } from "./trickle.ts";

const real = "abababababababac-9";
const openSieve = sieveKnown([{ id: "a", secret: new Secret(real), placeholder: "p" }]);

test("every piece goes on at once, whatever it could begin; the one that ends a credential does not", () => {
  const piece = fc.oneof(
    fc.constantFrom("a", "ab", "abab", "ababababac", real.slice(0, 9), real.slice(9), real, "x", "0000", " "),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const trickle = new Trickle(openSieve);
      let sent = "";
      for (const text of pieces) {
        sent += Buffer.from(text).toString("latin1");
        const passed = trickle.push(Buffer.from(text));
        assert.equal(passed === undefined, sent.includes(real));
        if (passed === undefined) return;
        assert.equal(passed.toString("latin1"), Buffer.from(text).toString("latin1"));
      }
    }),
    { numRuns: 5000 },
  );
});
