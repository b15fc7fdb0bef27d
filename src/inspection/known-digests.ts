// Values that are known, sought by their hashes: who sends one lets whoever can guess the value know that it is the one. Digests are made
// once for each value, as it is and with the line end that `echo` puts behind it; of a text all that could be the first 64 bits of one
// are looked up. In: a text, *attacker-controlled*. Pure. Missed: salted, keyed and repeated hashes, and what is cut shorter.

import { createHash } from "node:crypto";
import { shortest } from "./forms.ts";
import type { SeekText, Seen } from "./inspect.ts";
import type { KnownValue } from "./known-text.ts";
import { addBeginning, openBeginnings, scanHeads } from "./source/digest-scan.ts";
import { openTally } from "./tally.ts";

const algorithms = ["sha256", "sha1", "md5", "sha512"] as const;

/** Of one value in one text; behind them it is said that there are more. */
const most = 1_000;

interface Digested {
  readonly label: string;
  readonly algorithm: (typeof algorithms)[number];
  readonly digest: Buffer;
}

/** `values`: as many as are known by now; only ever more. */
export function openDigestSeeker(values: () => readonly KnownValue[]): SeekText {
  const held = new Map<bigint, Digested>();
  const beginnings = openBeginnings();
  let taken = 0;
  return (text) => {
    const all = values();
    for (; taken < all.length; taken += 1)
      for (const one of digestsOf(all[taken])) {
        const head = one.digest.readBigUInt64BE();
        if (held.has(head)) continue;
        held.set(head, one);
        addBeginning(beginnings, one.digest.readUInt32BE());
      }
    if (held.size === 0) return [];
    const seen: Seen[] = [];
    const tally = openTally(most);
    scanHeads(text, beginnings, ({ head, encoding, at }) => {
      const found = held.get(head);
      if (found === undefined) return;
      const { label, algorithm, digest } = found;
      const to = at + alike(text, at, written(digest, encoding));
      const told = tally({ kind: "secret", label, from: at, to, sure: "known", within: [algorithm, encoding] });
      if (told !== undefined) seen.push(told);
    });
    return seen;
  };
}

function digestsOf(known: KnownValue | undefined): readonly Digested[] {
  if (known === undefined || Buffer.byteLength(known.value) < shortest) return [];
  const { label, value } = known;
  return [value, `${value}\n`].flatMap((each) =>
    algorithms.map((algorithm) => ({ label, algorithm, digest: createHash(algorithm).update(each).digest() })),
  );
}

/** In one case or alphabet, as the text is brought into it. */
const written = (digest: Buffer, encoding: "hex" | "base64"): string =>
  encoding === "hex" ? digest.toString("hex") : digest.toString("base64url");

/** How much of it stands there: it may be cut. */
function alike(text: string, at: number, whole: string): number {
  const isHex = /^[0-9a-f]+$/.test(whole);
  const there = text.slice(at, at + whole.length);
  const plain = isHex ? there.toLowerCase() : there.replaceAll("+", "-").replaceAll("/", "_");
  let size = 0;
  while (size < plain.length && plain[size] === whole[size]) size += 1;
  return size;
}
