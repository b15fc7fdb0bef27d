// Regular files are carried both ways, whole and in order, and the tool never holds one.

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { breakGround } from "../ground.ts";
import { plan } from "../trial.ts";

const base = mkdtempSync(join(tmpdir(), "postern-files-"));
after(() => rmSync(base, { recursive: true }));

async function runWith(script: string, streams: { input: number; output: number; errors: number }): Promise<number> {
  await using ground = breakGround(streams);
  await using walls = await ground.enter(plan());
  return (await walls.run(["/bin/bash", "-c", script])).code;
}

test("real boundary: files as input and output are read and written, and cannot be reached through a descriptor", async () => {
  const [input, output] = [join(base, "input"), join(base, "output")];
  const text = Array.from({ length: 50_000 }, (_, line) => `${line}\n`).join("");
  writeFileSync(input, text, { mode: 0o600 });
  writeFileSync(output, "before\n");
  const streams = { input: openSync(input, "r"), output: openSync(output, "a"), errors: openSync(output, "a") };
  const attack =
    "python3 -c 'import os; os.fchmod(0, 0o777)'; echo evil >/proc/self/fd/0; chmod 777 /proc/self/fd/0; : >/proc/self/fd/1";
  const code = await runWith(`cat; { ${attack}; } 2>/dev/null; echo end >&2; exit 7`, streams);
  for (const descriptor of Object.values(streams)) closeSync(descriptor);
  assert.equal(code, 7);
  assert.equal(readFileSync(input, "utf8"), text);
  assert.equal(statSync(input).mode & 0o777, 0o600);
  assert.equal(readFileSync(output, "utf8"), `before\n${text}end\n`);
});

test("real boundary: a tool that does not read its input ends all the same", async () => {
  const input = join(base, "long");
  writeFileSync(input, Buffer.alloc(4_000_000, "x"));
  const nothing = openSync("/dev/null", "r+");
  const streams = { input: openSync(input, "r"), output: nothing, errors: nothing };
  assert.equal(await runWith("exit 3", streams), 3);
  for (const descriptor of new Set(Object.values(streams))) closeSync(descriptor);
});
