// What `postern setup` wrote, so that `--undo` takes away exactly that: kept in the state directory, noted before anything
// is written, so that a setup killed half way can be undone as well. Ours, 0600; read with a parser all the same.

import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../../domain/fault.ts";

const schema = z.strictObject({
  version: z.literal(1),
  /** `sha256` of what was written: a file that is no longer that is not ours to remove. */
  files: z.array(z.strictObject({ path: z.string(), sha256: z.string() })).readonly(),
  blocks: z
    .array(
      z.strictObject({
        shell: z.enum(["bash", "zsh", "fish"]),
        file: z.string(),
        text: z.string().min(1),
        created: z.boolean(),
        joined: z.boolean(),
      }),
    )
    .readonly(),
  /** Of editors. Lists of before there were any have none. */
  settings: z
    .array(z.strictObject({ file: z.string(), text: z.string().min(1), created: z.boolean() }))
    .readonly()
    .default([]),
  /** Made on the way, outermost first. */
  directories: z.array(z.string()).readonly(),
});

export type Manifest = Readonly<z.infer<typeof schema>>;
export type WrittenFile = Manifest["files"][number];
export type WrittenBlock = Manifest["blocks"][number];

export function digestOf(text: string | Buffer): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Empty where nothing was written. Throws a Fault where it cannot be read. */
export function readManifest(state: string): Manifest {
  const file = manifestFile(state);
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    return { version: 1, files: [], blocks: [], settings: [], directories: [] };
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new Fault({
      code: "manifest",
      message: `${file}, the list of what setup wrote, is damaged`,
      hint: `take out by hand: the marked lines in your shell's start file, ${join(state, "shims")}, and this list`,
      cause,
    });
  }
}

export function writeManifest(state: string, manifest: Manifest): void {
  const file = manifestFile(state);
  if (manifest.files.length + manifest.blocks.length + manifest.settings.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

function manifestFile(state: string): string {
  return join(state, "setup.json");
}
