import assert from "node:assert/strict";
import { test } from "node:test";
import { othersOf } from "./habits.ts";

test("a command of Claude Code's, as it tells it", () => {
  const made = JSON.stringify({ command: 'cd/work&&find.-exec"x"\\\\;', timeout: 9 });
  const told = othersOf("Bash", made).map(
    (other) => (JSON.parse(other) as { command: string; timeout: number }).command,
  );
  assert.deepEqual(told, ['cd/work&&find.-exec"x"\\;', 'find.-exec"x"\\;', 'find.-exec"x"\\\\;']);
});

test("nobody else's, and nothing that is none", () => {
  for (const made of ["{broken", "[]", "null", "ls", '{"command":1}', '{"other":"cd/a&&ls"}', '{"command":"ls"}'])
    assert.deepEqual(othersOf("Bash", made), [], made);
  assert.deepEqual(othersOf("shell", '{"command":"cd/a&&ls"}'), []);
  assert.deepEqual(othersOf("constructor", "{}"), []);
});

test("8 MB of a command", () => {
  const long = `cd/a&&${"x".repeat(8_000_000)}`;
  assert.deepEqual(othersOf("Bash", JSON.stringify({ command: long })), [
    JSON.stringify({ command: long.slice(6) }),
    JSON.stringify({ command: long.slice(6) }),
  ]);
});
