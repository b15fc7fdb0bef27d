import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { contentHeads, type DigestTable, type Hashed, openDigests } from "./digests.ts";
import { madeFile } from "./made-source.ts";

const hash = (algorithm: string, octets: Uint8Array | string): Buffer => createHash(algorithm).update(octets).digest();
type File = Omit<Hashed, "heads"> & { readonly octets: Uint8Array };
const putIn = (some: DigestTable, file: File): void => some.put({ ...file, heads: contentHeads(file.octets) });
const hashed = (seed: number): File => {
  const { path, label, octets } = madeFile(seed, 10);
  return { path, label, octets, absolute: `/home/dev/project/${path}`, relative: path };
};
const files = [1, 2, 3].map(hashed);
const table = openDigests();
for (const file of files) putIn(table, file);
table.putRepository("Git.corp.example/Team/Project", "restricted");
const [one] = files;
assert.ok(one !== undefined);

const blob = Buffer.concat([Buffer.from(`blob ${one.octets.length}\0`), one.octets]);
const sought: readonly [kind: string, algorithm: string, digest: Buffer, file: string][] = [
  ["content", "sha256", hash("sha256", one.octets), one.path],
  ["content", "sha1", hash("sha1", one.octets), one.path],
  ["content", "md5", hash("md5", one.octets), one.path],
  ["content", "git blob", hash("sha1", blob), one.path],
  ["content", "git blob", hash("sha256", blob), one.path],
  ["absolute path", "sha256", hash("sha256", one.absolute), one.path],
  ["relative path", "sha256", hash("sha256", one.relative), one.path],
  ["repository", "sha256", hash("sha256", "git.corp.example/team/project"), "Git.corp.example/Team/Project"],
  ["repository", "sha256", hash("sha256", "Git.corp.example/Team/Project"), "Git.corp.example/Team/Project"],
];
for (const [kind, algorithm, digest, file] of sought)
  test(`found, as it is written and truncated: ${algorithm} of ${kind}`, () => {
    const hex = digest.toString("hex");
    const written = [hex, hex.toUpperCase(), hex.slice(0, 16), digest.toString("base64"), digest.toString("base64url")];
    for (const text of [...written, digest.toString("base64").slice(0, 11)])
      for (const around of ["", '{"contentHash":"', "sha256-", "deadbeef", "é/", "x".repeat(1000)]) {
        const found = table.find(`${around}${text}"}`).filter((each) => each.kind === kind && each.file === file);
        assert.equal(found.length, 1, `${around.slice(0, 20)}${text}`);
        assert.equal(found[0]?.algorithm, algorithm);
        assert.equal(found[0]?.at, around.length);
        assert.equal(found[0]?.encoding, /^[0-9a-f]{16,}$/i.test(text) ? "hex" : "base64");
      }
  });

test("missed: fewer than sixteen digits, and a digest with something before it hashed along", () => {
  const hex = hash("sha256", one.octets).toString("hex");
  for (const text of [hex.slice(0, 15), hex.slice(1, 40), hash("sha256", `salt${one.absolute}`).toString("hex")])
    assert.deepEqual(table.find(text), []);
});

test("as a tool that reads text has it: without CR, without a byte order mark", () => {
  const some = openDigests();
  const text = "const a = 1;\nconst b = 2;\n";
  putIn(some, { ...one, octets: Buffer.from(`\ufeff${text.replaceAll("\n", "\r\n")}`) });
  for (const read of [`\ufeff${text.replaceAll("\n", "\r\n")}`, text.replaceAll("\n", "\r\n"), text])
    assert.equal(some.find(hash("sha256", read).toString("hex"))[0]?.kind, "content");
});

test("removed and replaced: the old is gone, another file of the same content stays", () => {
  const some = openDigests();
  putIn(some, one);
  putIn(some, { ...one, path: "copy.ts", relative: "copy.ts", absolute: "/copy.ts" });
  const digest = hash("sha256", one.octets).toString("hex");
  const paths = () => some.find(digest).map(({ file }) => file);
  assert.deepEqual(paths(), ["copy.ts", one.path]);
  some.remove("copy.ts");
  assert.deepEqual(paths(), [one.path]);
  putIn(some, { ...one, octets: Buffer.from("something else altogether") });
  assert.deepEqual(paths(), []);
  some.remove(one.path);
  assert.deepEqual(some.find(sought.map(([, , each]) => each.toString("hex")).join(" ")), []);
});

test("an empty file has everybody's digest, and is not sought", () => {
  const some = openDigests();
  putIn(some, { ...one, octets: Buffer.alloc(0) });
  assert.deepEqual(some.find(hash("sha256", "").toString("hex")), []);
});

test("any text: nothing is thrown; digests anywhere among digits and letters are found", () => {
  const noise = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCXYZ+/-_ é\n") });
  fc.assert(
    fc.property(noise, noise, fc.constantFrom(...sought), (before, after, [kind, , digest, file]) => {
      for (const encoding of ["hex", "base64"] as const) {
        const found = table.find(`${before}${digest.toString(encoding)}${after}`);
        assert.ok(found.some((each) => each.kind === kind && each.file === file));
      }
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void table.find(text)));
  assert.deepEqual(table.find("0123456789abcdef".repeat(200_000)), []);
});
