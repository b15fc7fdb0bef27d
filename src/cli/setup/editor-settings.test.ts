// The setting goes into what a person wrote, as VS Code reads it, and comes out again to the byte; what is not understood stays.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import {
  findSettings,
  insertSetting,
  isInserted,
  planInsertion,
  takeSetting,
  wrapperSetting,
} from "./editor-settings.ts";

const base = mkdtempSync(join(tmpdir(), "postern-editor-"));
after(() => rmSync(base, { recursive: true }));
const file = join(base, "settings.json");
const uid = process.getuid?.() ?? 0;
const wrapper = '/home/ann/with "quotes" and ü/postern-run';

/** As VS Code reads it. */
const parse = (text: string): Record<string, unknown> =>
  JSON.parse(
    text
      .replace(/^\ufeff/, "")
      .replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "$1")
      .replaceAll(/,(\s*\})/g, "$1"),
  );

const written = [
  "{}",
  "{ }\n",
  '{"a":1}',
  '// mine {\n/* { */ {\n\t// a\n\t"a": "{ // no comment", // b\n}\n',
  '\ufeff{\r\n  "a": [1, 2], "b": {"c": 1,},\r\n}\r\n',
  "{ // nothing yet\n}",
  "",
];

test("put in, read by an editor, and taken out to the byte, mode included", () => {
  for (const text of written) {
    writeFileSync(file, text);
    chmodSync(file, 0o640);
    const insertion = planInsertion(file, wrapper, uid);
    assert.ok(typeof insertion !== "string", text);
    insertSetting(file, insertion);
    assert.deepEqual(parse(readFileSync(file, "utf8")), {
      ...(text === "" ? {} : parse(text)),
      [wrapperSetting]: wrapper,
    });
    assert.ok(isInserted(file, insertion));
    assert.equal(planInsertion(file, wrapper, uid), `it says something about ${wrapperSetting} already`);
    assert.equal(takeSetting(file, insertion), "removed");
    assert.equal(readFileSync(file, "utf8"), text);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal(takeSetting(file, insertion), "gone");
  }
});

test("no file: made, and gone again, unless somebody wrote more into it", () => {
  rmSync(file, { force: true });
  const insertion = planInsertion(file, wrapper, uid);
  assert.ok(typeof insertion !== "string");
  insertSetting(file, insertion);
  assert.deepEqual(parse(readFileSync(file, "utf8")), { [wrapperSetting]: wrapper });
  assert.equal(takeSetting(file, insertion), "removed");
  assert.equal(statSync(file, { throwIfNoEntry: false }), undefined);
});

test("what is not ours or not understood stays", () => {
  for (const text of [`{ "${wrapperSetting}": "mine" }`, "[]", "// only {", "/* { */", "x{}"]) {
    writeFileSync(file, text);
    assert.equal(typeof planInsertion(file, wrapper, uid), "string", text);
  }
  writeFileSync(file, "{}");
  assert.equal(planInsertion(file, wrapper, uid + 1), "it belongs to somebody else");
  const insertion = planInsertion(file, wrapper, uid);
  assert.ok(typeof insertion !== "string");
  insertSetting(file, insertion);
  const changed = readFileSync(file, "utf8").replace("postern-run", "mine");
  writeFileSync(file, changed);
  assert.equal(takeSetting(file, insertion), "changed");
  assert.equal(readFileSync(file, "utf8"), changed);
});

test("hostile files: whatever they are, they come back as they were", () => {
  const piece = fc.constantFrom("{", "}", '"', "//", "/*", "*/", "\n", ",", "a", "\\", "\ufeff", "\xff");
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => Buffer.from(pieces.join(""), "latin1")),
      (text) => {
        writeFileSync(file, text);
        const insertion = planInsertion(file, wrapper, uid);
        if (typeof insertion === "string") return;
        insertSetting(file, insertion);
        assert.equal(takeSetting(file, insertion), "removed");
        assert.ok(readFileSync(file).equals(text));
      },
    ),
    { numRuns: 300 },
  );
});

test("where editors are: those that were started here", () => {
  for (const path of [
    "c/Code/User",
    ".config/Cursor/User",
    ".local/share/code-server/User",
    ".vscode-server/data/Machine",
  ])
    mkdirSync(join(base, path), { recursive: true });
  assert.deepEqual(findSettings(base, {}), [
    join(base, ".config/Cursor/User/settings.json"),
    join(base, ".local/share/code-server/User/settings.json"),
    join(base, ".vscode-server/data/Machine/settings.json"),
  ]);
  assert.equal(findSettings(base, { XDG_CONFIG_HOME: join(base, "c") })[0], join(base, "c/Code/User/settings.json"));
});
