// The leaf: the public part of an entry, the bytes that are hashed into the tree. Fields enter, canonical bytes leave;
// bytes enter — attacker-controlled when a record is verified — and fields leave. Refuses every member, form or byte that
// docs/spec/leaf.md does not name, so that no argument, path, host, URL or person's name has a place to stand in.

import { countKeys, leafBytes, ruleLength, sealedParts } from "./limits.ts";

/** What is sealed with an entry, told without telling it (docs/spec/leaf.md §4). */
export interface Commitment {
  /** SHA-256 of the stored ciphertext, hexadecimal. */
  readonly ct: string;
  /** Key id: `<class>.<project>.<month>`. */
  readonly kid: string;
  /** HMAC-SHA256 of the plaintext under a key that dies with the content's, hexadecimal. */
  readonly pt: string;
}

export interface Leaf {
  readonly build: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly grade: string;
  /** Pseudonym. */
  readonly host: string;
  readonly kind: string;
  /** Microseconds of the host's monotonic clock. */
  readonly mono: number;
  /** Pseudonym. */
  readonly person: string;
  readonly policy: string;
  /** The last head this writer had seen; of size 0 with the empty root where it had seen none. */
  readonly prev: { readonly root: string; readonly size: number };
  readonly purpose?: string;
  readonly rule?: string;
  readonly sealed: readonly Commitment[];
  readonly session: string;
  /** RFC 3339, UTC, milliseconds. Claimed by the host. */
  readonly time: string;
  readonly tool: { readonly name: string; readonly sha256: string; readonly version?: string };
  readonly v: 1;
  readonly verdict?: string;
}

const digest = matching(/^[0-9a-f]{64}$/);
const word = matching(/^[a-z][a-z0-9]{0,31}(?:-[a-z0-9]{1,32}){0,7}$/);
const whole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const toolName = matching(/^[a-z0-9][a-z0-9-]{0,63}$/);
/** A version as package registries write it; other text stays sealed. */
const version = matching(/^[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:[-+][0-9A-Za-z]{1,32}(?:[.-][0-9A-Za-z]{1,32}){0,4})?$/);
export const isVersion = version;
export const isToolName = toolName;

const ruleForm = matching(
  /^(?:[a-z][a-z0-9-]{0,63}|[a-z][a-z0-9-]{0,31}(?::[a-z][a-z0-9-]{0,63}){1,2}(?:\.[a-z][a-z0-9-]{0,63}|\[[0-9]{1,5}\]){0,6})$/,
);
/** `default`, a rule's own id, or `layer:section.key[index]`. A dot only after a colon: no bare host passes. */
export function isRule(value: unknown): boolean {
  return ruleForm(value) && String(value).length <= ruleLength;
}

export const isKid = matching(
  /^[a-z][a-z-]{0,31}\.p-[0-9A-HJKMNP-TV-Z]{16}\.[0-9]{4}-(?:0[1-9]|1[0-2])(?:\.[0-9]{1,3})?$/,
);

type Form = (value: unknown) => boolean;

const commitment = record({ ct: digest, kid: isKid, pt: digest });
const countKey = matching(/^[a-z]{1,24}(?:-[a-z]{1,24}){0,3}(?:\.[a-z][a-z0-9-]{0,31})?$/);
const id = "[0-9A-HJKMNP-TV-Z]";

const form = record({
  build: digest,
  counts: isCounts,
  grade: word,
  host: matching(new RegExp(`^h-${id}{16}$`)),
  kind: matching(/^[a-z]{1,16}(?:[.-][a-z]{1,16}){0,3}$/),
  mono: whole,
  person: matching(new RegExp(`^u-${id}{16}$`)),
  policy: digest,
  prev: record({ root: digest, size: whole }),
  "purpose?": word,
  "rule?": isRule,
  sealed: (value) => Array.isArray(value) && value.length <= sealedParts && value.every(commitment),
  session: matching(new RegExp(`^s-${id}{8}$`)),
  time: isTime,
  tool: record({ name: toolName, sha256: digest, "version?": version }),
  v: (value) => value === 1,
  "verdict?": word,
});

/** Fields → the leaf's bytes; undefined where a field breaks the form or the leaf passes its bound. */
export function serialiseLeaf(leaf: Leaf): Buffer | undefined {
  const { prev, tool } = leaf;
  // in canonical order (RFC 8785 §3.2.3): the form demands it, so the JSON of what passes is the one form
  const ordered = {
    build: leaf.build,
    counts: sorted(leaf.counts),
    grade: leaf.grade,
    host: leaf.host,
    kind: leaf.kind,
    mono: leaf.mono,
    person: leaf.person,
    policy: leaf.policy,
    prev: { root: prev.root, size: prev.size },
    ...(leaf.purpose === undefined ? {} : { purpose: leaf.purpose }),
    ...(leaf.rule === undefined ? {} : { rule: leaf.rule }),
    sealed: leaf.sealed.map(({ ct, kid, pt }) => ({ ct, kid, pt })),
    session: leaf.session,
    time: leaf.time,
    tool: { name: tool.name, sha256: tool.sha256, ...(tool.version === undefined ? {} : { version: tool.version }) },
    v: leaf.v,
    ...(leaf.verdict === undefined ? {} : { verdict: leaf.verdict }),
  };
  if (!isLeaf(ordered)) return undefined;
  const bytes = Buffer.from(JSON.stringify(ordered), "latin1");
  return bytes.length > leafBytes ? undefined : bytes;
}

function sorted(counts: Leaf["counts"]): Leaf["counts"] {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Attacker-controlled bytes → a leaf; undefined where they are not exactly the canonical form of one. */
export function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  if (bytes.length > leafBytes) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const value = parseJson(text);
  // the form holds printable ASCII and whole numbers only, and demands members in order: written again without spaces, it
  // is RFC 8785's one form
  return isLeaf(value) && JSON.stringify(value) === text ? value : undefined;
}

function isLeaf(value: unknown): value is Leaf {
  return form(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function matching(pattern: RegExp): Form {
  return (value) => typeof value === "string" && pattern.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Exactly these members in this order; one whose name ends in a question mark may be absent. */
function record(members: Readonly<Record<string, Form>>): Form {
  const expected = Object.entries(members).map(([key, holds]) => {
    const optional = key.endsWith("?");
    return { key: optional ? key.slice(0, -1) : key, optional, holds };
  });
  return (value) => {
    if (!isRecord(value)) return false;
    const keys = Object.keys(value);
    let at = 0;
    for (const { key, optional, holds } of expected) {
      if (keys[at] === key && holds(value[key])) at += 1;
      else if (!optional || keys[at] === key) return false;
    }
    return at === keys.length;
  };
}

function isCounts(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const keys = Object.keys(value);
  if (keys.length > countKeys) return false;
  return keys.every((key, at) => countKey(key) && whole(value[key]) && (at === 0 || String(keys[at - 1]) < key));
}

function isTime(value: unknown): boolean {
  if (typeof value !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/.test(value))
    return false;
  const at = Date.parse(value);
  return !Number.isNaN(at) && new Date(at).toISOString() === value;
}
