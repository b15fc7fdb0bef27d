// Invariant 10: what the record says, an outsider can check with tools that are not ours. Here with Python's library and
// openssl, written from the record's page alone. Needs both.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Stage } from "./stage.ts";

const python = "/usr/bin/python3";
const script = new URL("outsider.py", import.meta.url).pathname;
const lacking = !existsSync(python) || spawnSync("openssl", ["version"]).status !== 0;

function check(record: string): { readonly code: number | null; readonly says: string } {
  const files = [join(record, "record.db"), join(record, "log.vkey")];
  const { status, stdout, stderr } = spawnSync(python, [script, ...files], { encoding: "utf8" });
  return { code: status, says: (stdout + stderr).trim() };
}

const attacks: readonly [what: string, sql: string, says: RegExp][] = [
  [
    "an entry is changed",
    "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'full', 'fool') AS BLOB) WHERE position = 1",
    /signed over others/,
  ],
  ["an entry is gone", "DELETE FROM entry WHERE position = 1", /gap/],
  ["the end is cut off", "DELETE FROM entry WHERE position >= 2", /signed over others/],
  ["a head is gone", "DELETE FROM head WHERE size = (SELECT max(size) FROM head)", /under no head/],
  [
    "a signature is another's",
    "UPDATE head SET note = (SELECT substr(head.note, 1, instr(head.note, '— ') - 1) || substr(other.note, instr(other.note, '— ')) FROM head AS other ORDER BY size LIMIT 1) WHERE size = (SELECT max(size) FROM head)",
    /signature .* does not hold/,
  ],
];

test("real boundary: an outsider finds the record whole, and finds what was changed (needs python3 and openssl)", {
  skip: lacking ? "no python3 or no openssl here" : false,
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  for (const _ of [1, 2]) assert.equal((await stage.run(["true"])).code, 0);
  const record = join(stage.state, "record");
  const { size, heads } = JSON.parse((await stage.call(["verify", "--json"])).output);
  assert.deepEqual(check(record), { code: 0, says: `${size} entries, ${heads} heads` });
  assert.ok(size >= 4 && heads >= 2);
  const copy = join(stage.base, "copy");
  for (const [what, sql, says] of attacks) {
    cpSync(record, copy, { recursive: true });
    const database = new DatabaseSync(join(copy, "record.db"));
    database.exec(sql);
    database.close();
    const told = check(copy);
    assert.equal(told.code, 1, `${what}: ${told.says}`);
    assert.match(told.says, says, what);
    rmSync(copy, { recursive: true });
  }
});
