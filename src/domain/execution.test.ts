// Which commands a prefix covers: the table of docs/spec/policy.md.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { beginsWith } from "./execution.ts";

const git = { named: "/usr/bin/git", executable: "/usr/bin/git", arguments: ["git", "push", "origin", "main"] };

const cases: readonly [string, readonly string[], object, boolean][] = [
  ["the name", ["git"], {}, true],
  ["the name and its first arguments", ["git", "push"], {}, true],
  ["all of it", ["git", "push", "origin", "main"], {}, true],
  ["more than there is", ["git", "push", "origin", "main", "x"], {}, false],
  ["another argument", ["git", "pull"], {}, false],
  ["the same words in other places", ["git", "origin"], {}, false],
  ["no part of a word", ["git", "pus"], {}, false],
  ["an option in between", ["git", "push"], { arguments: ["git", "-C", "x", "push"] }, false],
  ["the whole path", ["/usr/bin/git", "push"], {}, true],
  ["another path", ["/opt/git", "push"], {}, false],
  ["the file behind a link", ["git"], { named: "/tmp/x" }, true],
  ["the link itself", ["x"], { named: "/tmp/x" }, true],
  ["the path of the file behind a link", ["/usr/bin/git"], { named: "/tmp/x" }, true],
  ["a name it is told it has", ["git"], { named: "/tmp/x", executable: "/tmp/x" }, true],
  ["its real name, whatever it is told", ["git"], { arguments: ["harmless", "push"] }, true],
  ["a relative path by its last part", ["git"], { named: "../bin/git", executable: "/opt/copy" }, true],
  [
    "a copy under another name and told another",
    ["git"],
    { named: "/tmp/x", executable: "/tmp/x", arguments: ["x"] },
    false,
  ],
  ["no arguments at all", ["git"], { arguments: [] }, true],
  ["a script's interpreter", ["perl"], { interpreters: [{ executable: "/usr/bin/perl" }] }, true],
  ["the link it is named by", ["sh"], { interpreters: [{ executable: "/usr/bin/dash", named: "/bin/sh" }] }, true],
  [
    "the file that link leads to",
    ["dash"],
    { interpreters: [{ executable: "/usr/bin/dash", named: "/bin/sh" }] },
    true,
  ],
  ["its whole path", ["/usr/bin/perl"], { interpreters: [{ executable: "/usr/bin/perl" }] }, true],
  ["the script for its argument", ["perl", "/usr/bin/git"], { interpreters: [{ executable: "/usr/bin/perl" }] }, true],
  ["the script's arguments for its own", ["perl", "push"], { interpreters: [{ executable: "/usr/bin/perl" }] }, false],
];

for (const [what, prefix, change, covered] of cases)
  test(`${what}: ${covered ? "covered" : "not covered"}`, () =>
    assert.equal(beginsWith(prefix, { ...git, ...change }), covered));

test("a longer prefix never covers more", () => {
  const word = fc.constantFrom("git", "push", "origin", "/usr/bin/git", "");
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), word, fc.array(word), (prefix, more, words) => {
      const command = { ...git, arguments: words };
      if (beginsWith([...prefix, more], command)) assert.ok(beginsWith(prefix, command));
    }),
  );
});
