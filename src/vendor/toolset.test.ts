import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { JsonObject } from "./json.ts";
import type { Call } from "./script.ts";
import { callOf, shaped } from "./toolset.ts";

const text = { type: "string" };
function tool(name: string, properties: JsonObject, required: readonly string[]) {
  return { name, schema: { type: "object", properties, required } };
}

const edit: Call = { tool: "edit", arguments: { path: "a", old: "b", new: "c" } };
const bash: Call = { tool: "bash", arguments: { command: "ls" } };

// the shapes of tools: flat, nested in a list, capitals, argument vectors, texts the script has no word for
const cases: readonly [Call, ReturnType<typeof tool>, JsonObject | undefined][] = [
  [
    edit,
    tool("Edit", { file_path: text, old_string: text, new_string: text, replace_all: { type: "boolean" } }, [
      "file_path",
      "old_string",
      "new_string",
    ]),
    { file_path: "a", old_string: "b", new_string: "c" },
  ],
  [
    edit,
    tool(
      "edit",
      {
        path: text,
        edits: {
          type: "array",
          items: { type: "object", properties: { oldText: text, newText: text }, required: ["oldText", "newText"] },
        },
      },
      ["path", "edits"],
    ),
    { path: "a", edits: [{ oldText: "b", newText: "c" }] },
  ],
  [
    edit,
    tool(
      "replace",
      {
        file_path: { type: "STRING" },
        instruction: { type: "STRING" },
        old_string: { type: "STRING" },
        new_string: { type: "STRING" },
      },
      ["file_path", "instruction", "old_string", "new_string"],
    ),
    { file_path: "a", instruction: "edit", old_string: "b", new_string: "c" },
  ],
  [
    bash,
    tool(
      "run_shell_command",
      {
        command: text,
        is_background: { type: "boolean" },
        timeout: { type: "integer", minimum: 5 },
        mode: { enum: ["x", "y"] },
      },
      ["command", "is_background", "timeout", "mode"],
    ),
    { command: "ls", is_background: false, timeout: 5, mode: "x" },
  ],
  [bash, tool("shell", { command: { type: "array", items: text } }, ["command"]), { command: ["bash", "-lc", "ls"] }],
  [bash, tool("run_commands", { commands: { type: "array", items: text } }, ["commands"]), { commands: ["ls"] }],
  [edit, tool("edit", { path: text }, ["path"]), undefined],
  [bash, tool("launch_missiles", { command: text }, ["command"]), undefined],
];

void test("a call is put into the words of the tool that was announced, or not at all", () => {
  for (const [call, announced, expected] of cases) {
    const other = tool("other", {}, []);
    assert.deepEqual(
      callOf(call, [other, announced]),
      expected === undefined ? undefined : { name: announced.name, arguments: expected },
    );
  }
});

void test("a schema is followed four lists deep, no deeper", () => {
  const nest = (levels: number): JsonObject =>
    levels === 0
      ? { type: "object", properties: { command: text } }
      : { type: "object", properties: { list: { type: "array", items: nest(levels - 1) } } };
  const at = (levels: number) => callOf(bash, [{ name: "bash", schema: nest(levels) }]);
  assert.deepEqual(at(4)?.arguments, { list: [{ list: [{ list: [{ list: [{ command: "ls" }] }] }] }] });
  assert.equal(at(5), undefined);
});

void test("property: any schema is survived", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("properties", "required", "items", "type"), fc.jsonValue()), (schema) => {
      callOf(edit, [{ name: "edit", schema }]);
    }),
  );
});

const read: Call = { tool: "read", arguments: { path: "it's here" } };
const write: Call = { tool: "write", arguments: { path: "a", content: "x\ny" } };
const javascript = { name: "exec", schema: {}, freeform: "javascript" } as const;
const patching = { name: "apply_patch", schema: {}, freeform: "patch" } as const;
const shell = tool("exec_command", { cmd: text }, ["cmd"]);

void test("an agent without a tool for files is led by commands and patches", () => {
  const update = "*** Begin Patch\n*** Update File: a\n@@\n-b\n+c\n*** End Patch\n";
  const added = "*** Begin Patch\n*** Add File: a\n+x\n+y\n*** End Patch\n";
  assert.deepEqual(callOf(read, [shell]), { name: "exec_command", arguments: { cmd: "cat -- 'it'\\''s here'" } });
  assert.deepEqual(callOf(edit, [shell, patching]), { name: "apply_patch", arguments: {}, input: update });
  assert.deepEqual(callOf(write, [patching]), { name: "apply_patch", arguments: {}, input: added });
  assert.equal(callOf(edit, [shell]), undefined);
  assert.equal(callOf(read, [patching]), undefined);
});

void test("one that runs JavaScript gets it, and its own named tools are not taken for it", () => {
  const runs = (call: Call) => callOf(call, [javascript])?.input;
  assert.equal(runs(bash), 'text(await tools.exec_command({"cmd":"ls"}));\n');
  assert.match(runs(read) ?? "", /^text\(await tools\.exec_command\(\{"cmd":"cat -- /);
  assert.match(runs(edit) ?? "", /^text\(await tools\.apply_patch\("\*\*\* Begin Patch\\n/);
  assert.deepEqual(callOf(bash, [javascript, shell]), { name: "exec_command", arguments: { cmd: "ls" } });
});

void test("an answer asked for in JSON has what is required of it", () => {
  const schema = {
    properties: { why: text, score: { type: "INTEGER", minimum: 1 }, more: text },
    required: ["why", "score"],
  };
  assert.deepEqual(shaped(schema, "because"), { why: "because", score: 1 });
});
