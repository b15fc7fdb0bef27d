// A policy of a hostile repository: never thrown at, never long at it, and each fault stands at a place that is in the file.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parsePolicy } from "../../../src/policy/document.ts";
import { maxExcerpt, maxFaults } from "../../../src/policy/limits.ts";
import { latin1, type Target } from "../target.ts";

const folder = fileURLToPath(new URL("../../../vectors/policy/", import.meta.url));
const malformed = readdirSync(`${folder}malformed`).filter((name) => name.endsWith(".yaml"));

function check(bytes: Buffer): string {
  const parsed = parsePolicy(bytes, "postern.yaml");
  if (parsed.ok) {
    assert.equal(parsed.policy.value.version, 1);
    assert.ok(!Object.hasOwn(parsed.policy.value, "__proto__"));
    const written = JSON.stringify(parsed.policy.value);
    const again = parsePolicy(Buffer.from(written), "postern.yaml");
    assert.ok(again.ok, "what it means, written plainly, is no policy");
    assert.equal(JSON.stringify(again.policy.value), written);
    return `policy ${Object.keys(parsed.policy.value).join()}`;
  }
  assert.ok(parsed.faults.length > 0 && parsed.faults.length <= maxFaults);
  const lines = bytes.toString("utf8").split(/\r\n|\r|\n/).length;
  for (const fault of parsed.faults) {
    assert.ok(fault.line >= 1 && fault.line <= lines + 1 && fault.column >= 1, `${fault.line}:${fault.column}`);
    assert.ok((fault.excerpt ?? "").length <= maxExcerpt + 8);
    // the terminal of whoever reads it is not the repository's to write to
    assert.doesNotMatch(
      `${fault.message}${fault.hint}${fault.excerpt}${fault.key}`,
      /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/,
    );
  }
  return parsed.faults
    .slice(0, 2)
    .map(({ message }) => message.replaceAll(/"[^"]*"|\d+/g, "").slice(0, 60))
    .join();
}

export const target: Target = {
  seeds: [
    latin1("version: 1\n"),
    latin1(
      'version: 1\nmode: enforce\nnetwork:\n  allow:\n    - host: "*.example.org"\n      ports: [443]\n      paths: ["/v1/**"]\n      purpose: inference\n',
    ),
    latin1("version: 1\nfiles:\n  write: [.]\n  hide: [.env]\ncommands:\n  deny: [[git, push]]\n"),
    latin1(
      'version: 1\nlabels: { restricted: ["src/**", "*.pem"] }\nprotected: [{ path: ~/a, label: b }]\ntrusted-sources: { hosts: ["*.a.example"], files: ["vendor/**"] }\n',
    ),
    ...["whole.yaml", ...malformed.map((name) => `malformed/${name}`)]
      .map((name) => readFileSync(`${folder}${name}`))
      .filter(({ length }) => length < 4000),
  ],
  words: [
    "&a ",
    "*a",
    "!!str ",
    "? ",
    ": ",
    "- ",
    "<<: ",
    "---\n",
    "%YAML 1.2\n",
    "|\n  ",
    ">-\n  ",
    "{a: ",
    "[[[[[[[[",
    "'",
    '"\\x1b"',
    "__proto__: ",
    "version: 1\n",
    "network:\n",
    "  allow:\n",
    "    - host: ",
    "labels:\n",
    "trusted-sources:\n",
    "  files: ",
    "protected:\n",
    '["**/a/**"]',
    "\t",
    "\u00e2\u0080\u00ae",
    "\xef\xbb\xbf",
    "0x10",
    "1e999",
    "~",
  ],
  longest: 3000,
  run: check,
};
