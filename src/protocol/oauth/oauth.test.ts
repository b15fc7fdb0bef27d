import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { withoutSecrets } from "./fields.ts";
import { limits } from "./limits.ts";
import { expiryOf, makePlaceholder, readPlaceholder, tellingPart, writeMark } from "./placeholder.ts";
import { parseTokenReply } from "./reply.ts";
import { parseTokenRequest } from "./request.ts";

const form = "application/x-www-form-urlencoded";
const json = "application/json";
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const mark = writeMark(randomBytes(24));
const jwtOf = (claims: object): string =>
  `${encode({ alg: "RS256", kid: "k", jku: "https://x.example" })}.${encode(claims)}.${randomBytes(40).toString("base64url")}`;

test("a refresh is read from JSON and from a form, and written anew with another token and nothing else changed", () => {
  const fields = { grant_type: "refresh_token", refresh_token: "old", client_id: "c&=ü", scope: "a b" };
  const asJson = parseTokenRequest(`${json}; charset=utf-8`, Buffer.from(JSON.stringify(fields)));
  assert.ok(asJson.kind === "refresh");
  assert.equal(asJson.token, "old");
  assert.deepEqual(JSON.parse(asJson.write('n"w').toString()), { ...fields, refresh_token: 'n"w' });
  const asForm = parseTokenRequest(form, Buffer.from(new URLSearchParams(fields).toString()));
  assert.ok(asForm.kind === "refresh");
  assert.deepEqual(Object.fromEntries(new URLSearchParams(asForm.write("n&w").toString())), {
    ...fields,
    refresh_token: "n&w",
  });
});

test("a JSON request with the token twice leaves with one, whichever a reader would have taken", () => {
  const body = '{"grant_type":"refresh_token","refresh_token":"theirs","refresh_token":"ours"}';
  const ask = parseTokenRequest(json, Buffer.from(body));
  assert.ok(ask.kind === "refresh" && ask.token === "ours");
  assert.equal(ask.write("real").toString(), '{"grant_type":"refresh_token","refresh_token":"real"}');
});

const refused: readonly [string, string, string | Buffer][] = [
  ["a parameter twice", form, "grant_type=refresh_token&refresh_token=a&refresh_token=b"],
  ["a parameter twice, once escaped", form, "grant_type=refresh_token&refresh%5Ftoken=a&refresh_token=b"],
  ["another type", "text/plain", '{"grant_type":"refresh_token"}'],
  ["no grant", json, "{}"],
  ["a grant that is no text", json, '{"grant_type":["refresh_token"],"refresh_token":"a"}'],
  ["a token that is no text", json, '{"grant_type":"refresh_token","refresh_token":{"a":1}}'],
  ["no UTF-8", json, Buffer.from([0x7b, 0xff, 0x7d])],
  ["a form beyond ASCII", form, "grant_type=refresh_token&refresh_token=ü"],
  ["a list", json, "[]"],
  [
    "nested deeper than could be written again",
    json,
    `{"grant_type":"refresh_token","refresh_token":"a","x":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  ],
  ["too long", form, `grant_type=authorization_code&code=${"x".repeat(limits.request)}`],
];
for (const [title, type, body] of refused)
  test(`unreadable: ${title}`, () => assert.equal(parseTokenRequest(type, Buffer.from(body)).kind, "unreadable"));

test("codes are codes; other grants are named, bounded", () => {
  assert.equal(parseTokenRequest(form, Buffer.from("grant_type=authorization_code&code=1")).kind, "code");
  const device = "urn:ietf:params:oauth:grant-type:device_code";
  assert.equal(parseTokenRequest(json, Buffer.from(JSON.stringify({ grant_type: device }))).kind, "code");
  const other = parseTokenRequest(form, Buffer.from(`grant_type=${"x".repeat(5000)}`));
  assert.ok(other.kind === "other" && other.grant.length === 200);
});

test("whatever a tool sends, reading it ends, and what is written anew holds the real token once and no other", () => {
  const real = "real-token-0123456789";
  const value = fc.oneof(fc.string(), fc.constant("refresh_token"), fc.constant(mark));
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.dictionary(fc.string(), fc.jsonValue()).map((all) => Buffer.from(JSON.stringify(all))),
    fc
      .record({ grant_type: fc.constant("refresh_token"), refresh_token: value, more: value })
      .map((all) => Buffer.from(new URLSearchParams(all).toString())),
    fc
      .record({ grant_type: fc.constant("refresh_token"), refresh_token: value, more: fc.jsonValue() })
      .map((all) => Buffer.from(JSON.stringify(all))),
  );
  fc.assert(
    fc.property(fc.constantFrom(form, json), body, (type, bytes) => {
      const ask = parseTokenRequest(type, bytes);
      if (ask.kind !== "refresh") return;
      const again = parseTokenRequest(type, ask.write(real));
      assert.ok(again.kind === "refresh" && again.token === real);
      assert.equal(ask.write(real).toString().split(real).length, 2);
    }),
    { numRuns: 2000 },
  );
});

const given = {
  access_token: "access-0123456789",
  refresh_token: "refresh-0123456789",
  expires_in: 60,
  token_type: "Bearer",
};

test("tokens are taken out of a reply; what else it says stays, but for what could be a token", () => {
  const body = {
    ...given,
    scope: "a",
    account: { email: "a@b.c", uuid: "1" },
    session_key: "x",
    nested: { id_token: "y" },
  };
  const answer = parseTokenReply(Buffer.from(JSON.stringify(body)));
  assert.deepEqual(answer, {
    kind: "tokens",
    tokens: { access: given.access_token, refresh: given.refresh_token, id: undefined, expiresIn: 60 },
    rest: { token_type: "Bearer", scope: "a", account: { email: "a@b.c", uuid: "1" }, expires_in: 60, nested: {} },
  });
});

const wrong: readonly [string, object][] = [
  ["a token with a line end", { ...given, access_token: "access-0123456789\r\nx: y" }],
  ["a token that is no text", { ...given, refresh_token: 7 }],
  ["a token too short to be sought", { ...given, access_token: "short" }],
  ["a token no header holds", { ...given, access_token: "x".repeat(limits.token + 1) }],
  ["a refresh token alone", { refresh_token: given.refresh_token }],
  ["a lifetime below nothing", { ...given, expires_in: -1 }],
  ["a lifetime that is no number", { ...given, expires_in: {} }],
  ["a lifetime of ages", { ...given, expires_in: 1e15 }],
];
for (const [title, body] of wrong)
  test(`not to be used: ${title}`, () =>
    assert.equal(parseTokenReply(Buffer.from(JSON.stringify(body))).kind, "unreadable"));

test("an error is passed on with its code, in either form; whatever a server sends, reading it ends", () => {
  const nested = { error: { code: "refresh_token_reused", message: "m" } };
  const answer = parseTokenReply(Buffer.from(JSON.stringify(nested)));
  assert.deepEqual(answer, { kind: "none", rest: nested, error: "refresh_token_reused" });
  const hostile = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.jsonValue({ maxDepth: 12 }).map((value) => Buffer.from(JSON.stringify(value))),
    fc
      .record({ access_token: fc.jsonValue(), expires_in: fc.jsonValue() })
      .map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const read = parseTokenReply(bytes);
      if (read.kind === "tokens") assert.match(read.tokens.access, /^[\x21-\x7e]{16,}$/);
      if (read.kind !== "unreadable") assert.ok(!/"(?:access|refresh|id)_token"/.test(JSON.stringify(read.rest)));
    }),
    { numRuns: 2000 },
  );
});

test("what is shown is bounded, whatever it is made of", () => {
  const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
  const levels = JSON.stringify(withoutSecrets({ a: deep(50) })).split("a").length;
  assert.ok(levels <= limits.depth + 2, String(levels));
  const wide = withoutSecrets(Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`m${at}`, at])));
  assert.equal(Object.keys(wide).length, limits.members);
  assert.deepEqual(
    withoutSecrets({ a: jwtOf({}), b: "x".repeat(100), c: "y".repeat(5000), d: "https://a.example/b" }),
    {
      d: "https://a.example/b",
    },
  );
});

test("an opaque placeholder begins as the vendor's do, is as long, and holds nothing else of the real one", () => {
  const real = `sk-ant-oat01-${randomBytes(60).toString("base64url")}`;
  const made = makePlaceholder(real, { mark, generation: 7, prefix: "sk-ant-oat01-" });
  assert.match(made, /^sk-ant-oat01-0*postern[0-9a-f]{56}$/);
  assert.equal(made.length, real.length);
  assert.equal(readPlaceholder(made, mark), 7);
  assert.equal(readPlaceholder(made, writeMark(randomBytes(24))), undefined);
  for (const other of [`${made}x`, `${made} `, `Bearer ${made}`, made.slice(0, -1), mark, ""])
    assert.equal(readPlaceholder(other, mark), undefined, other);
  const another = makePlaceholder("plain-secret-0123456789", { mark, generation: 0, prefix: "sk-ant-oat01-" });
  assert.ok(!another.startsWith("sk-") && !another.includes("plain"));
});

test("of a JWT the claims stay that are worth nothing; its signature is the mark, and is what must not leave", () => {
  const auth = { chatgpt_account_id: "a-1", chatgpt_plan_type: "plus" };
  const claims = {
    exp: 2_000_000_000,
    email: "a@b.c",
    "https://api.example/auth": auth,
    jti: "id",
    nonce: "n",
    at_hash: "h",
    sid: "s",
  };
  const real = jwtOf(claims);
  const made = makePlaceholder(real, { mark, generation: 1, prefix: undefined });
  const [head = "", payload = "", signature = ""] = made.split(".");
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  assert.deepEqual(read(head), { alg: "RS256", kid: "k" });
  assert.deepEqual(read(payload), { exp: 2_000_000_000, email: "a@b.c", "https://api.example/auth": auth });
  assert.equal(signature, `${mark}00000001`);
  assert.equal(readPlaceholder(made, mark), 1);
  assert.equal(expiryOf(made), 2_000_000_000_000);
  assert.equal(tellingPart(real), real.split(".")[2]);
  assert.ok(!made.includes(tellingPart(real)));
  assert.equal(tellingPart("opaque-token-0123456789"), "opaque-token-0123456789");
});

test("whatever the token, its placeholder is read as one, keeps none of what tells, and can stand in a header", () => {
  const opaque = fc.string({ minLength: 16, maxLength: 300, unit: fc.constantFrom(..."abcXYZ19-._~+/=|") });
  const token = fc.oneof(opaque, fc.dictionary(fc.string(), fc.jsonValue()).map(jwtOf));
  fc.assert(
    fc.property(token, fc.nat({ max: 0xffffffff }), (real, generation) => {
      const made = makePlaceholder(real, { mark, generation, prefix: undefined });
      assert.equal(readPlaceholder(made, mark), generation);
      assert.match(made, /^[\x21-\x7e]+$/);
      assert.ok(!made.includes(tellingPart(real)));
    }),
    { numRuns: 1000 },
  );
});
