import assert from "node:assert/strict";
import { test } from "node:test";
import { enforcedKeys, unenforcedIn } from "./enforced.ts";
import { dotted } from "./fault.ts";
import { jsonSchema } from "./schema.ts";

const keys = (value: unknown) => unenforcedIn(value).map(dotted);

void test("the topmost key that nothing enforces is named", () => {
  assert.deepEqual(keys({ version: 1, mode: "audit", edits: "live", files: { write: ["."] } }), []);
  assert.deepEqual(keys({ edits: "staged", limits: { edits: "staged", mode: "audit" } }), []);
  assert.deepEqual(keys({ files: { hide: [], write: [] }, rules: [], mcp: {} }), ["rules", "mcp"]);
  assert.deepEqual(keys({ network: { allow: [{ host: "a" }, { registry: "cargo", unheard: [] }] } }), [
    "network.allow[1].unheard",
  ]);
  assert.deepEqual(keys({ credentials: { a: { from: { keyring: "x" }, to: {} } }, anything: 1 }), [
    "credentials.a.from.keyring",
    "anything",
  ]);
});

void test("every line of the table is a key of the schema", () => {
  for (const line of enforcedKeys) {
    const steps = line.split(".");
    let node: unknown = jsonSchema();
    for (const step of steps) {
      const at = (key: string): unknown =>
        typeof node === "object" && node !== null ? Reflect.get(node, key) : undefined;
      const properties = at("properties");
      const named: unknown =
        typeof properties === "object" && properties !== null ? Reflect.get(properties, step) : undefined;
      node = step === "*" ? (at("items") ?? at("additionalProperties")) : named;
    }
    assert.ok(typeof node === "object" && node !== null, line);
  }
});
