// Signed notes (C2SP signed-note v1.0.0): text and keys enter, a note leaves; a note's text enters — attacker-controlled,
// it may come from anywhere — and its parts leave. Refuses notes that are not exactly of the form, non-canonical base64,
// and keys whose id does not belong to them. Only Ed25519 note signatures (type 0x01) are made and checked here.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { noteBytes, noteSignatures } from "./limits.ts";

const ed25519 = 0x01;
const dash = "—"; // U+2014

/** A verifier key: `name+hash+base64`. */
export interface Verifier {
  readonly name: string;
  /** Four bytes as eight hexadecimal digits. */
  readonly id: string;
  readonly key: KeyObject;
  readonly text: string;
}

export interface Signer extends Verifier {
  readonly secret: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  /** What follows the key id. */
  readonly bytes: Buffer;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

// DER heads of an Ed25519 key (RFC 8410): what stands before the 32 bytes
const publicHead = Buffer.from("302a300506032b6570032100", "hex");
const secretHead = Buffer.from("302e020100300506032b657004220420", "hex");

/** Name and 32-byte seed → a signer. */
export function signerFrom(name: string, seed: Uint8Array): Signer {
  const secret = createPrivateKey({ key: Buffer.concat([secretHead, seed]), format: "der", type: "pkcs8" });
  const raw = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(publicHead.length);
  return { ...verifierFrom(name, raw), secret };
}

function verifierFrom(name: string, raw: Uint8Array): Verifier {
  const key = createPublicKey({ key: Buffer.concat([publicHead, raw]), format: "der", type: "spki" });
  const typed = Buffer.concat([Buffer.of(ed25519), raw]);
  const id = keyId(name, typed);
  return { name, id, key, text: `${name}+${id}+${typed.toString("base64")}` };
}

/** signed-note §Signatures: the first four bytes of SHA-256(name, newline, type, key). */
function keyId(name: string, typed: Uint8Array): string {
  return createHash("sha256").update(`${name}\n`).update(typed).digest("hex").slice(0, 8);
}

/** A vkey's text → a verifier; undefined where malformed, of another type, or where the id is not that of the key. */
export function parseVerifier(text: string): Verifier | undefined {
  const found = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const [, name, id, encoded] = found ?? [];
  if (name === undefined || id === undefined || encoded === undefined) return undefined;
  const typed = parseBase64(encoded);
  if (typed === undefined || typed.length !== 33 || typed[0] !== ed25519) return undefined;
  const verifier = verifierFrom(name, typed.subarray(1));
  return verifier.id === id ? verifier : undefined;
}

/** Text (ending in a newline) → the note with one signature. Deterministic, as Ed25519 is. */
export function signNote(text: string, signer: Signer): string {
  const signature = sign(null, Buffer.from(text), signer.secret);
  const line = Buffer.concat([Buffer.from(signer.id, "hex"), signature]).toString("base64");
  return `${text}\n${dash} ${signer.name} ${line}\n`;
}

/** Attacker-controlled text → a note, nothing about its signatures being said. */
export function parseNote(note: string): Note | undefined {
  if (note.length > noteBytes || !note.isWellFormed()) return undefined;
  // oxlint-disable-next-line no-control-regex -- signed-note forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > noteSignatures) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text: note.slice(0, split + 1), signatures };
}

function parseSignature(line: string): NoteSignature | undefined {
  const found = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  const [, name, encoded] = found ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = parseBase64(encoded);
  if (bytes === undefined || bytes.length < 5) return undefined;
  return { name, id: bytes.toString("hex", 0, 4), bytes: bytes.subarray(4) };
}

/** `absent`: the note bears no signature under this key; `bad`: it bears one that does not hold. */
export function checkNote(note: Note, verifier: Verifier): "good" | "absent" | "bad" {
  const ours = note.signatures.filter(({ name, id }) => name === verifier.name && id === verifier.id);
  if (ours.length === 0) return "absent";
  const text = Buffer.from(note.text);
  return ours.every(({ bytes }) => bytes.length === 64 && verify(null, text, verifier.key, bytes)) ? "good" : "bad";
}

/** Canonical base64 only: Node's decoder is lenient, so what it read is written again and compared. */
export function parseBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
