// An abstract call and the tools an agent announced → the call in that agent's own name and argument shape, or undefined
// where it announced nothing that fits. Names and spellings are data; an agent with new ones is a word more in a table.

import type { Announced, Made } from "./dialect.ts";
import { type JsonObject, listOf, objectOf, textOf } from "./json.ts";
import { maxSchemaDepth } from "./limits.ts";
import type { Call, Tool } from "./script.ts";

/** Compared without case, `_` and `-`. */
const toolNames: Readonly<Record<Tool, readonly string[]>> = {
  read: ["read", "readfile", "readfiles", "view"],
  bash: ["bash", "runshellcommand", "shell", "execcommand", "executecommand", "runcommands"],
  edit: ["edit", "replace", "strreplace", "editfile", "editor"],
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

export function callOf(call: Call, tools: readonly Announced[]): Made | undefined {
  return namedCall(call, tools) ?? freeformCall(call, tools) ?? insteadOf(call, tools);
}

/** The text a request asks for in JSON of this shape: what is required of it, every text of it the given one. */
export function shaped(schema: JsonObject, text: string): JsonObject {
  return fill(schema, { values: {}, spare: text, placed: new Set() }, 0);
}

/** A file can be read by a command too: some agents have no tool for it. */
function insteadOf(call: Call, tools: readonly Announced[]): Made | undefined {
  if (call.tool !== "read") return undefined;
  const command = `cat -- '${(call.arguments["path"] ?? "").replaceAll("'", `'\\''`)}'`;
  return callOf({ tool: "bash", arguments: { command } }, tools);
}

function freeformCall(call: Call, tools: readonly Announced[]): Made | undefined {
  const patch = patchOf(call);
  const patching = tools.find((one) => one.freeform === "patch");
  if (patching !== undefined && patch !== undefined) return { name: patching.name, arguments: {}, input: patch };
  const running = tools.find((one) => one.freeform === "javascript");
  if (running === undefined) return undefined;
  const { command } = call.arguments;
  const expression =
    patch === undefined
      ? `tools.exec_command(${JSON.stringify({ cmd: command })})`
      : `tools.apply_patch(${JSON.stringify(patch)})`;
  if (patch === undefined && command === undefined) return undefined;
  return { name: running.name, arguments: {}, input: `text(await ${expression});\n` };
}

/** In the notation of OpenAI's `apply_patch`, which knows whole lines only. */
function patchOf({ tool, arguments: given }: Call): string | undefined {
  const { path = "", old = "", new: next = "", content = "" } = given;
  const lines = (mark: string, text: string): string[] => text.split("\n").map((line) => mark + line);
  const within = (body: readonly string[]): string => ["*** Begin Patch", ...body, "*** End Patch", ""].join("\n");
  if (tool === "edit") return within([`*** Update File: ${path}`, "@@", ...lines("-", old), ...lines("+", next)]);
  return tool === "write" ? within([`*** Add File: ${path}`, ...lines("+", content)]) : undefined;
}

function namedCall(call: Call, tools: readonly Announced[]): Made | undefined {
  const tool = tools.find((one) => one.freeform === undefined && toolNames[call.tool].includes(plain(one.name)));
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
