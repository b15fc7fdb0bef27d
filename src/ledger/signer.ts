// The log's own key: made once for a state directory, kept as the one-line form of Go's sumdb note package, 0600; its
// public half lies beside it. Called under the record's lock only, so that two first runs make one key.

import { randomBytes } from "node:crypto";
import { bookFault } from "./fault.ts";
import { readSmallFile, writeSmallFile } from "./file.ts";
import { parseBase64, type Signer, signerFrom } from "./note.ts";
import type { Places } from "./places.ts";
import { randomName } from "./random.ts";

export function openSigner({ signer: path, verifier }: Places): Signer {
  const text = readSmallFile(path);
  const known = readSmallFile(verifier);
  if (text === undefined && known === undefined) return makeSigner(path, verifier);
  const signer = text === undefined ? undefined : parseSigner(text);
  if (signer === undefined || (known !== undefined && known !== `${signer.text}\n`))
    throw bookFault(
      "damaged",
      `the log's key ${path} is missing or not the one this log began with`,
      "put it back from a backup",
    );
  if (known === undefined) writeSmallFile(verifier, `${signer.text}\n`);
  return signer;
}

function makeSigner(path: string, verifier: string): Signer {
  const seed = randomBytes(32);
  const signer = signerFrom(`postern.local/${randomName(16).toLowerCase()}`, seed);
  const typed = Buffer.concat([Buffer.of(1), seed]).toString("base64");
  writeSmallFile(path, `PRIVATE+KEY+${signer.name}+${signer.id}+${typed}\n`);
  writeSmallFile(verifier, `${signer.text}\n`);
  return signer;
}

function parseSigner(text: string): Signer | undefined {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n$/.exec(text) ?? [];
  const typed = encoded === undefined ? undefined : parseBase64(encoded);
  if (name === undefined || typed?.length !== 33 || typed[0] !== 1) return undefined;
  const signer = signerFrom(name, typed.subarray(1));
  return signer.id === id ? signer : undefined;
}
