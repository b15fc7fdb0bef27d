// Ignored directories are copied while another session may still work in the checkout: a directory that gives way to a link in the
// middle leads the copy nowhere, neither to read the person's files nor to write among them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { UndoPoint } from "../undo-point.ts";
import { bringIgnored, type Ignored } from "./ignored.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-ignored-"));

  constructor() {
    for (const path of ["checkout", "tree", "person"]) mkdirSync(this.at(path));
  }

  at(path: string): string {
    return join(this.root, path);
  }

  put(path: string, content: string | Buffer): void {
    mkdirSync(join(this.at(path), ".."), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  bring(...ignored: readonly string[]): Promise<Ignored> {
    const point: Pick<UndoPoint, "ignored"> = { ignored };
    return bringIgnored(this.at("checkout"), this.at("tree"), point);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Another process: once something is there, a link stands in the directory's place. */
const swapper = `
const { existsSync, renameSync, symlinkSync } = require("node:fs");
const [seen, place, target] = process.argv.slice(1);
console.log("ready");
const deadline = Date.now() + 60_000;
while (!existsSync(seen) && Date.now() < deadline);
renameSync(place, place + ".away");
symlinkSync(target, place);
`;

test("what is read is the directory that was entered, whatever stands there by then", async () => {
  using bench = new Bench();
  const names = Array.from({ length: 40 }, (_, at) => `z${at}`);
  // large enough that the other process has its turn while one of them is copied
  for (const name of ["a", "b", "c"]) bench.put(`checkout/deps/sub/${name}`, Buffer.alloc(48 * 1024 * 1024, name));
  for (const name of names) bench.put(`checkout/deps/sub/${name}`, "the tool's");
  for (const name of names) bench.put(`person/${name}`, "the person's");
  const words = ["tree/deps/sub", "checkout/deps/sub", "person"].map((path) => bench.at(path));
  const child = spawn(process.execPath, ["-e", swapper, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const ended = once(child, "close");
  await bench.bring("deps/");
  assert.deepEqual(await ended, [0, null]);
  const said = readdirSync(bench.at("tree/deps/sub"))
    .filter((name) => name.startsWith("z"))
    .map((name) => readFileSync(bench.at(`tree/deps/sub/${name}`), "utf8"));
  assert.deepEqual([...new Set(said)], ["the tool's"]);
});

test("what is written stays in the copy, also where a link stands on the way in it", async () => {
  using bench = new Bench();
  bench.put("checkout/x/deps/evil", "the tool's");
  bench.put("checkout/y/deps/evil", "the tool's");
  for (const name of ["x", "y"]) symlinkSync(bench.at("person"), bench.at(`tree/${name}`));
  mkdirSync(bench.at("person/deps"));
  const { missed } = await bench.bring("x/deps/", "y/deps/");
  assert.deepEqual(readdirSync(bench.at("person/deps")), []);
  assert.equal(missed.length, 2);
});

test("what cannot be copied is told, and the rest comes", async () => {
  using bench = new Bench();
  for (const name of ["a", `b/${"d/".repeat(110)}deep`, "c"]) bench.put(`checkout/deps/${name}`, name);
  symlinkSync("../../elsewhere", bench.at("checkout/deps/link"));
  chmodSync(bench.at("checkout/deps/a"), 0o4750);
  utimesSync(bench.at("checkout/deps"), 1_000_000_000, 1_000_000_000);
  const { copied, missed } = await bench.bring("deps/");
  assert.deepEqual(
    copied.map(({ path }) => path),
    ["deps"],
  );
  assert.match(missed.join(), /^deps\/b\/d\/.*: directories nested too deep$/);
  assert.equal(readFileSync(bench.at("tree/deps/c"), "utf8"), "c");
  assert.equal(readlinkSync(bench.at("tree/deps/link")), "../../elsewhere");
  assert.equal(statSync(bench.at("tree/deps/a")).mode & 0o7777, 0o750);
  // a package manager trusts what it has noted only where no directory is younger
  assert.equal(statSync(bench.at("tree/deps")).mtimeMs, 1_000_000_000_000);
});
