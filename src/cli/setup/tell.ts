// What `postern setup` says: which tools, what would be written, what was, and what a person may paste elsewhere.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { FoundTool } from "../../inventory/tools.ts";
import { print, warn } from "../speech.ts";
import { align, show, showPath } from "../table.ts";
import type { Undone } from "./carry-out.ts";
import type { Plan, PlannedBlock, PlannedFile, PlannedSetting, Standing } from "./plan.ts";

/** Where the person types. */
export interface Typist {
  readonly home: string;
  /** PATH as it is there. */
  readonly path: string;
}

const columns = [{ title: "" }, { title: "" }, { title: "" }];

export function tellPlan(plan: Plan, typist: Typist): void {
  const shims = plan.files.filter(({ kind }) => kind === "shim");
  const named = (path: string) => showPath(path, typist.home);
  if (shims.length > 0) print("typed here, these run inside the boundary:\n");
  const rows = shims.map(({ tool, path }) => [basename(path), title(tool), named(tool?.found ?? "")]);
  for (const line of align(columns, rows, false)) print(`  ${line}`);
  for (const { tool } of shims) if (tool !== undefined) objectTo(tool);
  const open = plan.files.filter(isOpen);
  if (open.length > 0) print("\nto be written:\n");
  for (const { path } of open) print(`  ${named(path)}`);
  tellBlock(plan.block, named);
  for (const setting of plan.settings) tellSetting(setting, named);
  for (const { path, standing } of plan.files)
    if (standing === "foreign") warn(`${named(path)} is not ours, and stays`, "move it away, then: postern setup");
  if (plan.block.standing !== "written") return;
  for (const { path } of shims) {
    const found = firstFor(basename(path), typist.path);
    if (found !== path) warn(`${basename(path)} leads to ${named(found)} in this terminal`, "open a new one");
  }
}

export function isOpen({ standing }: { readonly standing: Standing }): boolean {
  return standing === "new" || standing === "older";
}

function title(tool: FoundTool | undefined): string {
  if (tool?.profile === undefined) return "";
  return tool.version === undefined ? tool.profile.title : `${tool.profile.title} ${show(tool.version, 20)}`;
}

function objectTo({ command, profile, obstacle }: FoundTool): void {
  if (obstacle !== undefined) warn(`${command} would not start: ${show(obstacle.message, 200)}`, obstacle.hint);
  if (profile === undefined)
    warn(`${command} is not known here: it will reach its checkout alone`, "postern allow HOST adds a host");
}

function tellBlock({ file, text, standing, why }: PlannedBlock, named: (path: string) => string): void {
  const lines = text.trimEnd().replaceAll(/^/gm, "    ");
  const place = file === undefined ? "your shell's start file" : named(file);
  if (isOpen({ standing })) print(`  ${place}, at its end:\n\n${lines}\n`);
  if (standing === "closed") print(`\nfor you to add at the end of ${place} (${why}):\n\n${lines}\n`);
  if (standing === "foreign")
    warn(`the marked lines in ${place} were changed by hand, and stay`, "take them out, then: postern setup");
}

function tellSetting({ file, text, standing, why }: PlannedSetting, named: (path: string) => string): void {
  if (standing === "new") print(`  ${named(file)}, behind its first brace:\n${text.replaceAll("\n", "\n    ")}\n`);
  if (standing === "closed") warn(`${named(file)} stays as it is: ${why}`, "the line below is for you to put in");
}

/** The file that PATH gives for a command. */
function firstFor(command: string, path: string): string {
  const files = path.split(":").map((entry) => join(entry, command));
  return files.find((file) => existsSync(file)) ?? "nothing";
}

/** After writing, or where all was there. */
export function tellDone({ files, block, settings }: Plan, written: boolean, { home }: Typist): void {
  const place = block.file === undefined ? "" : showPath(block.file, home);
  if (!written) print("\nall of it is there already; postern setup --undo takes it away");
  else if (block.standing === "closed" || block.standing === "foreign") print("written, but for the lines above");
  else if (block.standing === "unneeded") print("written");
  else print(`written; it counts in new terminals, and in this one after:  . ${place}`);
  const wrapper = files.find(({ kind }) => kind === "wrapper");
  if (wrapper === undefined) return;
  const told = settings.filter(({ standing }) => standing !== "closed");
  if (told.length > 0)
    print(
      `\ntold of it: ${told.map(({ file }) => showPath(file, home)).join(", ")}; a window that is open needs: Reload Window`,
    );
  if (told.length > 0 && told.length === settings.length) return;
  print("\nClaude Code's extension for VS Code starts a copy of its own, past PATH. Its");
  print(
    `setting for running that inside as well (postern setup --editor writes it), for settings.json:\n\n    ${settingFor(wrapper)}`,
  );
}

function settingFor({ path }: PlannedFile): string {
  return `"claudeCode.claudeProcessWrapper": ${JSON.stringify(path)}`;
}

/** One object a line. */
export function planToJson({ files, block, settings: planned }: Plan, written: boolean): string[] {
  const state = (one: { readonly standing: Standing }) => (written && isOpen(one) ? "written" : one.standing);
  const { shell, text } = block;
  const lines = { kind: "lines", path: block.file ?? null, state: state(block), shell, text, why: block.why ?? null };
  const settings = files
    .filter(({ kind }) => kind === "wrapper")
    .map((file) => ({ kind: "setting", path: null, state: "offered", editor: "vscode", text: settingFor(file) }));
  const told = planned.map((one) => ({
    kind: "setting",
    path: one.file,
    state: state(one),
    editor: "vscode",
    text: one.text,
    why: one.why ?? null,
  }));
  const shown = files.map((file) => ({
    kind: file.kind,
    path: file.path,
    state: state(file),
    ...toolToJson(file.tool),
  }));
  return [...shown, lines, ...told, ...(planned.length === 0 ? settings : [])].map((one) => JSON.stringify(one));
}

function toolToJson(tool: FoundTool | undefined): object {
  if (tool === undefined) return {};
  const { command, profile, version, found } = tool;
  return { command, tool: profile?.name ?? null, version: version ?? null, leadsTo: found };
}

export function tellUndone({ kind, path, outcome }: Undone, { home }: Typist): void {
  const what =
    kind === "setting"
      ? `the setting in ${showPath(path, home)}`
      : kind === "lines"
        ? `the lines in ${showPath(path, home)}`
        : showPath(path, home);
  if (outcome === "changed") warn(`${what}: no longer what setup wrote, and left alone`, "take it out by hand");
  else print(`${outcome === "removed" ? "removed     " : "gone already"}  ${what}`);
}
