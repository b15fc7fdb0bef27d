// What `postern setup` would write, each with how things stand: nothing is written here. Enters: the tools, where they are
// wanted, what was written earlier. Leaves: files and marked lines, in the order of writing.

import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { shimsMark } from "../../inventory/own-shims.ts";
import type { FoundTool } from "../../inventory/tools.ts";
import { findSettings, isInserted, planInsertion } from "./editor-settings.ts";
import { digestOf, type Manifest } from "./manifest.ts";
import type { OwnCommand } from "./own-command.ts";
import { type Person, pathBlock, type Shell, startFile } from "./shell.ts";
import { launcherText, shimText, wrapperText } from "./shim-text.ts";
import { findBlock, objectToWriting } from "./start-file.ts";

/**
 * `new`: not there. `written`: there as it should be. `older`: there as it was written earlier, to be renewed. `foreign`:
 * something else is there, and stays. `closed`: it cannot be written, and is to be added by hand. `unneeded`: nothing typed
 * would lead there.
 */
export type Standing = "new" | "written" | "older" | "foreign" | "closed" | "unneeded";

export interface PlannedFile {
  readonly kind: "mark" | "shim" | "wrapper" | "launcher";
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly standing: Standing;
  /** Of a shim. */
  readonly tool: FoundTool | undefined;
}

export interface PlannedBlock {
  readonly shell: Shell;
  /** Undefined for a shell we do not know. */
  readonly file: string | undefined;
  readonly text: string;
  readonly standing: Standing;
  /** Of a closed one: why. */
  readonly why: string | undefined;
}

/** In an editor's settings. */
export interface PlannedSetting {
  readonly file: string;
  readonly text: string;
  readonly created: boolean;
  readonly standing: Standing;
  /** Of a closed one: why. */
  readonly why: string | undefined;
}

export interface Plan {
  /** Of the shims. */
  readonly directory: string;
  readonly files: readonly PlannedFile[];
  readonly block: PlannedBlock;
  readonly settings: readonly PlannedSetting[];
}

export interface Wanted {
  readonly tools: readonly FoundTool[];
  readonly shell: Shell | undefined;
  readonly person: Person & { readonly uid: number };
  /** Of the shims. */
  readonly directory: string;
  readonly own: OwnCommand;
  /** `postern` cannot be typed without it. */
  readonly launcher: boolean;
  /** Tell the editors that are here of the wrapper, too. */
  readonly editor: boolean;
  readonly manifest: Manifest;
}

/** An editor's extension is told the wrapper's path. */
const wrapperName = "postern-run";
const launcherName = "postern";

/** A tool's, not what comes with them. */
export function isShim(path: string): boolean {
  return ![shimsMark, wrapperName, launcherName].includes(basename(path));
}

export function planSetup(wanted: Wanted): Plan {
  const { directory, tools } = wanted;
  const files = [
    planFile(wanted, "mark", shimsMark, ""),
    ...tools.map((tool) => ({ ...planFile(wanted, "shim", tool.command, shimText(tool.command, wanted)), tool })),
    ...(wanted.editor || tools.some(({ profile }) => profile?.name === "claude-code")
      ? [planFile(wanted, "wrapper", wrapperName, wrapperText(wanted))]
      : []),
    ...(wanted.launcher ? [planFile(wanted, "launcher", launcherName, launcherText(wanted))] : []),
  ];
  const block = planBlock(wanted);
  const settings = wanted.editor ? planSettings(wanted) : [];
  return { directory, files, block: tools.length === 0 ? { ...block, standing: "unneeded" } : block, settings };
}

function planSettings({ directory, person, manifest }: Wanted): readonly PlannedSetting[] {
  return findSettings(person.home, person.environment).map((file) => {
    const earlier = manifest.settings.find((written) => written.file === file);
    if (earlier !== undefined && isInserted(file, earlier)) return { ...earlier, standing: "written", why: undefined };
    const planned = planInsertion(file, join(directory, wrapperName), person.uid);
    if (typeof planned !== "string") return { file, ...planned, standing: "new", why: undefined };
    return { file, text: "", created: false, standing: "closed", why: planned };
  });
}

function planFile({ directory, manifest }: Wanted, kind: PlannedFile["kind"], name: string, text: string): PlannedFile {
  const path = join(directory, name);
  const earlier = manifest.files.find((written) => written.path === path);
  return {
    kind,
    path,
    text,
    mode: kind === "mark" ? 0o600 : 0o700,
    standing: stands(path, text, earlier?.sha256),
    tool: undefined,
  };
}

function stands(path: string, text: string, earlier: string | undefined): Standing {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return "new";
  const digest = digestOf(readFileSync(path));
  if (digest === digestOf(text)) return "written";
  return digest === earlier ? "older" : "foreign";
}

function planBlock({ shell, person, directory, manifest }: Wanted): PlannedBlock {
  const words = shell ?? "bash";
  const text = pathBlock(words, directory, person.home);
  if (shell === undefined)
    return { shell: words, file: undefined, text, standing: "closed", why: "its start file is not known here" };
  const file = startFile(shell, person);
  const why = objectToWriting(file, person.uid);
  const earlier = manifest.blocks.find((written) => written.file === file);
  const standing = why === undefined ? blockStands(file, text, earlier?.text) : "closed";
  return { shell, file, text, standing, why };
}

function blockStands(file: string, text: string, earlier: string | undefined): Standing {
  const found = findBlock(file, text);
  if (found !== "changed") return found === "present" ? "written" : "new";
  return earlier !== undefined && findBlock(file, earlier) === "present" ? "older" : "foreign";
}
