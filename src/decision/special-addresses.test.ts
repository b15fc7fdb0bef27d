import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseHost } from "../domain/brand.ts";
import { isSpecial, isSpecialName, specialness } from "./special-addresses.ts";

for (const ip of [
  "0.0.0.0",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.100.100.200",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.255",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.0.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.7",
  "203.0.113.9",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "0:0:0:0:0:0:0:1",
  "::7f00:1",
  "::ffff:127.0.0.1",
  "::FFFF:8.8.8.8",
  "::ffff:0:10.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::169.254.169.254",
  "64:ff9b:1::1",
  "100::1",
  "100:0:0:1::1",
  "2001::1",
  "2001:10::1",
  "2001:20::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254",
  "fdff::1",
  "fe80::1",
  "febf::1",
  "fec0::1",
  "ff02::1",
]) {
  void test(`${ip} is special`, () => assert.ok(isSpecial(ip)));
}

for (const ip of [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "168.63.129.15",
  "168.63.129.17",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2001:4860:4860::8888",
  "2001:200::1",
  "64:ff9b::8.8.8.8",
  "2a00::1",
  "4000::1",
  "fbff::1",
  "2003::1",
]) {
  void test(`${ip} is public`, () => assert.ok(!isSpecial(ip)));
}

void test("names are none of it, but those of this machine and its cloud", () => {
  assert.ok(!isSpecial("localhost"));
  const special = (text: string) => {
    const host = parseHost(text);
    return host !== undefined && isSpecialName(host);
  };
  for (const name of ["localhost", "x.localhost", "LOCALHOST.", "metadata.google.internal"])
    assert.ok(special(name), name);
  for (const name of ["localhost.example", "xlocalhost", "metadata.example.org"]) assert.ok(!special(name), name);
});

void test("NAT64 is as special as what it carries", () => {
  const quad = fc
    .tuple(...([0, 1, 2, 3] as const).map(() => fc.integer({ min: 0, max: 255 })))
    .map((parts) => parts.join("."));
  fc.assert(fc.property(quad, (ip) => assert.equal(isSpecial(`64:ff9b::${ip}`), isSpecial(ip))));
  assert.match(specialness("64:ff9b::10.0.0.1") ?? "", /NAT64 of private/);
});

void test("every mapped and 6to4 address is special, whatever it carries", () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  fc.assert(
    fc.property(group, group, (a, b) => assert.ok(isSpecial(`::ffff:${a}:${b}`) && isSpecial(`2002:${a}:${b}::1`))),
  );
});
