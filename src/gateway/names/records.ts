// Record data of the three kinds we give (A, AAAA, PTR), and the names under which addresses are asked back.

import type { Host } from "../../domain/brand.ts";

/** `4.3.2.1.in-addr.arpa`, or 32 nibbles before `.ip6.arpa` (RFC 1035 §3.5, RFC 3596 §2.5), lower case → the address. */
export function parsePointer(name: string): string | undefined {
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (quad !== null) return quad.slice(1).reverse().join(".");
  const nibbles = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (nibbles === undefined) return undefined;
  const hex = nibbles.replaceAll(".", "").split("").reverse().join("");
  if (hex === "1".padStart(32, "0")) return "::1";
  // only our own block is asked back beside it, and it differs in its last two groups alone
  if (hex.slice(0, 24) !== "fd0000700001".padEnd(24, "0")) return undefined;
  const [high, low] = [hex.slice(24, 28), hex.slice(28)].map((group) => Number.parseInt(group, 16).toString(16));
  return high === "0" ? `fd00:70:1::${low}` : `fd00:70:1::${high}:${low}`;
}

/** A dotted quad, or an IPv6 address with one `::` as our own are written → 4 or 16 octets. */
export function addressData(ip: string): Buffer {
  if (ip.includes(".")) return Buffer.from(ip.split(".").map(Number));
  const data = Buffer.alloc(16);
  const [left = [], right = []] = ip.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  left.forEach((group, index) => {
    data.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  });
  right.forEach((group, index) => {
    data.writeUInt16BE(Number.parseInt(group, 16), 16 - (right.length - index) * 2);
  });
  return data;
}

/** A valid name → its labels on the wire (RFC 1035 §3.1). */
export function pointerData(name: Host): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
