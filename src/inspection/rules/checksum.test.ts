import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import fc from "fast-check";
import {
  basicPair,
  confluentTail,
  crcTail,
  discordToken,
  jwt,
  octets,
  pemKey,
  putty,
  pypiMacaroon,
  sentryToken,
  servicePassword,
} from "./checks.ts";
import {
  base36,
  base62,
  bech32Tail,
  crc32,
  digitsOf,
  hashLetters,
  isBase58Check,
  isBech32,
  littleEndian,
} from "./checksum.ts";
import { entropyOf, isPlaceholder } from "./entropy.ts";
import { builders } from "./examples/built.ts";
import { openRandom } from "./examples/random.ts";

test("CRC-32 is zlib's", () => {
  fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => assert.equal(crc32(text), zlib.crc32(text))));
});

test("vectors others publish: 'hello' in base 62, base 36, hexadecimal and little endian", () => {
  const value = crc32("hello");
  assert.equal(digitsOf(value, base62, 6), "0zNvy2");
  assert.equal(digitsOf(value, base36, 7), value.toString(36).padStart(7, "0"));
  assert.equal(littleEndian(value).toString("base64"), "hqYQNg==");
  assert.equal(digitsOf(0, base62, 6), "000000");
  assert.equal(hashLetters("hello"), "FTZE3OS7");
});

test("bech32 as BIP 173's valid and invalid strings have it", () => {
  for (const valid of ["A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"])
    assert.equal(isBech32(valid), true, valid);
  for (const invalid of [
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "A12UEL5l",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxv",
  ])
    assert.equal(isBech32(invalid), false, invalid);
  assert.equal(bech32Tail("a", []), "2uel5l");
});

test("Base58Check as Bitcoin's first address has it", () => {
  // the genesis block's address begins with a zero octet; one with version 5 does not
  assert.equal(isBase58Check("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"), true);
  assert.equal(isBase58Check("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLz"), false);
  assert.equal(isBase58Check("0"), false);
});

test("a token with one letter changed fails its checksum", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9A-Za-z]{30}$/), fc.nat(35), (middle, at) => {
      const token = `ghp_${middle}${digitsOf(zlib.crc32(middle), base62, 6)}`;
      assert.equal(crcTail(token), true);
      const place = 4 + at;
      const other = token[place] === "a" ? "b" : "a";
      assert.equal(crcTail(token.slice(0, place) + other + token.slice(place + 1)), false);
    }),
  );
});

test("structures: what is whole holds, what is broken does not", () => {
  const object = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  assert.equal(jwt(`${object({ alg: "HS256" })}.${object({ a: 1 })}.x`), true);
  assert.equal(jwt(`${object({ typ: "JWT" })}.${object({ a: 1 })}.x`), false);
  assert.equal(jwt(`${object([1])}.${object({ a: 1 })}.x`), false);
  assert.equal(jwt(`${object({ alg: "HS256" })}.${object(1)}.x`), false);
  assert.equal(octets(32)(Buffer.alloc(32, 7).toString("base64")), true);
  assert.equal(octets(32)(Buffer.alloc(31, 7).toString("base64")), false);
  assert.equal(basicPair(Buffer.from("user:pass").toString("base64")), true);
  assert.equal(basicPair(Buffer.from("nothing").toString("base64")), false);
  assert.equal(pypiMacaroon(`pypi-${Buffer.from([2, 1, 8]).toString("base64url")}`), false);
  assert.equal(
    pemKey(`-----BEGIN PRIVATE KEY-----\n${Buffer.alloc(60, 1).toString("base64")}\n-----END PRIVATE KEY-----`),
    false,
  );
  assert.equal(
    pemKey(`-----BEGIN PRIVATE KEY-----\n${Buffer.alloc(60, 0x30).toString("base64")}\n-----END PRIVATE KEY-----`),
    true,
  );
});

test("structures, as their makers build them and with one part amiss", () => {
  const built = (rule: string) => builders[rule]?.(openRandom(3)).secret ?? assert.fail(rule);
  const object = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const macaroon = Buffer.from(built("pypi-token").slice(5), "base64url");
  const altered = (at: number) => {
    const other = Buffer.from(macaroon);
    other[(at + other.length) % other.length] = 9;
    return `pypi-${other.toString("base64url")}`;
  };
  assert.equal(pypiMacaroon(built("pypi-token")), true);
  for (const at of [0, 1, 2, 5, 11, -33, -34, -35]) assert.equal(pypiMacaroon(altered(at)), false, `octet ${at}`);
  assert.equal(pypiMacaroon(altered(-1)), true);
  assert.equal(discordToken(`${Buffer.from("123456789012345678").toString("base64url")}.a.b`), true);
  assert.equal(discordToken(`${Buffer.from("12345678901234567x").toString("base64url")}.a.b`), false);
  assert.equal(sentryToken(built("sentry-organisation-token")), true);
  assert.equal(sentryToken(`sntrys_${object({ url: "a", org: "b" })}_x`), false);
  assert.equal(servicePassword(built("onepassword-service-token")), true);
  assert.equal(servicePassword(`ops_${object({ signInAddress: "a" })}`), false);
  assert.equal(putty(built("putty-key")), true);
  assert.equal(putty(built("putty-key").replace("none", "some")), false);
  assert.equal(jwt(`${object({ alg: "HS256" })}.${object({ sub: "1234567890" })}.x`), false);
  assert.equal(confluentTail(built("confluent-secret")), true);
  assert.equal(confluentTail(built("confluent-secret").replace(/.$/, (last) => (last === "A" ? "B" : "A"))), false);
});

test("entropy and placeholders", () => {
  assert.equal(entropyOf(""), 0);
  assert.equal(entropyOf("aaaa"), 0);
  assert.equal(entropyOf("abab"), 1);
  assert.equal(entropyOf("0123456789abcdef"), 4);
  for (const text of ["your-key", "xxxxxxxx", "AKIAIOSFODNN7EXAMPLE", "a...b", "0123456789"])
    assert.ok(isPlaceholder(text), text);
  for (const text of ["q8Zk21LmPw", "d0e5c9"]) assert.ok(!isPlaceholder(text), text);
});
