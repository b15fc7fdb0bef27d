// What the schema found wrong → faults that teach: the key, what was meant, an example taken from the schema itself.

import { isMap, isSeq, parseDocument, stringify } from "yaml";
import type { z } from "zod";
import { dotted, type PolicyFault, visible } from "./fault.ts";
import { nearest } from "./nearest.ts";
import { jsonSchema } from "./schema.ts";
import { faultAt, type Syntax, type Told } from "./syntax.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
type Node = Readonly<Record<string, unknown>>;

/** One issue → one fault for each key it speaks of. */
export function teach(issue: Issue, syntax: Syntax): PolicyFault[] {
  const schema = jsonSchema();
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return faultAt(syntax.source, syntax.find(path, "key"), { key: path, ...unknownKey(key, issue.path, schema) });
    });
  }
  const badName = issue.code === "invalid_key";
  const told = { key: issue.path, ...say(issue, valueAt(syntax.value, issue.path), schema) };
  const example = exampleOf(badName ? issue.path.slice(0, -1) : issue.path, schema);
  return [faultAt(syntax.source, syntax.find(issue.path, badName ? "key" : "value"), withExample(told, example))];
}

function withExample(told: Told, example: string | undefined): Told {
  return example === undefined || told.example !== undefined ? told : { ...told, example };
}

function say(issue: Issue, found: unknown, schema: Node): Told {
  const key = dotted(issue.path);
  const hint = text(descend(schema, issue.path)?.["description"]).replace(/^./, (first) => first.toLowerCase());
  if (issue.code === "custom") return sayOwn(issue, found);
  if (found === undefined) return { message: `\`${key}\` is missing`, hint: hint || "add it" };
  if (found === null) return { message: `\`${key || "the file"}\` is empty`, hint: "leave the key out, or fill it in" };
  if (issue.code === "invalid_type") return sayType(issue.expected, found, { key, hint });
  if (issue.code === "invalid_value") return sayValue(issue.values.map(String), found, key);
  if (issue.code === "invalid_key") {
    return {
      message: `${quote(issue.path.at(-1))} is not a name`,
      hint: "lower case letters, digits and hyphens: my-name",
    };
  }
  const refill = "leave the key out, or fill it in";
  if (issue.code === "too_big")
    return { message: `\`${key}\` is more than ${issue.maximum}${unit(found)}`, hint: hint || "write less" };
  if (issue.code === "too_small")
    return { message: `\`${key}\` is less than ${issue.minimum}${unit(found)}`, hint: refill };
  return { message: `${quote(found)} ${issue.message}`, hint: hint || "see the example" };
}

/** A check of the schema's own, which brings its words. */
function sayOwn(issue: Extract<Issue, { code: "custom" }>, found: unknown): Told {
  const quoted = issue.params?.["quoted"] === true;
  const example = text(issue.params?.["example"]);
  const told = {
    message: quoted ? `${quote(found)} ${issue.message}` : issue.message,
    hint: text(issue.params?.["hint"]),
  };
  return example === "" ? told : { ...told, example };
}

function sayType(expected: string, found: unknown, { key, hint }: { key: string; hint: string }): Told {
  if (expected === "array" && typeof found === "string") {
    return { message: `\`${key}\` is a list`, hint: `put it in brackets: [${quote(found)}]` };
  }
  return {
    message: `\`${key || "the file"}\` is ${shape(expected)}, and here stands ${kindOf(found)}`,
    hint: hint || `write ${shape(expected)}`,
  };
}

function sayValue(words: readonly string[], found: unknown, key: string): Told {
  const meant = words.length > 1 && typeof found === "string" ? nearest(found, words) : undefined;
  const hint = `${words.length > 1 ? "one of " : ""}${words.join(", ")}${meant ? `; did you mean ${meant}?` : ""}`;
  return { message: `${quote(found)} is no value of \`${key}\``, hint };
}

function unknownKey(key: string, parent: Path, schema: Node): Told {
  const words = Object.keys(properties(descend(schema, parent)));
  const meant = nearest(key, words);
  const path = meant === undefined ? parent : [...parent, meant];
  const elsewhere = meant === undefined ? placesOf(key, schema) : undefined;
  const place = parent.length === 0 ? "a policy" : `\`${dotted(parent)}\``;
  const near = meant ?? elsewhere;
  const hint = near === undefined ? `one of ${words.join(", ")}` : `did you mean \`${near}\`?`;
  const told = { message: `${place} has no key ${quote(key)}`, hint };
  return withExample(told, exampleOf(elsewhere?.split(".") ?? path, schema));
}

/** A key that is right, in a wrong place: `allow` at the top is `network.allow`. */
function placesOf(key: string, schema: Node): string | undefined {
  for (const [name, node] of Object.entries(properties(schema))) {
    if (Object.keys(properties(asNode(node))).includes(key)) return `${name}.${key}`;
  }
  return undefined;
}

/** YAML for the nearest key at or above `path` that has an example, standing where it belongs. */
function exampleOf(path: Path, schema: Node): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const steps = path.slice(0, length);
    const leaf = exampleAt(steps, schema);
    if (leaf !== undefined) return write(steps, nest(steps, leaf, schema));
  }
  return undefined;
}

function exampleAt(path: Path, schema: Node): unknown {
  const examples = descend(schema, path)?.["examples"];
  return Array.isArray(examples) ? examples[0] : undefined;
}

/** The leaf in its parents; an entry of a list or map brings what else it needs from its own example. */
function nest(steps: Path, leaf: unknown, schema: Node): unknown {
  return steps.reduceRight<unknown>((inner, step, index) => {
    if (typeof step === "number") return [inner];
    const holder = steps.slice(0, index);
    const needy = typeof holder.at(-1) === "number" || descend(schema, holder)?.["required"] !== undefined;
    return { ...(needy && index > 0 ? asNode(exampleAt(holder, schema)) : {}), [step]: inner };
  }, leaf);
}

function write(steps: Path, value: unknown): string {
  const document = parseDocument(stringify(value));
  const inner = document.getIn(
    steps.slice(0, 3).map((step) => (typeof step === "number" ? 0 : step)),
    true,
  );
  if ((isMap(inner) || isSeq(inner)) && steps.length > 2) inner.flow = true;
  return document.toString({ lineWidth: 100 }).trimEnd();
}

function descend(schema: Node, path: Path): Node | undefined {
  let node: Node | undefined = schema;
  for (const step of path) {
    const below: unknown =
      typeof step === "number" ? node?.["items"] : (properties(node)[String(step)] ?? node?.["additionalProperties"]);
    node = typeof below === "object" && below !== null ? asNode(below) : undefined;
  }
  return node;
}

function properties(node: Node | undefined): Node {
  return asNode(node?.["properties"]);
}

function asNode(value: unknown): Node {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, step) => (typeof node === "object" && node !== null ? Reflect.get(node, step) : undefined),
    value,
  );
}

function quote(value: unknown): string {
  return typeof value === "object" && value !== null ? kindOf(value) : `"${visible(String(value), 60)}"`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function shape(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    array: "a list",
    object: "a map of keys",
    record: "a map of names",
    string: "text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
  };
  return words[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map of keys";
  return typeof value === "string" ? `text, "${visible(value, 40)}"` : JSON.stringify(value);
}

function unit(value: unknown): string {
  if (Array.isArray(value)) return " entries";
  return typeof value === "string" ? " characters" : "";
}
