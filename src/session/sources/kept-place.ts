// Where what was taken from files is kept for later sessions, and the key it is kept under: `sources/` in the state directory, and a
// file of the vault beside the keys of what the record seals. Of the one without the other nothing can be read.

import { createHmac, randomBytes } from "node:crypto";
import { linkSync, rmSync } from "node:fs";
import { placesIn } from "../../ledger/places.ts";
import { makePrivate, readPrivate, writePrivate } from "./private-files.ts";

export interface KeptPlace {
  readonly directory: string;
  /** 32 octets each: under which passages are hashed, and what is kept is sealed. */
  readonly hashing: Uint8Array;
  readonly sealing: Uint8Array;
  /** What another build took from a file may be something else. */
  readonly build: string;
}

const keyOctets = 32;

/** `state`: the state directory. Undefined where it cannot be used: then nothing is kept. */
export function openKeptPlace(state: string, build: string): KeptPlace | undefined {
  const { vault } = placesIn(state);
  const directory = `${state}/sources`;
  if (!makePrivate(vault) || !makePrivate(directory)) return undefined;
  const key = keyAt(`${vault}/sources.key`);
  if (key === undefined) return undefined;
  const derive = (what: string): Uint8Array => createHmac("sha256", key).update(`postern sources ${what}`).digest();
  return { directory, hashing: derive("hashing"), sealing: derive("sealing"), build };
}

/** Made where it is missing; where two sessions make one at once, both have the first one's. */
function keyAt(path: string): Uint8Array | undefined {
  const there = readKey(path) ?? makeKey(path);
  if (there !== undefined) return there;
  try {
    // what cannot be a key is in the way: whatever was kept under it is read anew
    rmSync(path, { force: true });
  } catch {
    return undefined;
  }
  return makeKey(path);
}

/** Or the one that somebody else made meanwhile. */
function makeKey(path: string): Uint8Array | undefined {
  try {
    writePrivate(path, randomBytes(keyOctets), (next) => {
      linkSync(next, path);
      rmSync(next);
    });
  } catch {
    // there is one, or nobody can write here
  }
  return readKey(path);
}

function readKey(path: string): Uint8Array | undefined {
  const key = readPrivate(path, keyOctets);
  return key?.length === keyOctets ? key : undefined;
}
