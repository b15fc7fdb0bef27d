// An abstract call and the tools an agent announced → the call in that agent's own name and argument shape, or undefined
// where it announced nothing that fits. Names and spellings are data; an agent with new ones is a word more in a table.

import type { Announced, Reply } from "./dialect.ts";
import { type JsonObject, listOf, objectOf, textOf } from "./json.ts";
import { maxSchemaDepth } from "./limits.ts";
import type { Call, Tool } from "./script.ts";

/** Compared without case, `_` and `-`. */
const toolNames: Readonly<Record<Tool, readonly string[]>> = {
  read: ["read", "readfile", "view"],
  bash: ["bash", "runshellcommand", "shell", "execcommand", "executecommand", "runcommands"],
  edit: ["edit", "replace", "strreplace", "editfile"],
  write: ["write", "writefile", "create", "createfile"],
};

/** What agents call an argument, compared in the same way. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  path: ["path", "filepath", "absolutepath", "file", "filename"],
  command: ["command", "cmd", "commands"],
  old: ["old", "oldtext", "oldstring", "oldstr"],
  new: ["new", "newtext", "newstring", "newstr"],
  content: ["content", "contents", "filetext", "text"],
};

export function callOf(call: Call, tools: readonly Announced[]): Reply["call"] {
  const tool = tools.find((one) => toolNames[call.tool].includes(plain(one.name)));
  if (tool === undefined) return undefined;
  const placed = new Set<string>();
  const filled = fill(tool.schema, { values: call.arguments, spare: call.tool, placed }, 0);
  return Object.keys(call.arguments).every((name) => placed.has(name))
    ? { name: tool.name, arguments: filled }
    : undefined;
}

interface Filling {
  readonly values: Readonly<Record<string, string>>;
  /** For a text the agent requires and the script has no word for: a description, an instruction. */
  readonly spare: string;
  /** Which values found their place. */
  readonly placed: Set<string>;
}

function fill(schema: JsonObject, filling: Filling, depth: number): JsonObject {
  const required = new Set(listOf(schema["required"]));
  const result: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(objectOf(schema["properties"]) ?? {})) {
    const value = valueFor({ name, shape: objectOf(shape) ?? {}, required: required.has(name) }, filling, depth);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

interface Property {
  readonly name: string;
  readonly shape: JsonObject;
  readonly required: boolean;
}

function valueFor(property: Property, filling: Filling, depth: number): unknown {
  const { name, shape, required } = property;
  const ours = Object.keys(filling.values).find((key) => spellings[key]?.includes(plain(name)) ?? false);
  const given = ours === undefined ? undefined : filling.values[ours];
  if (ours !== undefined && given !== undefined) {
    filling.placed.add(ours);
    return typeOf(shape) === "array" ? listed(ours, name, given) : given;
  }
  const items = objectOf(shape["items"]);
  if (items?.["properties"] !== undefined && depth < maxSchemaDepth) {
    const before = filling.placed.size;
    const inner = fill(items, filling, depth + 1);
    if (required || filling.placed.size > before) return [inner];
  }
  return required ? fallback(shape, filling.spare) : undefined;
}

/** A `command` that is one list is an argument vector; `commands` is a list of command lines. */
function listed(ours: string, name: string, given: string): readonly string[] {
  return ours === "command" && plain(name) !== "commands" ? ["bash", "-lc", given] : [given];
}

function fallback(shape: JsonObject, spare: string): unknown {
  const choices = listOf(shape["enum"]);
  if (choices.length > 0) return choices[0];
  switch (typeOf(shape) ?? "object") {
    case "string":
      return spare;
    case "boolean":
      return false;
    case "number":
    case "integer":
      return typeof shape["minimum"] === "number" ? shape["minimum"] : 1;
    case "array":
      return [];
    default:
      return {};
  }
}

/** Gemini writes types in capitals. */
function typeOf(shape: JsonObject): string | undefined {
  return textOf(shape["type"])?.toLowerCase();
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}
