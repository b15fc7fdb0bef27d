// What the tool holds in a credential's place: the shape it expects, then 192 bits nobody can guess. The same in every
// session of one tool in one workspace, whose private home stays too: a tool that asks whether a key may be used would ask
// again at every start. Worthless in any other session all the same, because each puts in only its own.

import { createHmac, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Fault, orFault } from "../domain/fault.ts";

const seedForm = /^[0-9a-f]{64}$/;

export interface Holder {
  readonly tool: string;
  readonly workspace: string;
}

/** A maker for one tool's private home. `file`: where this state directory's seed is, or is put; never shown inside. What it gives throws a Fault (`placeholders`). */
export function openPlaceholders(
  file: string,
  { tool, workspace }: Holder,
): (credential: string, shape: string) => string {
  let seed: string | undefined;
  return (credential, shape) => {
    seed ??= readSeed(file);
    const named = JSON.stringify([tool, workspace, credential]);
    return `${shape}postern${createHmac("sha256", seed).update(named).digest("hex").slice(0, 48)}`;
  };
}

function readSeed(file: string): string {
  const hint = "it holds 64 hexadecimal digits; without it, tools ask once more about their keys";
  const seed = orFault({ code: "placeholders", message: `${file} cannot be made or read`, hint }, () => {
    const known = read(file);
    if (known !== undefined) return known;
    const own = `${file}.${randomBytes(8).toString("hex")}`;
    writeFileSync(own, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
    try {
      linkSync(own, file);
    } catch {
      // another session was first: theirs is read
    } finally {
      rmSync(own);
    }
    return readFileSync(file, "utf8");
  });
  if (!seedForm.test(seed))
    throw new Fault({ code: "placeholders", message: `${file} is damaged`, hint: `rm ${file}` });
  return seed;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
