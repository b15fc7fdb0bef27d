// A start file with our lines put in and taken out: the person's bytes are the same, whatever they are.

import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { blockBegin, blockEnd, pathBlock } from "./shell.ts";
import { appendBlock, findBlock, foresee, objectToWriting, takeBlock } from "./start-file.ts";

const base = mkdtempSync(join(tmpdir(), "postern-start-file-"));
after(() => rmSync(base, { recursive: true }));
const file = join(base, "rc");
const block = pathBlock("bash", "/home/ann/ü/shims", "/home/ann");
const uid = process.getuid?.() ?? -1;

function append() {
  const how = foresee(file);
  appendBlock(file, block, how);
  return how;
}

test("any bytes: appended at a line of its own, taken out to the very bytes, the same file all along", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom("", "\n", "\\\n"), (bytes, end) => {
      const before = Buffer.concat([bytes, Buffer.from(end)]);
      writeFileSync(file, before);
      chmodSync(file, 0o640);
      const { ino } = statSync(file);
      const how = append();
      const text = readFileSync(file);
      assert.ok(text.subarray(0, before.length).equals(before));
      assert.match(text.subarray(before.length).toString(), /^\n?# >>> postern/);
      assert.equal(how.joined, before.length > 0 && before.at(-1) !== 10);
      assert.equal(findBlock(file, block), "present");
      assert.ok(takeBlock(file, block, how));
      assert.ok(readFileSync(file).equals(before));
      assert.deepEqual([statSync(file).ino, statSync(file).mode & 0o777], [ino, 0o640]);
    }),
    { numRuns: 200 },
  );
});

test("lines written behind ours stay, on lines of their own", () => {
  writeFileSync(file, "first", { mode: 0o600 });
  chmodSync(file, 0o604);
  const how = append();
  appendFileSync(file, "last");
  assert.ok(takeBlock(file, block, how));
  assert.equal(readFileSync(file, "utf8"), "first\nlast");
  assert.equal(statSync(file).mode & 0o777, 0o604);
});

test("a file that was not there is gone again; one that others wrote to since is not", () => {
  rmSync(file, { force: true });
  const how = append();
  assert.ok(how.created);
  assert.ok(takeBlock(file, block, how));
  assert.equal(existsSync(file), false);
  append();
  appendFileSync(file, "mine\n");
  assert.ok(takeBlock(file, block, how));
  assert.equal(readFileSync(file, "utf8"), "mine\n");
});

test("a link is followed and stays one, a second name of the file keeps seeing it", () => {
  const [real, other, link] = [join(base, "dotfiles"), join(base, "other"), join(base, "link")];
  writeFileSync(real, "x\n");
  linkSync(real, other);
  symlinkSync(real, link);
  const how = foresee(link);
  appendBlock(link, block, how);
  assert.ok(readFileSync(other, "utf8").endsWith(block));
  assert.ok(takeBlock(link, block, how));
  assert.equal(readFileSync(other, "utf8"), "x\n");
  assert.ok(lstatSync(link).isSymbolicLink());
});

test("lines changed by hand are told from ours and left", () => {
  const changed = block.replace("*)", "* )");
  for (const text of [changed, `${blockBegin}\n`, `x\n${blockEnd}\n`, `echo ${block}`]) {
    writeFileSync(file, text);
    assert.equal(findBlock(file, block), "changed", text);
    assert.equal(takeBlock(file, block, { created: false, joined: false }), false);
    assert.equal(readFileSync(file, "utf8"), text);
  }
  writeFileSync(file, "plain\n");
  assert.equal(findBlock(file, block), "absent");
});

test("what is nobody's to write is said", () => {
  writeFileSync(file, "x");
  assert.equal(objectToWriting(file, uid), undefined);
  assert.equal(objectToWriting(join(base, "none"), uid), undefined);
  assert.match(objectToWriting(file, uid + 1) ?? "", /somebody else/);
  assert.match(objectToWriting(base, uid) ?? "", /no file/);
  chmodSync(file, 0o400);
  assert.match(objectToWriting(file, uid) ?? "", /write-protected/);
  symlinkSync(join(base, "nowhere"), join(base, "dangling"));
  assert.match(objectToWriting(join(base, "dangling"), uid) ?? "", /link to nothing/);
});
