// The setting of an editor that has its extension start its agent inside: one marked line in the person's settings.json, which
// is JSON with comments. Their own bytes stay what and where they are. Where the setting is there already, in anybody's words,
// or the file is not understood, nothing is touched.

import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { objectToWriting, replace } from "./start-file.ts";

export const wrapperSetting = "claudeCode.claudeProcessWrapper";

/** Below the configuration directory, the data directory, the home: where editors of VS Code's kind keep a person's settings. */
const known = {
  configuration: ["Code/User", "Code - Insiders/User", "VSCodium/User", "Cursor/User", "Windsurf/User"],
  data: ["code-server/User"],
  home: [".vscode-server/data/Machine", ".vscode-server-insiders/data/Machine", ".cursor-server/data/Machine"],
} as const;

/** Of the editors that were started here once. */
export function findSettings(
  home: string,
  { XDG_CONFIG_HOME: configuration, XDG_DATA_HOME: data }: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const base = (named: string | undefined, usual: string) => (named?.startsWith("/") ? named : join(home, usual));
  const directories = [
    ...known.configuration.map((path) => join(base(configuration, ".config"), path)),
    ...known.data.map((path) => join(base(data, ".local/share"), path)),
    ...known.home.map((path) => join(home, path)),
  ];
  return directories
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .map((path) => join(path, "settings.json"));
}

export interface Insertion {
  /** As it is put in, behind the first brace. */
  readonly text: string;
  readonly created: boolean;
}

const begin = "  // >>> postern: its agent runs inside (postern setup --undo removes this)";
const end = "  // <<< postern";

/** What to put in; a sentence where nothing should be. `uid`: whose file it has to be. */
export function planInsertion(file: string, wrapper: string, uid: number): Insertion | string {
  const line = `  ${JSON.stringify(wrapperSetting)}: ${JSON.stringify(wrapper)}`;
  const block = (comma: string, after = "") => `\n${begin}\n${line}${comma}\n${end}${after}`;
  const objection = objectToWriting(file, uid);
  if (objection !== undefined) return objection;
  const text = read(file);
  if (text === undefined || text === "") return { text: `{${block("")}\n}\n`, created: text === undefined };
  if (text.includes(wrapperSetting)) return `it says something about ${wrapperSetting} already`;
  const at = braceOf(text);
  if (at === undefined) return "it is not the JSON that VS Code writes";
  // what stood behind the brace must not end up in our comment
  const after = /^\r?\n/.test(text.slice(at + 1, at + 3)) ? "" : "\n";
  return { text: block(text[skip(text, at + 1)] === "}" ? "" : ",", after), created: false };
}

export function isInserted(file: string, { text }: Pick<Insertion, "text">): boolean {
  return read(file)?.includes(bytes(text)) === true;
}

export function insertSetting(file: string, { text, created }: Insertion): void {
  if (created) {
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
    return;
  }
  const before = read(file) ?? "";
  const at = braceOf(before) ?? -1;
  replace(file, before.slice(0, at + 1) + bytes(text) + before.slice(at + 1));
}

/** `changed`: the marks are there, and not exactly these lines. */
export function takeSetting(file: string, { text, created }: Insertion): "removed" | "gone" | "changed" {
  const before = read(file) ?? "";
  const at = before.indexOf(bytes(text));
  if (at < 0) return before.includes(begin.trim()) ? "changed" : "gone";
  const left = before.slice(0, at) + before.slice(at + bytes(text).length);
  if (left === "" && created) rmSync(file);
  else replace(file, left);
  return "removed";
}

/** The brace all settings stand in. */
function braceOf(text: string): number | undefined {
  const at = skip(text, text.startsWith("\xef\xbb\xbf") ? 3 : 0);
  return text[at] === "{" ? at : undefined;
}

/** Past blanks and comments. */
function skip(text: string, from: number): number {
  const blank = /(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/y;
  blank.lastIndex = from;
  blank.test(text);
  return blank.lastIndex;
}

/** Bytes as characters of the same number. */
function read(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(file, "latin1");
}

const bytes = (text: string): string => Buffer.from(text).toString("latin1");
