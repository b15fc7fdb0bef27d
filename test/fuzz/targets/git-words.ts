// The desk: frames, the words git starts ssh with, and the objects it wants signed. Nothing that could be an option or a shell's
// word comes through, and what is signed is what was shown.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { readFrames } from "../../../src/gateway/desk/frames.ts";
import { parseSigned } from "../../../src/protocol/git/object.ts";
import { parseSshRequest } from "../../../src/protocol/git/ssh-request.ts";
import { latin1, pieces, type Target } from "../target.ts";

async function frames(bytes: Buffer, size: number): Promise<string[]> {
  const told: string[] = [];
  for await (const frame of readFrames(Readable.from(pieces(bytes, size), { objectMode: false })))
    told.push(`${frame.kind} ${frame.bytes.toString("hex")}`);
  return told;
}

function checkWords(text: string): string {
  const [version = "", ...words] = text.split("\0");
  const asked = parseSshRequest(words, version);
  if (typeof asked === "string") return asked;
  const { host, user = "", repository, version: spoken = "" } = asked;
  for (const word of [host, user, repository, spoken]) {
    assert.match(word, /^[A-Za-z0-9._~/+@=,:%-]*$/);
    assert.ok(!word.startsWith("-"), `an option: ${word}`);
  }
  return `${asked.service} ${asked.operation} ${asked.port === undefined}`;
}

function checkObject(bytes: Buffer): string {
  const signed = parseSigned(bytes);
  if (typeof signed === "string") return signed;
  assert.ok(latin1(signed.text).equals(bytes), "another text is signed than was given");
  const [head = ""] = signed.text.split("\n\n", 1);
  assert.match(head, signed.kind === "commit" ? /^tree [0-9a-f]+\n/ : /^object [0-9a-f]+\ntype /);
  assert.doesNotMatch(head, /^gpgsig/m);
  return signed.kind;
}

async function check(bytes: Buffer): Promise<string> {
  const rest = bytes.subarray(1);
  switch ((bytes[0] ?? 0) % 3) {
    case 0: {
      const whole = await frames(rest, rest.length + 1);
      assert.deepEqual(await frames(rest, 2), whole);
      return `frames ${Math.min(4, whole.length)}`;
    }
    case 1:
      return checkWords(rest.toString("latin1"));
    default:
      return checkObject(rest);
  }
}

const tree = `tree ${"a".repeat(40)}\n`;
const person = "A B <a@b.example> 1700000000 +0100\n";
export const target: Target = {
  seeds: [
    latin1("\0\x01\0\0\0\x02{}\x02\0\0\0\x03abc\x03\0\0\0\0"),
    latin1("\x01version=2\0-o\0SendEnv=GIT_PROTOCOL\0-p\x002222\0git@a.example\0git-upload-pack 'team/one.git'"),
    latin1("\x01\0a.example\0git-receive-pack '~a/b'"),
    latin1("\x01\0git@a.example\0git-lfs-authenticate team/one.git upload"),
    latin1(
      `\x02${tree}parent ${"b".repeat(40)}\nauthor ${person}committer ${person}mergetag object a\n b\n\nsubject\n\ntext`,
    ),
    latin1(`\x02object ${"c".repeat(64)}\ntype commit\ntag v1\ntagger ${person}\nsubject`),
  ],
  words: [
    "-oProxyCommand=x",
    "--",
    "'",
    "\0-4",
    "git-lfs-authenticate ",
    " download",
    "version=1",
    "gpgsig a\n b\n",
    "encoding utf-8\n",
    person,
    `parent ${"b".repeat(40)}\n`,
    "mergetag x\n",
    "$(id)",
    "\n\n",
  ],
  run: check,
};
