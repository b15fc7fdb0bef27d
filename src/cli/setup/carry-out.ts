// A plan → what it says, written; and everything written taken away again. The list of it comes first in both, so that
// whatever happens in between can be undone.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { openState } from "../../session/state.ts";
import { insertSetting, takeSetting } from "./editor-settings.ts";
import { digestOf, type Manifest, type WrittenBlock, type WrittenFile, writeManifest } from "./manifest.ts";
import type { Plan, PlannedBlock, PlannedFile, Standing } from "./plan.ts";
import { appendBlock, findBlock, foresee, takeBlock } from "./start-file.ts";

/** Only what is not there yet, or was written earlier. Throws a Fault where the state directory cannot be used. */
export function carryOut(plan: Plan, state: string, before: Manifest): void {
  const directories = [...before.directories, ...missing(plan.directory), ...missingFor(plan.block)];
  openState(state);
  mkdirSync(plan.directory, { recursive: true, mode: 0o700 });
  const files = plan.files.filter(({ standing }) => isOurs(standing));
  const ours = files.map(({ path, text }) => ({ path, sha256: digestOf(text) }));
  const settings = plan.settings.filter(({ standing }) => isOurs(standing));
  const earlier = before.blocks.find(({ file }) => file === plan.block.file);
  const block = blockToWrite(plan.block, earlier);
  writeManifest(state, {
    version: 1,
    directories: [...new Set(directories)],
    files: [...before.files.filter(({ path }) => !ours.some((file) => file.path === path)), ...ours],
    blocks: [...before.blocks.filter(({ file }) => file !== block?.file), ...(block === undefined ? [] : [block])],
    settings: [
      ...before.settings.filter(({ file }) => !settings.some((setting) => setting.file === file)),
      ...settings.map(({ file, text, created }) => ({ file, text, created })),
    ],
  });
  for (const file of files) if (file.standing !== "written") writeScript(file);
  for (const setting of settings) if (setting.standing === "new") insertSetting(setting.file, setting);
  if (block === undefined || plan.block.standing === "written") return;
  if (earlier !== undefined && plan.block.standing === "older") takeBlock(block.file, earlier.text, earlier);
  mkdirSync(dirname(block.file), { recursive: true, mode: 0o700 });
  appendBlock(block.file, block.text, block);
}

function isOurs(standing: Standing): boolean {
  return standing !== "foreign" && standing !== "closed" && standing !== "unneeded";
}

function blockToWrite(
  { file, shell, text, standing }: PlannedBlock,
  earlier: WrittenBlock | undefined,
): WrittenBlock | undefined {
  if (file === undefined || !isOurs(standing)) return undefined;
  const how = standing === "new" ? foresee(file) : (earlier ?? { created: false, joined: false });
  return { shell, file, text, created: how.created, joined: how.joined };
}

/** Directories above and at `directory` that are not there, outermost first. */
function missing(directory: string): string[] {
  return existsSync(directory) ? [] : [...missing(dirname(directory)), directory];
}

function missingFor({ file, standing }: PlannedBlock): string[] {
  return file === undefined || !isOurs(standing) ? [] : missing(dirname(file));
}

function writeScript({ path, text, mode }: PlannedFile): void {
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, text, { flag: "wx", mode });
  chmodSync(next, mode);
  renameSync(next, path);
}

export interface Undone {
  readonly kind: "file" | "lines" | "setting";
  readonly path: string;
  /** `gone`: somebody took it away before. `changed`: it is no longer what was written, and stays. */
  readonly outcome: "removed" | "gone" | "changed";
}

/** The marked lines go with the last file. */
export function undoSetup(
  state: string,
  manifest: Manifest,
  isWanted: (file: WrittenFile) => boolean,
): readonly Undone[] {
  const files = manifest.files.filter(isWanted);
  const others = manifest.files.filter((file) => !isWanted(file));
  const taken = files.map((file) => ({ file, outcome: undoFile(file) }));
  const blocks = others.length > 0 ? [] : manifest.blocks.map((block) => ({ block, outcome: undoBlock(block) }));
  const settings = (others.length > 0 ? [] : manifest.settings).map((setting) => ({
    setting,
    outcome: takeSetting(setting.file, setting),
  }));
  const left: Manifest = {
    version: 1,
    files: [...others, ...taken.filter(isChanged).map(({ file }) => file)],
    blocks: others.length > 0 ? manifest.blocks : blocks.filter(isChanged).map(({ block }) => block),
    settings: others.length > 0 ? manifest.settings : settings.filter(isChanged).map(({ setting }) => setting),
    directories: manifest.directories,
  };
  writeManifest(state, left);
  if (left.files.length + left.blocks.length + left.settings.length === 0)
    for (const made of left.directories.toReversed()) removeEmpty(made);
  return [
    ...settings.map(({ setting, outcome }) => ({ kind: "setting" as const, path: setting.file, outcome })),
    ...blocks.map(({ block, outcome }) => ({ kind: "lines" as const, path: block.file, outcome })),
    ...taken.map(({ file, outcome }) => ({ kind: "file" as const, path: file.path, outcome })),
  ];
}

function isChanged({ outcome }: Pick<Undone, "outcome">): boolean {
  return outcome === "changed";
}

function undoBlock({ file, text, created, joined }: WrittenBlock): Undone["outcome"] {
  const found = findBlock(file, text);
  if (found === "present" && takeBlock(file, text, { created, joined })) return "removed";
  return found === "changed" ? "changed" : "gone";
}

function undoFile({ path, sha256 }: WrittenFile): Undone["outcome"] {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return "gone";
  if (digestOf(readFileSync(path)) !== sha256) return "changed";
  rmSync(path);
  return "removed";
}

/** What others put there since keeps it. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // not empty, or gone
  }
}
