// Disclosure by hash alone: telemetry that sends the SHA-256 of what was read, or of its path, says which file it was to whoever
// can guess it (`docs/spec/source-fingerprints.md`). The first 64 bits of each digest lead to the file; what is truncated further
// is not told from chance.

import { createHash } from "node:crypto";
import { addBeginning, openBeginnings, scanHeads } from "./digest-scan.ts";
import { asRead } from "./octets.ts";

export interface Hashed {
  readonly path: string;
  readonly label: string;
  /** Of the file's content as it is on disk: `contentHeads`. */
  readonly heads: Uint8Array;
  readonly absolute: string;
  readonly relative: string;
}

export const kinds = ["content", "absolute path", "relative path", "repository"] as const;
export type HashedKind = (typeof kinds)[number];
export type Algorithm = "sha256" | "sha1" | "md5" | "git blob";

/** What a digest is of. */
export interface Digested {
  readonly kind: HashedKind;
  readonly algorithm: Algorithm;
  /** The file's path, or the repository's name. */
  readonly file: string;
  readonly label: string;
}

export interface DigestFound extends Digested {
  readonly encoding: "hex" | "base64";
  /** Where it begins in the text, in characters. */
  readonly at: number;
}

export interface DigestTable {
  /** What was there by this path goes first. */
  readonly put: (file: Hashed) => void;
  readonly putRepository: (name: string, label: string) => void;
  /** A file, or a repository by its name. */
  readonly remove: (path: string) => void;
  /** Each digest once, where it first stands. The text is attacker-controlled; one pass over it. */
  readonly find: (text: string) => readonly DigestFound[];
}

const hash = (algorithm: "sha256" | "sha1" | "md5", octets: Uint8Array | string): Buffer =>
  createHash(algorithm).update(octets).digest();

/** Every digest that is sought of a content: row by row. */
const contents: readonly { readonly algorithm: Algorithm; readonly of: (octets: Uint8Array) => Buffer }[] = [
  { algorithm: "sha256", of: (octets) => hash("sha256", octets) },
  { algorithm: "sha1", of: (octets) => hash("sha1", octets) },
  { algorithm: "md5", of: (octets) => hash("md5", octets) },
  { algorithm: "git blob", of: (octets) => hash("sha1", blob(octets)) },
  { algorithm: "git blob", of: (octets) => hash("sha256", blob(octets)) },
];

const blob = (octets: Uint8Array): Buffer => Buffer.concat([Buffer.from(`blob ${octets.length}\0`), octets]);

/** A smaller content is everybody's: the empty file's digest stands in every list of them. */
const leastOctets = 16;

export function openDigests(): DigestTable {
  const held = new Map<bigint, Digested[]>();
  const heads = new Map<string, bigint[]>();
  const beginnings = openBeginnings();
  const remove = (path: string): void => {
    for (const head of heads.get(path) ?? []) {
      const left = (held.get(head) ?? []).filter(({ file }) => file !== path);
      if (left.length === 0) held.delete(head);
      else held.set(head, left);
    }
    heads.delete(path);
  };
  const put = (path: string, digests: readonly (readonly [Buffer, Digested])[]): void => {
    remove(path);
    for (const [digest, digested] of digests) {
      const head = digest.readBigUInt64BE();
      const others = held.get(head) ?? [];
      held.set(
        head,
        [...others, digested].sort((a, b) => (a.file < b.file ? -1 : 1)),
      );
      heads.set(path, [...(heads.get(path) ?? []), head]);
      addBeginning(beginnings, digest.readUInt32BE());
    }
  };
  return {
    put: (file) => put(file.path, digestsOf(file)),
    putRepository: (name, label) =>
      put(
        name,
        namesOf(name).map((each) => [
          hash("sha256", each),
          { kind: "repository", algorithm: "sha256", file: name, label },
        ]),
      ),
    remove,
    find: (text) => {
      const found = new Map<Digested, DigestFound>();
      scanHeads(text, beginnings, ({ head, encoding, at }) => {
        for (const digested of held.get(head) ?? [])
          if (!found.has(digested)) found.set(digested, { ...digested, encoding, at });
      });
      return [...found.values()];
    },
  };
}

const namesOf = (name: string): string[] => [...new Set([name.toLowerCase(), name])];

/** The row of `contents`, and the first 64 bits. */
const headOctets = 9;

/** All that is needed of a content to find its digests: the first 64 bits of each, one after the other. */
export function contentHeads(octets: Uint8Array): Uint8Array {
  if (octets.length < leastOctets) return new Uint8Array();
  const heads = asHashed(octets).flatMap((content) =>
    contents.flatMap(({ of }, row) => [row, ...of(content).subarray(0, headOctets - 1)]),
  );
  return Uint8Array.from(heads);
}

function digestsOf({ path, label, heads, absolute, relative }: Hashed): (readonly [Buffer, Digested])[] {
  const named = (kind: HashedKind, name: string): readonly [Buffer, Digested] => [
    hash("sha256", name),
    { kind, algorithm: "sha256", file: path, label },
  ];
  const digests = [named("absolute path", absolute)];
  if (relative !== absolute) digests.push(named("relative path", relative));
  for (let at = 0; at + headOctets <= heads.length; at += headOctets) {
    const algorithm = contents[heads[at] ?? 0]?.algorithm;
    if (algorithm === undefined) continue;
    const head = Buffer.from(heads.subarray(at + 1, at + headOctets));
    digests.push([head, { kind: "content", algorithm, file: path, label }]);
  }
  return digests;
}

/** As it is on disk; and as a tool has it that reads text, where that is something else. */
function asHashed(octets: Uint8Array): readonly Uint8Array[] {
  const text = asRead(octets);
  const plain = text.includes(13) ? Buffer.from(Buffer.from(text).toString().replaceAll("\r\n", "\n")) : text;
  const all = [octets, text, plain].map((each) => Buffer.from(each));
  return all.filter((each, index) => all.findIndex((other) => other.equals(each)) === index);
}
