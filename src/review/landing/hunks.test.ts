import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { applyHunks, type Hunk, parseDifferences, reversed } from "./hunks.ts";

class Desk implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "postern-hunks-"));

  diff(before: string, after: string): readonly Hunk[] {
    writeFileSync(join(this.directory, "before"), Buffer.from(before, "latin1"));
    writeFileSync(join(this.directory, "after"), Buffer.from(after, "latin1"));
    const words = ["diff", "--no-index", "--no-color", "--text", "before", "after"];
    let output = "";
    try {
      execFileSync("git", words, { cwd: this.directory, encoding: "latin1", stdio: "pipe" });
    } catch (error) {
      output = String(error instanceof Error && "stdout" in error ? error.stdout : "");
    }
    const numbered = output.replace(/^diff --git .*/, "diff --git a/0 b/0");
    const found = parseDifferences(numbered).get(0);
    return found?.kind === "hunks" ? found.hunks : [];
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

const line = fc.constantFrom(
  "a",
  "b",
  "",
  "@@ -1,2 +3,4 @@",
  "diff --git a/0 b/0",
  "\\ No newline",
  "-x",
  "+y",
  "\xff\x1b[31m",
);
const content = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
  .map(([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""));

test("all hunks give the new content, none the old, each direction", () => {
  using desk = new Desk();
  fc.assert(
    fc.property(content, content, (before, after) => {
      const hunks = desk.diff(before, after);
      assert.equal(applyHunks(before, hunks), after);
      assert.equal(applyHunks(before, []), before);
      assert.equal(applyHunks(after, reversed(hunks)), before);
    }),
    { numRuns: 150 },
  );
});

test("one hunk after the other comes to the same as both at once", () => {
  using desk = new Desk();
  const before = Array.from({ length: 60 }, (_, at) => `line ${at}\n`).join("");
  const after = before.replace("line 5\n", "five\nand more\n").replace("line 30\n", "").replace("line 58\n", "x\n");
  const hunks = desk.diff(before, after);
  assert.equal(hunks.length, 3);
  const [first, second, third] = hunks;
  assert.ok(first && second && third);
  const middle = applyHunks(before, [second]);
  assert.equal(middle, before.replace("line 30\n", ""));
  assert.equal(applyHunks(before, [third, first, second]), after);
  const rest = desk.diff(middle ?? "", after);
  assert.equal(applyHunks(middle ?? "", rest), after);
});

test("a hunk that does not fit is refused", () => {
  using desk = new Desk();
  const hunks = desk.diff("a\nb\nc\n", "a\nx\nc\n");
  assert.equal(applyHunks("a\nother\nc\n", hunks), undefined);
});
