// A content into the private store, under the name git gives it. Enters: bytes as they are; no filter, no conversion.

import { createHash } from "node:crypto";
import { Fault } from "../domain/fault.ts";
import { type ReviewFault, runGit } from "./git.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";

export async function keepBlob(store: ObjectStore, content: Buffer): Promise<string | ReviewFault> {
  const output = await runGit({
    place: placeOf(store),
    arguments: ["hash-object", "-w", "--stdin"],
    input: content,
  });
  return output instanceof Fault ? output : output.toString().trim();
}

/** How git names a blob: SHA-1 over `blob <size>` NUL and the content. */
export function blobName(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
