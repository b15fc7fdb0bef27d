// Invariant 5 and the rest of the door law: holds the sources to it, and proves by planted violations that the law would notice.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { exceptions, inspectRooms, outside, rooms, type Source } from "./rooms.ts";

const root = new URL("..", import.meta.url).pathname;
const sources: Source[] = globSync("src/**/*.ts", { cwd: root })
  .filter((path) => !path.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(`${root}/${path}`, "utf8") }));

test("every source keeps the door law", () => {
  const { violations, imports } = inspectRooms(sources);
  assert.ok(
    sources.length > 20 && imports > 20,
    `only ${sources.length} files and ${imports} imports were read; the check itself is broken`,
  );
  assert.deepEqual(violations, []);
});

const planted: readonly [string, string, string, RegExp][] = [
  [
    "a room that may not be seen",
    "src/ledger/x.ts",
    'import { a } from "../gateway/gateway.ts";',
    /looks into gateway: the record must be verifiable/,
  ],
  [
    "a type import counts too",
    "src/boundary/linux/x.ts",
    'import type { A } from "../../policy/policy.ts";',
    /looks into policy/,
  ],
  ["a re-export counts too", "src/domain/x.ts", 'export * from "../ledger/verify.ts";', /looks into ledger/],
  ["a side-effect import counts too", "src/gateway/x.ts", 'import "../decision/judge.ts";', /looks into decision/],
  ["many lines", "src/policy/x.ts", 'import {\n  a,\n  b,\n} from "../session/run.ts";', /looks into session/],
  ["out of the house", "src/domain/x.ts", 'import { a } from "../../test/rooms.ts";', /looks into outside src/],
  ["network where judging is done", "src/decision/x.ts", 'import net from "node:net";', /uses the network/],
  ["network without the prefix", "src/inspection/x.ts", 'import tls from "tls";', /uses the network/],
  ["type import of the network", "src/session/x.ts", 'import type { Socket } from "node:net";', /uses the network/],
  ["files where judging is done", "src/inspection/x.ts", 'import { readFileSync } from "node:fs";', /uses files/],
  ["file promises", "src/protocol/x.ts", 'import { readFile } from "node:fs/promises";', /uses files/],
  ["programs", "src/gateway/x.ts", 'import { spawn } from "node:child_process";', /uses processes/],
  ["environment", "src/session/x.ts", "const a = process.env.HOME;", /uses the terminal and environment/],
  ["exit", "src/ledger/x.ts", "process.exit(1);", /uses the terminal and environment/],
  [
    "environment through the module",
    "src/policy/x.ts",
    'import { env } from "node:process";',
    /uses the terminal and environment/,
  ],
  ["environment in brackets", "src/session/x.ts", 'const a = process["env"];', /uses the terminal and environment/],
  ["environment taken apart", "src/session/x.ts", "const { env } = process;", /uses the terminal and environment/],
  ["network without an import", "src/decision/x.ts", 'void fetch("https://a.example");', /uses the network/],
  ["network by a socket of the web", "src/session/x.ts", 'new WebSocket("wss://a.example");', /uses the network/],
  ["files by way of a database", "src/protocol/x.ts", 'import { DatabaseSync } from "node:sqlite";', /uses files/],
  [
    "a package where judging is done",
    "src/inspection/x.ts",
    'import got from "got";',
    /imports got: the rooms that judge/,
  ],
  ["a thread where judging is done", "src/decision/x.ts", 'import { Worker } from "node:worker_threads";', /are pure/],
  [
    "a builtin fetched by name",
    "src/decision/x.ts",
    'process.getBuiltinModule("fs");',
    /imports what cannot be read off/,
  ],
  ["code from text, by another name", "src/policy/x.ts", "const run = eval;", /uses code made at run time/],
  ["code from text", "src/policy/x.ts", "const f = new Function('a');", /uses code made at run time/],
  ["machine code", "src/inspection/source/x.ts", "const a = new WebAssembly.Module(octets);", /uses machine code/],
  ["native code", "src/gateway/x.ts", 'import koffi from "koffi";', /uses native code/],
  ["dynamic import of the network", "src/session/x.ts", 'const a = await import("node:net");', /uses the network/],
  [
    "dynamic import of another room",
    "src/gateway/x.ts",
    'const a = await import("../decision/judge.ts");',
    /looks into decision/,
  ],
  [
    "dynamic import of a computed name",
    "src/session/x.ts",
    "const a = await import(name);",
    /imports what cannot be read off/,
  ],
  ["require", "src/session/x.ts", 'const a = require("./a.js");', /imports what cannot be read off/],
  ["unknown room", "src/attic/x.ts", "const a = 1;", /stands in no known room/],
  ["empty name", "src/policy/match-utils.ts", "const a = 1;", /has a name that says nothing/],
  ["too long", "src/policy/x.ts", "\n".repeat(301), /longer than 300 lines/],
];

for (const [what, path, text, expected] of planted) {
  test(`a planted violation is red: ${what}`, () => {
    const { violations } = inspectRooms([{ path, text: `// Something.\n${text}` }]);
    assert.equal(violations.length >= 1 && violations.some((line) => expected.test(line)), true, violations.join("\n"));
  });
}

test("a file that does not say what it is for is red", () => {
  assert.match(
    inspectRooms([{ path: "src/policy/x.ts", text: "const a = 1;" }]).violations.join(),
    /does not open by saying/,
  );
});

test("every exception names a file that exists and still needs it", () => {
  for (const [path, exception] of Object.entries(exceptions)) {
    const source = sources.find((one) => one.path === path);
    assert.ok(source, `${path} is gone; take its exception out`);
    const law = outside.find((one) => exception.door.test(one.door));
    assert.ok(law?.finds.test(source.text), `${path} no longer needs its exception`);
  }
});

test("the architecture's table and this one name the same rooms", () => {
  const table = readFileSync(`${root}/ARCHITECTURE.md`, "utf8");
  for (const room of Object.keys(rooms))
    assert.match(table, new RegExp(`^\\| \`${room}/\` \\|`, "m"), `${room} is missing in ARCHITECTURE.md`);
});
