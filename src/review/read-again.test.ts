// A workspace is captured while a tool still works in it: a name that became a link in the middle brings nothing of the person's
// into the store, and a file that only changed is there as it is.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import { findControlFiles } from "./control-files.ts";
import { runGit } from "./git.ts";
import { keepBlob } from "./keep-blob.ts";
import { makeStore, type ObjectStore, placeOf } from "./object-store.ts";
import { readAgain } from "./read-again.ts";
import { capture } from "./undo-point.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-again-"));
  readonly store: ObjectStore;

  constructor() {
    for (const path of ["work/d", "person", "state"]) mkdirSync(join(this.root, path), { recursive: true });
    const store = makeStore(join(this.root, "state"), join(this.root, "work"));
    this.store = store instanceof Fault ? assert.fail(store.message) : store;
  }

  put(path: string, content: string | Buffer): string {
    writeFileSync(join(this.root, path), content);
    return join(this.root, path);
  }

  async git(...words: readonly string[]): Promise<string> {
    const said = await runGit({ place: placeOf(this.store), arguments: words });
    return said instanceof Fault ? assert.fail(said.message) : said.toString();
  }

  /** As git would have put it in, had it read something else under that name. */
  async index(path: string, content: string): Promise<void> {
    const object = await keepBlob(this.store, Buffer.from(content));
    await this.git("update-index", "--add", "--cacheinfo", `100644,${String(object)},${path}`);
  }

  async contents(): Promise<Record<string, string>> {
    const paths = (await this.git("ls-files", "-z")).split("\0").filter((path) => path !== "");
    const said = await Promise.all(paths.map((path) => this.git("cat-file", "-p", `:${path}`)));
    return Object.fromEntries(paths.map((path, at) => [path, (said[at] ?? "").slice(0, 40)]));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Another process: once git has begun to write, a link stands in the directory's place. */
const swapper = `
const { readdirSync, renameSync, symlinkSync } = require("node:fs");
const [objects, place, target] = process.argv.slice(1);
console.log("ready");
const deadline = Date.now() + 60_000;
const begun = () => readdirSync(objects, { recursive: true }).some((name) => name.includes("tmp_"));
while (!begun() && Date.now() < deadline);
renameSync(place, place + ".away");
symlinkSync(target, place);
`;

test("nothing of where a link leads is captured, though git had the directory for one", async () => {
  using bench = new Bench();
  // git looks at a directory once for files that follow each other, and this one keeps it busy
  bench.put("work/d/a", randomBytes(60 * 1024 * 1024));
  bench.put("work/d/z", "the tool's");
  bench.put("person/z", "the person's");
  const words = [`${bench.store.directory}/objects`, join(bench.root, "work/d"), join(bench.root, "person")];
  const child = spawn(process.execPath, ["-e", swapper, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const ended = once(child, "close");
  const point = await capture(bench.store, { found: findControlFiles(bench.store.workspace) });
  assert.deepEqual(await ended, [0, null]);
  if (point instanceof Fault) assert.fail(point.message);
  assert.ok(point.uncaptured.some(({ path }) => path === "d/z"));
  assert.deepEqual(
    Object.values(await bench.contents()).filter((said) => said.startsWith("the person's")),
    [],
  );
});

test("what was touched is read by us: kept as it is, let go where a link leads there", async () => {
  using bench = new Bench();
  const began = Date.now();
  bench.put("work/changed", "the tool's");
  bench.put("work/same", "as it is");
  symlinkSync("elsewhere", join(bench.root, "work/link"));
  symlinkSync(join(bench.root, "person"), join(bench.root, "work/away"));
  bench.put("person/file", "the person's");
  for (const path of ["changed", "link", "away/file"]) await bench.index(path, "the person's");
  await bench.index("same", "as it is");
  assert.deepEqual(await readAgain(bench.store, ["changed", "same", "link", "away/file"], began), ["away/file"]);
  assert.deepEqual(await bench.contents(), { changed: "the tool's", link: "elsewhere", same: "as it is" });
});

test("what nobody touched since is not read again, whatever its own times say", async () => {
  using bench = new Bench();
  utimesSync(bench.put("work/d/old", "the tool's"), 2_000_000_000, 2_000_000_000);
  await bench.index("d/old", "as it was read");
  await readAgain(bench.store, ["d/old"], Date.now() + 10_000);
  assert.deepEqual(await bench.contents(), { "d/old": "as it was read" });
  await readAgain(bench.store, ["d/old"], Date.now() - 10_000);
  assert.deepEqual(await bench.contents(), { "d/old": "the tool's" });
});
