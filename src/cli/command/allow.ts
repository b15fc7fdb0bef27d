// `postern allow HOST`: adds a grant to the person's own policy, comments and order kept.

import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { allowHost } from "../../policy/amend.ts";
import { renderFaults } from "../../policy/render.ts";
import { userFile } from "../../session/prepare.ts";
import { readCaller } from "../caller.ts";
import { print, say } from "../speech.ts";

export interface AllowFlags {
  readonly why?: string;
  readonly methods?: string;
  readonly paths?: string;
}

export async function allow(host: string, flags: AllowFlags): Promise<number> {
  const file = userFile(readCaller());
  const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const amended = allowHost(text, host, file, {
    ...list("methods", flags.methods?.toUpperCase()),
    ...list("paths", flags.paths),
    ...(flags.why === undefined ? {} : { why: flags.why }),
  });
  if (!amended.ok) {
    say(renderFaults(amended.faults).trimEnd());
    return 1;
  }
  if (amended.changed) replace(file, amended.text);
  print(amended.changed ? `${host} added to ${file}` : `${host} stands in ${file} already`);
  return 0;
}

function list<Key extends string>(key: Key, text: string | undefined): Partial<Record<Key, string[]>> {
  return text === undefined ? {} : ({ [key]: text.split(",").map((part) => part.trim()) } as Record<Key, string[]>);
}

/** Whole or not at all. Where a person keeps the file elsewhere, the link to it stays. */
export function replace(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const real = existsSync(file) ? realpathSync(file) : file;
  const next = `${real}.${process.pid}.new`;
  writeFileSync(next, text, { mode: 0o600, flag: "wx" });
  renameSync(next, real);
}
