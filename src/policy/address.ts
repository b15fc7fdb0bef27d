// Address literals ↔ bytes. IPv6 has many spellings; hosts are compared in one (RFC 5952 §4, groups always hexadecimal).

import type { Host } from "../domain/brand.ts";
import { isAddress, parseHost } from "../domain/brand.ts";

/** An address literal → its 4 or 16 bytes, or undefined where it is none. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (!isAddress(text)) return undefined;
  return text.includes(":") ? v6Bytes(text) : quadBytes(text);
}

function quadBytes(text: string): number[] {
  return text.split(".").map(Number);
}

function v6Bytes(text: string): number[] {
  const [left = "", right] = text.split("::");
  const before = groupBytes(left);
  if (right === undefined) return before;
  const after = groupBytes(right);
  return [...before, ...Array.from({ length: 16 - before.length - after.length }, () => 0), ...after];
}

function groupBytes(half: string): number[] {
  if (half === "") return [];
  return half.split(":").flatMap((group) => {
    if (group.includes(".")) return quadBytes(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** The one spelling of an IPv6 literal by which hosts are compared; anything else as it is. */
export function canonicalHost(host: Host): Host {
  if (!host.includes(":")) return host;
  const bytes = addressBytes(host);
  return (bytes && parseHost(writeV6(bytes))) ?? host;
}

function writeV6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const text = groups.join(":");
  const zeros = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (zeros === undefined) return text;
  return `${text.slice(0, zeros.index).replace(/:$/, "")}::${text.slice(zeros.index + zeros[0].length).replace(/^:/, "")}`;
}
