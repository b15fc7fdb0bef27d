// What comes by a hidden name is covered once, told once, and those that were hidden at the start before all others.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Covered } from "../boundary/contract.ts";
import { veilOf } from "../policy/veil.ts";
import { openLate } from "./late.ts";

const entryOf = (is: "file" | "directory") => ({
  isFile: () => is === "file",
  isDirectory: () => is === "directory",
  isSymbolicLink: () => false,
});

function open(answer: (path: string) => Promise<Covered>) {
  const files = { hide: ["*.pem"], mask: [".env"], rules: {} };
  const told: string[] = [];
  const asked: string[] = [];
  const late = openLate({
    root: "/w",
    view: {
      of: (path, directory) => veilOf(files).of(path.slice("/w/".length), directory),
      lies: (path) => path.startsWith("/w/away/"),
      hidden: [],
      masked: [{ path: "/w/.env", glob: ".env", text: "" }],
    },
    files,
    append: (entry) => {
      told.push(`${entry.verdict ?? "shown"} ${String(entry.sealed?.["path"])}`);
      return Promise.resolve({ index: 0, hash: "" } as never);
    },
    cover: (path) => {
      asked.push(path);
      return answer(path);
    },
  });
  const came = (path: string): void => late.came(path, { entry: entryOf("file"), fresh: true });
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  return { late, came, asked, told, settled };
}

void test("what was hidden at the start waits for nobody", async () => {
  const it = open(() => new Promise((resolve) => setImmediate(resolve, "now")));
  for (let at = 0; at < 3_000; at += 1) it.came(`f/${at}.pem`);
  it.came(".env");
  it.came("away/x.pem");
  await it.settled();
  assert.deepEqual(it.asked.slice(0, 2), ["/w/f/0.pem", "/w/.env"]);
  assert.ok(!it.asked.includes("/w/away/x.pem"));
  assert.match(it.late.warnings()[0] ?? "", /^1000 files .* were shown/);
});

void test("what is covered already is no news; what cannot be covered is told, and so is what nobody watches", async () => {
  const answers: Record<string, Covered> = { "/w/a.pem": "before", "/w/b.pem": "now", "/w/c.pem": "failed" };
  const it = open((path) => Promise.resolve(answers[path] ?? "failed"));
  for (const path of ["a.pem", "b.pem", "c.pem"]) it.came(path);
  await it.settled();
  assert.deepEqual(it.told, ["refuse b.pem", "shown c.pem"]);
  assert.equal(it.late.warnings().length, 1);
  it.late.unwatched();
  assert.match(it.late.warnings()[1] ?? "", /not every directory could be watched/);
});
