import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ipOfBytes, parseHexAddress, parseIp, parseSockaddr, sameAddress } from "./address.ts";

test("addresses in every form the kernel writes", () => {
  assert.equal(parseIp("2001:0db8:0000:0000:0000:0000:0000:0001"), "2001:db8::1");
  assert.equal(parseIp("0000:0000:0000:0000:0000:ffff:5db8:d822"), "93.184.216.34");
  assert.equal(parseIp("FD00:70::1"), "fd00:70::1");
  for (const wrong of ["", "1.2.3", "fe80::1%lo", "1.2.3.4:5", "::g"]) assert.equal(parseIp(wrong), undefined);
  assert.deepEqual(parseHexAddress("0100007F:1F90"), { ip: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseHexAddress("00000000000000000000000001000000:0BBA"), { ip: "::1", port: 3002 });
  assert.deepEqual(parseHexAddress("0000000000000000FFFF000022D8B85D:01BB"), { ip: "93.184.216.34", port: 443 });
  assert.equal(parseHexAddress("0100007F"), undefined);
});

test("sockaddr of both families", () => {
  assert.deepEqual(parseSockaddr(Buffer.from("020001bb5db8d8220000000000000000", "hex")), {
    ip: "93.184.216.34",
    port: 443,
  });
  const six = Buffer.from("0a0001bb0000000020010db800000000000000000000000100000000", "hex");
  assert.deepEqual(parseSockaddr(six), { ip: "2001:db8::1", port: 443 });
  assert.equal(parseSockaddr(Buffer.from("0100", "hex")), undefined);
});

test("hostile text never throws, and what is read prints as it is read", () => {
  fc.assert(fc.property(fc.string(), (text) => void [parseIp(text), parseHexAddress(text)]));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void parseSockaddr(Buffer.from(bytes))));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const ip = parseIp(text);
      assert.ok(ip !== undefined);
      assert.equal(parseIp(ip), ip);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => assert.ok(ipOfBytes(bytes))));
  assert.ok(!sameAddress({ ip: "1.2.3.4", port: 1 }, { ip: "1.2.3.4", port: 2 }));
});
