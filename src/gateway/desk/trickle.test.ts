// Whatever is cut how, all of it goes on but a whole credential, and never does a side wait for a byte the other has sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Secret } from "../../domain/secret.ts";
import { sieveKnown } from "../../inspection/known.ts";
import { Trickle } from "./trickle.ts";

const real = "abababababababac-9";
const openSieve = sieveKnown([{ id: "a", secret: new Secret(real), placeholder: "p" }]);

test("pieces of what could be a credential go on; a whole one does not", () => {
  const piece = fc.oneof(
    fc.constantFrom("a", "ab", "abab", "ababababac", real.slice(0, 9), real.slice(9), "x"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const trickle = new Trickle(openSieve);
      let [sent, out] = ["", ""];
      for (const text of pieces) {
        sent += Buffer.from(text).toString("latin1");
        const passed = trickle.push(Buffer.from(text));
        assert.equal(passed === undefined, sent.includes(real));
        if (passed === undefined) return;
        out += passed.toString("latin1");
        assert.ok(sent.startsWith(out));
        assert.ok(sent.length - out.length < real.length, "no more waits than could be its beginning");
      }
      assert.equal(out + trickle.end().toString("latin1"), sent);
    }),
    { numRuns: 5000 },
  );
});

test("fewer than eight octets never wait; more do", () => {
  const trickle = new Trickle(openSieve);
  assert.equal(trickle.push(Buffer.from("0000aba"))?.toString(), "0000aba");
  assert.equal(trickle.push(Buffer.from("babababa"))?.toString(), "");
  assert.equal(trickle.push(Buffer.from("x"))?.toString(), "babababax");
  assert.equal(trickle.push(Buffer.from(real.slice(0, 9)))?.toString(), "");
  assert.equal(trickle.push(Buffer.from(real.slice(9))), undefined);
});
