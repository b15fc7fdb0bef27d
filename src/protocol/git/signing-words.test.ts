// Which words ask for a signature for git: those git itself uses, and no others.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSignatureForGit } from "./signing-words.ts";

const ssh = ["-Y", "sign", "-n", "git", "-f", "/tmp/key", "/tmp/buffer"];
const gpg = ["--status-fd=2", "-bsau", "0123456789ABCDEF"];

test("as git writes them", () => {
  assert.equal(isSignatureForGit("ssh", ssh), true);
  assert.equal(isSignatureForGit("ssh", [...ssh.slice(0, 6), "-U", "/tmp/buffer"]), true);
  for (const format of ["openpgp", "x509"] as const) assert.equal(isSignatureForGit(format, gpg), true);
});

test("nothing else: another namespace, another program's words, more of them, fewer, none", () => {
  for (const words of [gpg, ssh.with(3, "file"), ssh.slice(0, 5), [...ssh, "a", "b"], []])
    assert.equal(isSignatureForGit("ssh", words), false, words.join(" "));
  for (const words of [ssh, [...gpg, "--clearsign"], gpg.slice(0, 2), gpg.slice(1), gpg.with(1, "--clearsign"), []])
    assert.equal(isSignatureForGit("openpgp", words), false, words.join(" "));
});

test("whatever words: no throw, and what is taken begins as git begins", () => {
  const word = fc.oneof(fc.constantFrom(...ssh, ...gpg), fc.string());
  fc.assert(
    fc.property(fc.constantFrom("ssh", "openpgp", "x509"), fc.array(word, { maxLength: 9 }), (format, words) => {
      if (!isSignatureForGit(format, words)) return;
      assert.deepEqual(words.slice(0, 2), (format === "ssh" ? ssh : gpg).slice(0, 2));
      assert.ok(words.length > 2 && words.length <= 8);
    }),
  );
});
