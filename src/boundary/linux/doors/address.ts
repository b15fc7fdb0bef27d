// Addresses as the kernel writes them in, addresses as the house compares them out (IPv4 dotted quad, IPv6 as RFC 5952).
// IPv4 mapped into IPv6 becomes the IPv4 address: both name the same packets.

import { isIPv4, isIPv6, SocketAddress } from "node:net";
import type { Address } from "../../../domain/exchange.ts";

/** Any textual form, `::ffff:1.2.3.4` and the expanded one of nf_conntrack included; undefined for anything else. */
export function parseIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const short = new SocketAddress({ address: text, family: "ipv6" }).address.toLowerCase();
  return short.startsWith("::ffff:") && isIPv4(short.slice(7)) ? short.slice(7) : short;
}

/** 4 or 16 bytes in network order. */
export function ipOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  return parseIp(groups.map((group) => group.toString(16)).join(":"));
}

/** `0100007F:1F90`, `/proc/net/tcp` and tcp6: 32-bit words in host order (little endian on both architectures). */
export function parseHexAddress(text: string): Address | undefined {
  const [, words, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? [];
  if (words === undefined || port === undefined) return undefined;
  const ip = ipOfBytes(Buffer.from(words, "hex").swap32());
  return ip === undefined ? undefined : { ip, port: Number.parseInt(port, 16) };
}

/** struct sockaddr_in or sockaddr_in6, as SO_ORIGINAL_DST fills it. */
export function parseSockaddr(bytes: Buffer): Address | undefined {
  if (bytes.length < 8) return undefined;
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  const ip =
    family === 2 ? ipOfBytes(bytes.subarray(4, 8)) : family === 10 ? ipOfBytes(bytes.subarray(8, 24)) : undefined;
  return ip === undefined ? undefined : { ip, port };
}

export const sameAddress = (one: Address, other: Address): boolean => one.ip === other.ip && one.port === other.port;
