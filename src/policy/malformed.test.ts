import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { files, read, readAsIs } from "./rehearsal.ts";

const vectors = new URL("../../vectors/policy/malformed/", import.meta.url);
interface Expected {
  readonly layer: "user" | "repository";
  readonly valid: boolean;
  readonly faults: readonly { line: number; column: number; says: string; hint: string }[];
}
const expected = JSON.parse(readFileSync(new URL("expected.json", vectors), "utf8")) as Record<string, Expected>;

void test("every malformed policy has its expectation", () => {
  const there = readdirSync(vectors)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.replace(".yaml", ""));
  assert.deepEqual(there.sort(), Object.keys(expected).sort());
  assert.ok(there.length >= 30);
});

for (const [name, { layer, valid, faults }] of Object.entries(expected)) {
  void test(`malformed: ${name}`, async () => {
    await read({});
    writeFileSync(files[layer], readFileSync(new URL(`${name}.yaml`, vectors)));
    const outcome = await readAsIs();
    assert.equal(outcome.ok, valid);
    const told = outcome.ok ? [...outcome.policy.requested, ...outcome.policy.voided] : outcome.faults;
    assert.deepEqual(
      told.map(({ line, column, message }) => ({ line, column, says: message })),
      faults.map(({ line, column, says }) => ({ line, column, says })),
    );
    for (const [index, { hint, example, file, excerpt }] of told.entries()) {
      assert.ok(
        hint.startsWith(faults[index]?.hint ?? "?") && example !== "" && file === files[layer] && excerpt !== "",
      );
    }
  });
}
