// The addresses that lead into the person's own machine or network, or nowhere: never dialled unless a grant names them.
// The gateway is handed `isSpecial` too, for what a name resolved to. One table, a source each.

import type { Host } from "../domain/brand.ts";
import { addressBytes } from "../policy/address.ts";

type Block = readonly [prefix: string, bits: number, what: string];

/** RFC 6890 and the IANA special-purpose registries, unless said otherwise. */
const blocks: readonly Block[] = [
  ["0.0.0.0", 8, "this host (RFC 1122 §3.2.1.3)"],
  ["10.0.0.0", 8, "private (RFC 1918)"],
  ["100.64.0.0", 10, "carrier-grade NAT (RFC 6598); one cloud's metadata at 100.100.100.200; our own inside"],
  ["127.0.0.0", 8, "loopback (RFC 1122)"],
  ["168.63.129.16", 32, "one cloud's metadata and wire server (its vendor's documentation)"],
  ["169.254.0.0", 16, "link-local (RFC 3927); cloud metadata at 169.254.169.254"],
  ["172.16.0.0", 12, "private (RFC 1918)"],
  ["192.0.0.0", 24, "protocol assignments (RFC 6890); one cloud's metadata at 192.0.0.192"],
  ["192.0.2.0", 24, "documentation (RFC 5737)"],
  ["192.88.99.0", 24, "6to4 relays (RFC 7526)"],
  ["192.168.0.0", 16, "private (RFC 1918)"],
  ["198.18.0.0", 15, "benchmarks (RFC 2544)"],
  ["198.51.100.0", 24, "documentation (RFC 5737)"],
  ["203.0.113.0", 24, "documentation (RFC 5737)"],
  ["224.0.0.0", 4, "multicast (RFC 5771)"],
  ["240.0.0.0", 4, "reserved and broadcast (RFC 1112, RFC 919)"],
  ["::", 96, "unspecified, loopback, and IPv4-compatible (RFC 4291 §2.5.2, §2.5.3, §2.5.5.1)"],
  ["::ffff:0:0", 96, "IPv4-mapped (RFC 4291 §2.5.5.2): no name has a right to resolve to it"],
  ["::ffff:0:0:0", 96, "IPv4-translated (RFC 2765)"],
  ["64:ff9b:1::", 48, "local NAT64 (RFC 8215)"],
  ["100::", 64, "discard (RFC 6666)"],
  ["100:0:0:1::", 64, "dummy (RFC 9780)"],
  ["2001::", 23, "protocol assignments, Teredo and ORCHID among them (RFC 2928, RFC 4380, RFC 7343)"],
  ["2001:db8::", 32, "documentation (RFC 3849)"],
  ["2002::", 16, "6to4 (RFC 3056): carries an IPv4 address of any kind"],
  ["3fff::", 20, "documentation (RFC 9637)"],
  ["5f00::", 16, "segment routing (RFC 9602)"],
  ["fc00::", 7, "unique local (RFC 4193); one cloud's metadata at fd00:ec2::254"],
  ["fe80::", 10, "link-local (RFC 4291)"],
  ["fec0::", 10, "site-local (RFC 3879)"],
  ["ff00::", 8, "multicast (RFC 4291)"],
];

interface Prefix {
  readonly width: number;
  readonly value: bigint;
  readonly bits: number;
  readonly what: string;
}

/** NAT64's well-known prefix (RFC 6052): as special as the IPv4 address in its last 32 bits. */
const nat64: Block = ["64:ff9b::", 96, "NAT64"];

interface Table {
  readonly blocks: readonly Prefix[];
  readonly nat64: readonly Prefix[];
}

let table: Table | undefined;

/** Made when first an address is asked about. */
function readTable(): Table {
  table ??= { blocks: blocks.flatMap(readBlock), nat64: readBlock(nat64) };
  return table;
}

function readBlock([prefix, bits, what]: Block): Prefix[] {
  return read(prefix).map((address) => ({ ...address, bits, what }));
}

/** No element for what is no address. */
function read(text: string): { readonly width: number; readonly value: bigint }[] {
  return [addressBytes(text)]
    .filter((bytes) => bytes !== undefined)
    .map((bytes) => ({
      width: bytes.length * 8,
      value: bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n),
    }));
}

/** An address literal, in any spelling → what is special about it; undefined for a public address and for any name. */
export function specialness(ip: string): string | undefined {
  return read(ip.toLowerCase()).map(({ width, value }) => lookUp(width, value))[0];
}

export function isSpecial(ip: string): boolean {
  return specialness(ip) !== undefined;
}

function lookUp(width: number, value: bigint): string | undefined {
  const known = readTable();
  if (known.nat64.some((prefix) => holds(prefix, width, value))) {
    const inner = lookUp(32, value & 0xffff_ffffn);
    return inner === undefined ? undefined : `NAT64 of ${inner}`;
  }
  return known.blocks.find((prefix) => holds(prefix, width, value))?.what;
}

function holds(prefix: Prefix, width: number, value: bigint): boolean {
  const rest = BigInt(width - prefix.bits);
  return prefix.width === width && prefix.value >> rest === value >> rest;
}

/** Names that mean the machine itself or its cloud's metadata, wherever they resolve to (RFC 6761 §6.3). */
const names: readonly string[] = [
  "localhost",
  "ip6-localhost",
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
];

export function isSpecialName(host: Host): boolean {
  return names.includes(host) || host.endsWith(".localhost");
}
