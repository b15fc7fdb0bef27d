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
  const files = { hide: ["*.pem", "late/**"], mask: [".env"], rules: {} };
  const told: string[] = [];
  const asked: string[] = [];
  const late = openLate({
    root: "/w",
    view: {
      of: (path, directory) => veilOf(files).of(path.slice("/w/".length), directory),
      leads: () => false,
      lies: (path) => path.startsWith("/w/away/"),
      hidden: [],
      masked: [
        { path: "/w/.env", glob: ".env", text: "" },
        { path: "/w/store/real", glob: ".env", text: "" },
      ],
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
  const came = (path: string, is: "file" | "directory" = "file"): void => {
    late.came(path, { entry: entryOf(is), seen: "now" });
  };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  return { late, came, asked, told, settled };
}

void test("what was hidden at the start waits for nobody", async () => {
  const it = open(() => new Promise((resolve) => setImmediate(resolve, "now")));
  for (let at = 0; at < 3_000; at += 1) it.came(`f/${at}.pem`);
  it.came(".env");
  it.came("away/x.pem");
  while (it.asked.length < 2_001) await it.settled();
  await it.settled();
  assert.deepEqual(it.asked.slice(0, 2), ["/w/f/0.pem", "/w/.env"]);
  assert.ok(!it.asked.includes("/w/away/x.pem"));
  assert.match(it.late.finish()[0] ?? "", /^1000 files .* were shown/);
});

void test("what is covered already is no news; what cannot be covered is told, and so is what nobody watches", async () => {
  const answers: Record<string, Covered> = { "/w/a.pem": "before", "/w/b.pem": "now", "/w/c.pem": "failed" };
  const it = open((path) => Promise.resolve(answers[path] ?? "failed"));
  for (const path of ["a.pem", "b.pem", "c.pem"]) it.came(path);
  await it.settled();
  assert.deepEqual(it.told, ["refuse b.pem", "shown c.pem"]);
  assert.equal(it.late.finish().length, 1);
  it.late.unwatched();
  assert.match(it.late.finish()[1] ?? "", /not every directory could be watched/);
});

void test("a name counts once however often it comes, and waits once", async () => {
  const it = open(() => new Promise((resolve) => setImmediate(resolve, "now")));
  for (let turn = 0; turn < 3_000; turn += 1) it.came("a.pem");
  it.came("b.pem");
  await it.settled();
  assert.deepEqual(it.asked, ["/w/a.pem", "/w/a.pem", "/w/b.pem"]);
  assert.deepEqual(it.late.finish(), []);
});

void test("what had no turn when the session ends was shown, and is entered", async () => {
  const it = open(() => new Promise(() => undefined));
  for (const path of ["a.pem", "b.pem", ".env"]) it.came(path);
  assert.match(it.late.finish()[0] ?? "", /^3 files .* were shown/);
  assert.deepEqual(it.told, ["shown a.pem", "shown .env", "shown b.pem"]);
  it.late.missed();
  assert.match(it.late.finish()[1] ?? "", /than were told of/);
  assert.equal(it.told.length, 4);
  await it.settled();
});

void test("another look at everything covers a link it finds, once", async () => {
  const it = open(() => Promise.resolve("now"));
  const link = { isFile: () => false, isDirectory: () => false, isSymbolicLink: () => true };
  it.late.came("old.pem", { entry: link, seen: "start" });
  for (let turn = 0; turn < 2; turn += 1)
    for (const path of ["old.pem", "new.pem"]) it.late.came(path, { entry: link, seen: "again" });
  await it.settled();
  assert.deepEqual(it.asked, ["/w/new.pem"]);
});

void test("what was meant at the start by another name than its own is covered again when another file takes its place", async () => {
  const it = open(() => Promise.resolve("now"));
  for (const path of ["store/other", "store/real"]) it.came(path);
  await it.settled();
  assert.deepEqual(it.asked, ["/w/store/real"]);
  assert.deepEqual(it.told, ["refuse store/real"]);
});

void test("what lies in a directory that was covered is not told as shown", async () => {
  const it = open((path) => Promise.resolve(path.endsWith("/k") ? "failed" : "now"));
  it.came("late", "directory");
  for (const path of ["late/k", "later.pem/k"]) it.came(path);
  await it.settled();
  assert.deepEqual(it.told, ["refuse late", "shown later.pem/k"]);
  assert.match(it.late.finish()[0] ?? "", /^1 files/);
});
