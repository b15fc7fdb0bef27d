import assert from "node:assert/strict";
import { test } from "node:test";
import type { Execution } from "../domain/execution.ts";
import { Secret } from "../domain/secret.ts";
import { seekKnown } from "../inspection/known.ts";
import { conceal } from "./concealed.ts";

const value = "sk-real-0123456789abcdef0123456789";
const seek = seekKnown([
  {
    id: "vendor",
    secret: new Secret(value),
    placeholder: "sk-held-0000000000000000",
  },
]);
const execution: Execution = {
  pid: 7,
  parent: { pid: 1, executable: "/usr/bin/bash" },
  executable: "/usr/bin/curl",
  named: "curl",
  sha256: undefined,
  interpreters: [],
  arguments: ["curl", "-d", "fine"],
  whole: true,
  directory: "/work",
};

test("a real credential in any word, plainly or encoded, is told as a note; nothing else is changed", () => {
  assert.deepEqual(conceal(execution, seek), { execution, held: false });
  const encoded = Buffer.from(`a${value}`).toString("base64");
  for (const word of [value, `x=${value}`, encoded, "sk-held-0000000000000000"]) {
    const real = word !== "sk-held-0000000000000000";
    const told = real ? "[holds a credential]" : word;
    const asked = conceal({ ...execution, arguments: ["curl", word] }, seek);
    assert.deepEqual(asked, { execution: { ...execution, arguments: ["curl", told] }, held: real });
  }
  const elsewhere = conceal({ ...execution, directory: `/tmp/${value}`, named: `./${value}` }, seek);
  assert.doesNotMatch(JSON.stringify(elsewhere), new RegExp(value));
});
