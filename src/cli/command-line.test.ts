// What a person is shown is what a shell would run: bash itself reads it back.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { writeCommandLine } from "./command-line.ts";

/** The words bash makes of a line, given back with their ends. */
function read(lines: readonly string[]): string[][] {
  const script = lines.map((line) => `printf '%s\\0' ${line}; printf '\\1\\0'`).join("\n");
  const said = execFileSync("bash", ["--norc", "-c", script], { env: { LC_ALL: "C.UTF-8" }, maxBuffer: 2 ** 26 });
  const words = said.toString().split("\0").slice(0, -1);
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word === "\u0001") commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.slice(0, -1);
}

test("plain words stand as they are, others are quoted", () => {
  assert.equal(writeCommandLine(["git", "push", "origin", "main"]), "git push origin main");
  assert.equal(writeCommandLine(["git", "commit", "-m", "it's done", ""]), `git commit -m 'it'\\''s done' ''`);
  assert.equal(
    writeCommandLine(["rm", "a\nb", "\u001b[2K", "\u202egpj.exe"]),
    "rm $'a\\nb' $'\\x1b[2K' $'\\u202egpj.exe'",
  );
  assert.equal(writeCommandLine(["p\u0430ypal", "😀", "\\x0a"]), "$'p\\u0430ypal' $'\\U0001f600' '\\x0a'");
});

test("bash reads the same words, whatever they are, and sees printable ASCII alone", () => {
  const word = fc.oneof(fc.string({ unit: "binary" }), fc.string()).map((text) => text.replaceAll(/[\0\u0001]/g, ""));
  const commands = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(commands, (given) => {
      const lines = given.map(writeCommandLine);
      for (const line of lines) assert.match(line, /^[ -~]*$/);
      assert.deepEqual(read(lines), given);
    }),
    { numRuns: 10 },
  );
});
