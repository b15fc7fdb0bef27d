// Masked content: keys and structure stay, and of what was a value nothing does, whatever the format.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify as stringifyToml } from "smol-toml";
import { stringify as stringifyYaml } from "yaml";
import { maskFile } from "./mask.ts";

const mask = (name: string, text: string): string | undefined => maskFile(name, Buffer.from(text));

const cases: readonly (readonly [name: string, text: string, masked: string | undefined])[] = [
  [
    ".env",
    "# a comment with hunter2\nA=hunter2\nexport B='x y' # why\nC=\nD=true\nPORT=3000\nE=\"one\ntwo # not a comment\nthree\"\n",
    "A=postern-masked-1\nexport B=postern-masked-2\nC=\nD=true\nPORT=0\nE=postern-masked-3\n",
  ],
  ["prod.env", "A=1\r\nB=2\r\n", "A=0\nB=0\n"],
  [".env.local", 'KEY="a\\"b"\n', "KEY=postern-masked-1\n"],
  [".env", "A=1\njust a line\n", undefined],
  [".env", 'A="never closed\nB=2\n', undefined],
  [".env", "c2VjcmV0c2VjcmV0Cg==\n", undefined],
  [".env", "MTIzNDU2abcdefGHIJ=\n", undefined],
  [".env", "TOKEN=abcdef\\\nghijkl=\n", undefined],
  [".env", "TOKEN=\\\ns3cretVALUE99xyzQ=1\n", undefined],
  [".env", 'TOKEN=part"one\ns3cretVALUE99xyzQ=1"\n', undefined],
  [".env", "TOKEN='part\\'\ns3cretVALUE99xyzQ=1'\n", undefined],
  [".env", "A=b\"c d\"e # it's why\nB='c\\d'\n", "A=postern-masked-1\nB=postern-masked-2\n"],
  [".env", "A=x\nJBSWY3DPEHPK3PXP7777777=\n", undefined],
  [".env", "A=JBSWY3DPEHPK3PXP\nB=1\nJBSWY3DPEHPK3PXP=2\n", undefined],
  ["a.json", '{"AKIAIOSFODNN7EXAMPLE":1,"t":["AKIAIOSFODNN7EXAMPLE"]}', undefined],
  ["a.yaml", "environment: production\nproduction: {a: 1}\n", "environment: postern-masked-1\nproduction:\n  a: 0\n"],
  ["a.conf", 'password = "part one\nparttwo=partthree"\n', undefined],
  ["a.conf", 'password = """\nparttwo=partthree"""\n', undefined],
  ["credentials", "a=b \\\n[a]\ne: f\n", undefined],
  ["credentials", "[a]\na=b\n", "[a]\na = postern-masked-1\n"],
  ["a.ini", "key = \"one\" ; why\nother = ''\n", "key = postern-masked-1\nother = \n"],
  [".envrc", "export A=secret\nsource_up\n", undefined],
  [
    "a.json",
    '{"user":"me","n":12345,"ok":true,"none":null,"list":["a",{"b":"c"}],"__proto__":"secret","empty":""}',
    '{\n  "user": "postern-masked-1",\n  "n": 0,\n  "ok": true,\n  "none": null,\n  "list": [\n    "postern-masked-2",\n    {\n      "b": "postern-masked-3"\n    }\n  ],\n  "__proto__": "postern-masked-4",\n  "empty": ""\n}\n',
  ],
  ["a.json", "{ // secret\n}", undefined],
  ["a.json", `${"[".repeat(5_000)}${"]".repeat(5_000)}`, undefined],
  [
    "a.yaml",
    "# secret\ndb:\n  password: hunter2 # secret\n  port: 5432\n  tls: true\n  key: |\n    line one\n    line two\nlist: [a, b]\n",
    "db:\n  password: postern-masked-1\n  port: 0\n  tls: true\n  key: postern-masked-2\nlist:\n  - postern-masked-3\n  - postern-masked-4\n",
  ],
  ["a.yml", "a: secret\n---\nb: secret\n", "---\na: postern-masked-1\n---\nb: postern-masked-2\n"],
  ["a.yaml", "a: &x secret\nb: *x\n", undefined],
  ["a.yaml", "a: !secret thing\n", undefined],
  ["a.yaml", "? [a, b]\n: c\n", undefined],
  ["a.yaml", "a: b\n  c: d\n", undefined],
  [
    "a.toml",
    '# secret\ntitle = "secret"\n[server]\nport = 8080\nopen = true\nsince = 1979-05-27T07:32:00Z\n',
    'title = "postern-masked-1"\n\n[server]\nport = 0\nopen = true\nsince = "postern-masked-2"\n',
  ],
  ["a.toml", "a = \n", undefined],
  [
    "a.ini",
    "; secret\n[default]\nkey = secret\n  and more of it\nregion=eu\n[profile x]\nuser: me\n",
    "[default]\nkey = postern-masked-1\nregion = postern-masked-2\n[profile x]\nuser: postern-masked-3\n",
  ],
  [
    "app.properties",
    "! secret\npassword=one \\\n  two\nurl: jdbc://secret\n",
    "password = postern-masked-1\nurl: postern-masked-2\n",
  ],
  ["app.properties", "password secret\n", undefined],
  [
    "credentials",
    "[default]\naws_secret_access_key = abcd/efgh\n",
    "[default]\naws_secret_access_key = postern-masked-1\n",
  ],
  ["credentials", '{"a": "secret"}', '{\n  "a": "postern-masked-1"\n}\n'],
  ["id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nabcd\n-----END OPENSSH PRIVATE KEY-----\n", undefined],
  ["notes.txt", "the password is hunter2\n", undefined],
  [".env", "", ""],
  [".env", "A=\u0000\n", undefined],
];

for (const [at, [name, text, masked]] of cases.entries())
  void test(`${name} is ${masked === undefined ? "not read to its end, so hidden" : "masked"} (${at})`, () => {
    assert.equal(mask(name, text), masked);
  });

void test("what is no text, or too long, is hidden", () => {
  assert.equal(maskFile("a.json", Buffer.from([0x22, 0xff, 0xfe, 0x22])), undefined);
  assert.equal(mask("a.json", JSON.stringify("x".repeat(300_000))), undefined);
  assert.equal(mask("a.json", JSON.stringify(Array.from({ length: 30_000 }, () => 1))), undefined);
});

/** Values that are no part of the word in their stead, nor of any key. */
const key = fc.stringMatching(/^k[0-9]{1,3}$/);
const secret = fc
  .string({ minLength: 4, maxLength: 40, unit: "grapheme" })
  .filter((text) => text.trim().length >= 4 && !/^(?:true|false|null|yes|off)$/i.test(text.trim()))
  .filter((text) => !"\npostern-masked-0123456789k".includes(text) && !/^[\d\s.k-]+$/.test(text));
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    secret,
    fc.integer({ min: 100_000, max: 2 ** 31 }),
    fc.boolean(),
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(key, tie("node"), { maxKeys: 4 }),
  ),
})).node;

function valuesIn(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(valuesIn) : [];
}

function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(keysIn)];
}

const holdsNone = (masked: string, values: readonly string[]): void => {
  for (const value of values) assert.ok(!masked.includes(value), `${JSON.stringify(value)} in ${masked}`);
};

void test("JSON, YAML and TOML: no value stays, every key does", () => {
  const writers: readonly (readonly [string, (value: object) => string])[] = [
    ["a.json", (value) => JSON.stringify(value)],
    ["a.yaml", (value) => `# ${valuesIn(value)[0]?.replaceAll(/[^ -~]/g, "") ?? ""}\n${stringifyYaml(value)}`],
    ["a.toml", (value) => stringifyToml(value)],
  ];
  fc.assert(
    fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5 }), (value) => {
      for (const [name, write] of writers) {
        const text = write(value);
        const masked = mask(name, text);
        if (masked === undefined) {
          assert.notEqual(name, "a.json", text);
          continue;
        }
        holdsNone(masked, valuesIn(value));
        for (const each of keysIn(value)) assert.ok(masked.includes(each), `${each} in ${masked}`);
      }
    }),
    { numRuns: 300 },
  );
});

void test("dotenv and INI: no value stays, every key does", () => {
  const line = fc.tuple(key, secret, fc.constantFrom("", '"', "'"), fc.constantFrom("", "export "));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), fc.boolean(), (lines, ini) => {
      const text = lines.map(([name, value, quote, start]) =>
        ini ? `${name} = ${value}` : `${start}${name}=${quote}${value}${quote}`,
      );
      const masked = mask(ini ? "a.ini" : ".env", `${text.join("\n")}\n`);
      if (masked === undefined) return;
      for (const [, value] of lines) holdsNone(masked, [value.trim()]);
    }),
    { numRuns: 1_000 },
  );
});

void test("whatever the bytes are: an answer, and of a long run of them nothing", () => {
  const name = fc.constantFrom("a.json", "a.yaml", "a.toml", "a.ini", ".env", "any", "a.properties");
  const token = fc.stringMatching(/^[A-Za-z0-9+/]{24}$/);
  const piece = fc.oneof(
    fc.constantFrom("=", ":", "\n", " ", '"', "'", "[", "]", "{", "}", "- ", "#", ",", "\\"),
    token,
  );
  fc.assert(
    fc.property(name, fc.array(piece, { maxLength: 12 }), token, (file, pieces, value) => {
      const masked = mask(file, `KEY=${value}\n${pieces.join("")}`);
      if (masked === undefined) return;
      assert.ok(!masked.includes(value), masked);
    }),
    { numRuns: 2_000 },
  );
});
