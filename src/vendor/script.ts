// A written script (YAML or JSON text) → what the vendor plays: tool calls in order, then a final text. Refuses unknown
// keys, missing arguments and anything over the bounds. Format: docs/guide/vendor-script.md.

import { parse } from "yaml";
import { Fault } from "../domain/fault.ts";
import { type JsonObject, objectOf, textOf } from "./json.ts";
import { maxScriptCharacters, maxSteps } from "./limits.ts";

/** One tool call, in words no agent owns; `toolset.ts` puts it into the agent's own. */
export interface Call {
  readonly tool: Tool;
  /** Exactly the names in `fields` for this tool. */
  readonly arguments: Readonly<Record<string, string>>;
}

interface Step {
  /** Text before the call, in the same turn. */
  readonly say: string | undefined;
  readonly call: Call;
}

export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The text that ends the session. */
  readonly final: string;
  /** The answer to a request that announces no tools: a title, a summary, a routing question. */
  readonly aside: string;
}

export type ScriptFault = Fault<"script">;

/** What each abstract tool takes, all of it required. */
export const fields = {
  read: ["path"],
  bash: ["command"],
  edit: ["path", "old", "new"],
  write: ["path", "content"],
} as const;
export type Tool = keyof typeof fields;

/** YAML or JSON text → a Script, or the Fault that says which key is wrong. */
export function parseScript(text: string): Script | ScriptFault {
  if (text.length > maxScriptCharacters) return wrong("script", `at most ${maxScriptCharacters} characters`);
  const root = parseYaml(text);
  if (root instanceof Fault) return root;
  const stray = strayKey(root, ["version", "name", "steps", "final", "aside"]);
  if (stray !== undefined) return wrong(stray, "one of version, name, steps, final, aside");
  if (root["version"] !== 1) return wrong("version", "1");
  if (!Array.isArray(root["steps"]) || root["steps"].length > maxSteps) {
    return wrong("steps", `a list of at most ${maxSteps} steps`);
  }
  const final = textOf(root["final"]);
  if (final === undefined || final === "") return wrong("final", "the text that ends the session");
  const steps: Step[] = [];
  for (const [index, item] of root["steps"].entries()) {
    const step = parseStep(item, `steps[${index}]`);
    if (step instanceof Fault) return step;
    steps.push(step);
  }
  return { name: textOf(root["name"]) ?? "script", steps, final, aside: textOf(root["aside"]) ?? "scripted session" };
}

function parseStep(item: unknown, place: string): Step | ScriptFault {
  const step = objectOf(item);
  const tool = textOf(step?.["tool"]);
  if (step === undefined || tool === undefined || !isTool(tool))
    return wrong(`${place}.tool`, Object.keys(fields).join(", "));
  const stray = strayKey(step, ["say", "tool", "arguments"]);
  if (stray !== undefined) return wrong(`${place}.${stray}`, "one of say, tool, arguments");
  const given = objectOf(step["arguments"]) ?? {};
  const wanted: readonly string[] = fields[tool];
  const extra = strayKey(given, wanted);
  if (extra !== undefined) return wrong(`${place}.arguments.${extra}`, `${tool} takes ${wanted.join(", ")}`);
  const taken: Record<string, string> = {};
  for (const name of wanted) {
    const value = textOf(given[name]);
    if (value === undefined) return wrong(`${place}.arguments.${name}`, "a string");
    taken[name] = value;
  }
  return { say: textOf(step["say"]), call: { tool, arguments: taken } };
}

function parseYaml(text: string): JsonObject | ScriptFault {
  try {
    return (
      objectOf(parse(text, { maxAliasCount: 0, logLevel: "error" })) ??
      wrong("script", "a mapping with version, steps, final")
    );
  } catch (cause) {
    return new Fault({
      code: "script",
      message: "script: not YAML or JSON",
      hint: String(cause).split("\n")[0] ?? "",
      cause,
    });
  }
}

function isTool(name: string): name is Tool {
  return Object.hasOwn(fields, name);
}

function strayKey(object: JsonObject, known: readonly string[]): string | undefined {
  return Object.keys(object).find((key) => !known.includes(key));
}

function wrong(place: string, expected: string): ScriptFault {
  return new Fault({ code: "script", message: `script: ${place} is missing or wrong`, hint: `expected: ${expected}` });
}
