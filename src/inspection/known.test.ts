import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHost } from "../domain/brand.ts";
import type { Credential } from "../domain/reach.ts";
import { Secret } from "../domain/secret.ts";
import { formsOf } from "./forms.ts";
import { seekKnown, sieveKnown } from "./known.ts";
import { buildNeedles } from "./needles.ts";

function credential(id: string, real: string, placeholder: string): Credential {
  const host = parseHost("api.example");
  assert.ok(host !== undefined);
  return {
    id,
    secret: new Secret(real),
    placeholder,
    variable: undefined,
    to: { host, header: "x-api-key", paths: undefined },
  };
}

const real = 'sk-live/Ab+1"2=é~';
const one = credential("one", real, "postern-placeholder-1");
const seek = seekKnown([one, credential("two", "another-secret-value", "postern-placeholder-2")]);

const base64 = (text: string) => Buffer.from(text).toString("base64");
const hex = Buffer.from(real).toString("hex");
const every = hex.replace(/../g, "%$&");
const written: readonly [text: string, encoding: string][] = [
  [real, "plain"],
  [base64(real), "base64"],
  [base64(`x${real}`), "base64"],
  [base64(`user:${real}\n`), "base64"],
  [base64(`us${real}:more`), "base64"],
  [Buffer.from(`user:${real}`).toString("base64url"), "base64"],
  [hex, "hex"],
  [hex.toUpperCase(), "hex"],
  [encodeURIComponent(real), "percent"],
  [encodeURIComponent(real).toLowerCase().replace("sk-live%2fab", "sk-live%2fAb"), "percent"],
  [every, "percent"],
  [JSON.stringify(real), "json"],
  [JSON.stringify(real).replaceAll("/", "\\/"), "json"],
  [
    real
      .split("")
      .map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
    "json",
  ],
  [Buffer.from(real).reverse().toString("latin1"), "reversed"],
];
for (const [text, encoding] of written) {
  test(`found in a body, as ${encoding}: ${JSON.stringify(text).slice(0, 40)}`, () => {
    for (const before of ["", "x", '{"a": "']) {
      const bytes = Buffer.from(`${before}${text} and after`, encoding === "reversed" ? "latin1" : "utf8");
      const found = seek({ kind: "body", bytes }).find(({ label }) => label === "one");
      assert.ok(found !== undefined);
      assert.equal(found.what, "credential");
      if (text !== Buffer.from(`user:${real}`).toString("base64url")) assert.equal(found.encoding, encoding);
    }
  });
}

test("base64url is told from base64 where they differ", () => {
  const value = "???>>>~~~???>>>";
  const found = seekKnown([credential("c", value, "postern-placeholder-9")])({
    kind: "body",
    bytes: Buffer.from(Buffer.from(value).toString("base64url")),
  });
  assert.deepEqual(
    found.map(({ encoding }) => encoding),
    ["base64url"],
  );
});

// as each of these writes it, taken down from them
const echoed: readonly [who: string, text: string][] = [
  ["Python's quote", "sk%2Bse/c%3Dr%21t%2A%27%22%3C%26"],
  ["Python's quote, no slash", "sk%2Bse%2Fc%3Dr%21t%2A%27%22%3C%26"],
  ["encodeURIComponent", "sk%2Bse%2Fc%3Dr!t*'%22%3C%26"],
  ["Go's and Rails' JSON", "sk+se/c=r!t*'\\\"\\u003c\\u0026"],
  [".NET's JSON", "sk\\u002Bse/c=r!t*\\u0027\\u0022\\u003C\\u0026"],
  ["Python's html.escape", "sk+se/c=r!t*&#x27;&quot;&lt;&amp;"],
  ["Go's html/template", "sk&#43;se/c=r!t*&#39;&#34;&lt;&amp;"],
  ["PHP's htmlspecialchars", "sk+se/c=r!t*&#039;&quot;&lt;&amp;"],
  ["mustache", "sk+se&#x2F;c&#x3D;r!t*&#39;&quot;&lt;&amp;"],
];
for (const [who, text] of echoed)
  test(`found as it is sent back by ${who}`, () => {
    const guarded = credential("c", "sk+se/c=r!t*'\"<&", "postern-placeholder-9");
    assert.equal(seekKnown([guarded])({ kind: "body", bytes: Buffer.from(`{ ${text} }`) }).length, 1);
    assert.equal(sieveKnown([guarded])().push(Buffer.from(`{ ${text} }`)), undefined);
  });

test("headers and targets: plain, encoded, and escaped here and there", () => {
  const value = "another-secret-value";
  const at = (text: string) =>
    seek({ kind: "target", text }).map(({ label, encoding, place }) => [label, encoding, place.kind]);
  assert.deepEqual(at(`/a?k=${value}`), [["two", "plain", "target"]]);
  assert.deepEqual(at("/a?k=another%2Dsecret%2dval%75e"), [["two", "percent", "target"]]);
  assert.deepEqual(at("/a?k=other"), []);
  const found = seek({ kind: "header", name: "Authorization", value: `Basic ${btoa(`u:${value}`)}` });
  assert.deepEqual(found, [
    {
      kind: "secret",
      label: "two",
      what: "credential",
      encoding: "base64",
      place: { kind: "header", name: "Authorization" },
    },
  ]);
  assert.equal(seek({ kind: "header", name: "A", value: "postern-placeholder-2" })[0]?.what, "placeholder");
});

test("no finding holds the value, and offsets are where it stands", () => {
  const bytes = Buffer.from(`abc ${real} ${hex}`);
  const findings = seek({ kind: "body", bytes });
  assert.ok(!JSON.stringify(findings).includes("live") && !JSON.stringify(findings).includes(hex));
  assert.deepEqual(
    findings.map(({ place }) => place),
    [
      { kind: "body", offset: 4 },
      { kind: "body", offset: 5 + Buffer.byteLength(real) },
    ],
  );
});

test("nothing known finds nothing; a value under eight octets is not sought", () => {
  assert.deepEqual(seekKnown([])({ kind: "body", bytes: Buffer.from("anything") }), []);
  assert.deepEqual(formsOf("1234567"), []);
  assert.equal(formsOf("12345678")[0]?.bytes.toString(), "12345678");
});

test("whatever the value and wherever it stands, each of its forms is found", () => {
  const values = fc.string({ minLength: 8, maxLength: 40, unit: "binary-ascii" });
  fc.assert(
    fc.property(values, fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (value, before, after) => {
      const look = seekKnown([credential("c", value, "postern-placeholder-0")]);
      for (const form of formsOf(value))
        assert.ok(look({ kind: "body", bytes: Buffer.concat([before, form.bytes, after]) }).length > 0);
      const whole = Buffer.concat([before, Buffer.from(value), after]).toString("base64");
      assert.ok(look({ kind: "body", bytes: Buffer.from(whole) }).length > 0);
    }),
    { numRuns: 300 },
  );
});

test("many needles at once are found exactly where one at a time are", () => {
  const bytes = fc.uint8Array({ minLength: 2, maxLength: 6, max: 3 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1, maxLength: 6 }),
      fc.uint8Array({ maxLength: 80, max: 3 }),
      (all, array) => {
        const haystack = Buffer.from(array);
        const found: string[] = [];
        buildNeedles(all.map((needle, value) => ({ bytes: needle, value }))).search(haystack, (value, at) =>
          found.push(`${value} ${at}`),
        );
        const expected = all.flatMap((needle, value) => {
          const places: string[] = [];
          for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1))
            places.push(`${value} ${at}`);
          return places;
        });
        assert.deepEqual(found.toSorted(), expected.toSorted());
      },
    ),
    { numRuns: 2000 },
  );
});

test("a stream without a credential comes out as it went in, however it is cut", () => {
  const pieces = fc.array(fc.oneof(fc.constant(real.slice(0, 6)), fc.string(), fc.constant(hex.slice(0, 9))), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join("");
      fc.pre(!text.includes(real) && !text.includes(hex));
      const sieve = sieveKnown([one])();
      const out = parts.map((part) => sieve.push(Buffer.from(part)) ?? assert.fail("held a credential"));
      assert.equal(Buffer.concat([...out, sieve.end()]).toString(), text);
    }),
    { numRuns: 500 },
  );
});

test("a stream with one is stopped before its first octet, however it is cut; placeholders pass", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(...formsOf(real)),
      fc.nat({ max: 6 }),
      (before, form, step) => {
        const bytes = Buffer.concat([Buffer.from(`${before} `), form.bytes, Buffer.from(" after")]);
        const sieve = sieveKnown([one])();
        const passed: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += step + 1) {
          const out = sieve.push(bytes.subarray(at, at + step + 1));
          if (out === undefined) {
            assert.ok(Buffer.concat(passed).length <= bytes.indexOf(form.bytes));
            return;
          }
          passed.push(out);
        }
        assert.fail("it went through");
      },
    ),
  );
  assert.equal(sieveKnown([one])().push(Buffer.from("postern-placeholder-1\n"))?.length, 22);
});

test("a word at the end waits for what follows it, whatever it says", () => {
  const sieve = sieveKnown([credential("plain", "sk-live-0123456789", "postern-placeholder-1")])();
  assert.equal(sieve.push(Buffer.from("abc sk-li"))?.toString(), "abc ");
  assert.equal(sieve.push(Buffer.from("on\n"))?.toString(), "sk-lion\n");
  assert.equal(sieve.push(Buffer.from("abc nothing"))?.toString(), "abc ");
  assert.equal(sieve.push(Buffer.from('"}'))?.toString(), 'nothing"}');
  assert.equal(sieve.push(Buffer.from("sk-live"))?.toString(), "");
  assert.equal(sieve.end().toString(), "sk-live");
});

test("what is late does not tell how a value goes on", () => {
  const values = fc.string({ minLength: 8, maxLength: 40, unit: "binary-ascii" });
  const texts = fc.array(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."abcdef0123456789-_") })));
  fc.assert(
    fc.property(values, fc.nat(40), texts, (value, size, before) => {
      // the other one has the same characters, so the same length and alphabet, and nothing else in common
      const sieves = [value, [...value].toSorted().join("")].map((text) => sieveKnown([credential("c", text, "p")])());
      for (const piece of [...before, value.slice(0, Math.min(size, value.length - 1))]) {
        const [one, two] = sieves.map((sieve) => sieve.push(Buffer.from(piece)));
        if (one === undefined || two === undefined) return;
        assert.deepEqual(one, two);
      }
    }),
    { numRuns: 500 },
  );
});
