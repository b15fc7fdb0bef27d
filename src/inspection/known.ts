// The first seeker: the credentials of this session and the placeholders the tool holds, in every form they are likely to
// take. Knows exactly what it looks for, so it is hardly ever wrong. Pure. A value under eight octets is not sought.

import type { Finding, Seek, Sought } from "../domain/finding.ts";
import type { Secret } from "../domain/secret.ts";
import type { OpenSieve } from "../domain/sieve.ts";
import { formsOf } from "./forms.ts";
import { buildNeedles, type Needles } from "./needles.ts";
import { tailFor } from "./tail.ts";

/** What is sought: a real value, what stands in its place, or both. */
export interface Guarded {
  readonly id: string;
  readonly secret?: Secret | undefined;
  readonly placeholder?: string | undefined;
}

interface Known {
  readonly label: string;
  readonly what: Finding["what"];
  readonly encoding: Finding["encoding"];
}

export function seekKnown(credentials: readonly Guarded[]): Seek {
  const needles = buildNeedles([
    ...credentials.flatMap((credential) => sought(credential, "credential")),
    ...credentials.flatMap((credential) => sought(credential, "placeholder")),
  ]);
  return (part) => (needles.longest === 0 ? [] : seek(part, needles));
}

/** For what comes back: real credentials alone; the placeholder is the tool's own. */
export function sieveKnown(credentials: readonly Guarded[]): OpenSieve {
  const real = credentials.flatMap((credential) => sought(credential, "credential"));
  const needles = buildNeedles(real);
  if (needles.longest === 0) return () => ({ push: (chunk) => chunk, end: () => Buffer.alloc(0) });
  const tail = tailFor(real.map(({ bytes }) => bytes));
  return () => {
    let held: Buffer = Buffer.alloc(0);
    return {
      push: (chunk) => {
        const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        let met = false;
        needles.search(bytes, () => {
          met = true;
        });
        if (met) return undefined;
        const whole = bytes.length - tail(bytes);
        // copied: a held piece must not keep the whole chunk's memory
        held = Buffer.from(bytes.subarray(whole));
        return bytes.subarray(0, whole);
      },
      end: () => held,
    };
  };
}

function sought({ id, secret, placeholder }: Guarded, what: Finding["what"]) {
  const value = what === "credential" ? secret?.reveal() : placeholder;
  return formsOf(value ?? "").map(({ bytes, encoding }) => ({ bytes, value: { label: id, what, encoding } }));
}

function seek(part: Sought, needles: Needles<Known>): readonly Finding[] {
  const findings: Finding[] = [];
  switch (part.kind) {
    case "target":
      for (const known of inText(part.text, needles))
        findings.push({ kind: "secret", place: { kind: "target" }, ...known });
      break;
    case "header":
      for (const known of inText(part.value, needles)) {
        findings.push({ kind: "secret", place: { kind: "header", name: part.name }, ...known });
      }
      break;
    case "body":
      needles.search(part.bytes, (known, offset) =>
        findings.push({ kind: "secret", place: { kind: "body", offset }, ...known }),
      );
  }
  return findings;
}

/** Header and target text is Latin-1 on the wire; what is escaped in it here and there is sought unescaped as well. */
function inText(text: string, needles: Needles<Known>): readonly Known[] {
  const found: Known[] = [];
  const bytes = Buffer.from(text, "latin1");
  needles.search(bytes, (known) => found.push(known));
  if (!text.includes("%")) return found;
  needles.search(unescape(bytes), (known) => {
    const whole = found.some((other) => other.label === known.label && other.what === known.what);
    if (!whole) found.push({ ...known, encoding: "percent" });
  });
  return found;
}

/** Each well-formed `%XX` → its octet; everything else as it is. */
function unescape(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const plain = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, "latin1");
}
