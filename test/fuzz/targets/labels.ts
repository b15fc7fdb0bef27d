// What a policy's globs of files call a path, and which hosts it trusts: what is taken for a glob or a host means what a regular expression or a
// plain comparison says, whichever letters are capitals; git's own files are never meant.

import assert from "node:assert/strict";
import { parseHost } from "../../../src/domain/brand.ts";
import { checkViewGlob } from "../../../src/policy/glob.ts";
import { coversHost, parseHostPattern } from "../../../src/policy/host-pattern.ts";
import { labellingOf } from "../../../src/policy/labels.ts";
import { latin1, type Target } from "../target.ts";

const isAscii = (text: string): boolean => /^[ -~]+$/.test(text);

/** The meaning of a glob over files, without any thought of what it costs. */
function means(glob: string, path: string): boolean {
  const named = glob
    .toLowerCase()
    .replace(/^(?:\.\/+)+/, "")
    .replace(/\/+$/, "");
  const everything = /(?:^|\/)\*\*$/.test(named);
  const plain = named.replace(/(?:\/\*\*)+$/, "");
  const isPlaced = named.includes("/") || glob.startsWith("./");
  const expression = new RegExp(`^${isPlaced ? "" : "(?:.*/)?"}${expressionOf(plain)}$`, "s");
  const names = path.toLowerCase().split("/");
  return names.some((_, at) => {
    const isLast = at === names.length - 1;
    // what ends in `/**` means what is in a directory
    if (isLast && everything && plain !== "**") return false;
    return expression.test(names.slice(0, at + 1).join("/"));
  });
}

function expressionOf(glob: string): string {
  return glob
    .split(/((?<=^|\/)\*\*\/|\*\*|\*)/)
    .map((token) => {
      if (token === "**/") return "(?:.*/)?";
      if (token === "**") return ".*";
      return token === "*" ? "[^/]*" : token.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    })
    .join("");
}

function checkLabels(text: string): string {
  const [path = "", ...all] = text.split("\n");
  const globs = all.filter((glob) => glob !== "" && checkViewGlob(glob) === undefined).slice(0, 8);
  if (globs.length === 0) return "no glob";
  const rules = globs.map((glob, at) => ({ rule: `user:labels.l${at}`, label: `l${at}`, globs: [glob] }));
  const found = labellingOf(rules)(path).map(({ label }) => label);
  const isGits = path.split("/").some((name) => /^(?:\.git|git~1)$/i.test(name));
  if (isGits) assert.deepEqual(found, [], "git's own");
  else if (isAscii(path) && path.length < 60)
    for (const [at, glob] of globs.entries())
      if (isAscii(glob) && glob.length < 30)
        assert.equal(found.includes(`l${at}`), means(glob, path), `${glob} and ${path}`);
  return `labels ${isGits} ${globs.length} ${found.length}`;
}

function checkHosts(text: string): string {
  const [pattern = "", name = ""] = text.split("\n", 2);
  const host = parseHost(name);
  const parsed = parseHostPattern(pattern);
  if (host === undefined || !parsed.ok) return `hosts ${parsed.ok}`;
  const covered = coversHost(parsed.pattern, host);
  const plain = pattern.toLowerCase().replace(/\.$/, "");
  if (plain.startsWith("*.")) assert.equal(covered, host.endsWith(plain.slice(1)) && host.length > plain.length - 1);
  else if (!plain.includes(":") && !/^[\d.]+$/.test(plain)) assert.equal(covered, host === plain);
  return `hosts ${parsed.pattern.kind} ${covered}`;
}

export const target: Target = {
  seeds: [
    latin1("\0src/pricing/a.ts\nsrc/pricing/**\n*.ts\nsrc\n./src/*\n**/a.*"),
    latin1("\0a/.git/config\n**\nconfig"),
    latin1("\0Deep/Key.PEM\n*.pem\ndeep/\nd*/k*"),
    latin1("\0a/b/c/d\na/**/d\na/**/c/**\n**/b/**\nb/c"),
    latin1("\x01*.docs.example\na.docs.example"),
    latin1("\x01docs.example\nDocs.Example."),
  ],
  words: ["/**", "**/", "*", "./", "/", ".git", "git~1", "\n", "src", "*.", "a", ".", "xn--", "example"],
  longest: 200,
  run: (bytes) => {
    const text = bytes.toString("utf8", 1);
    return (bytes[0] ?? 0) % 2 === 0 ? checkLabels(text) : checkHosts(text);
  },
};
