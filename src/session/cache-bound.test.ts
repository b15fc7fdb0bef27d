import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Bound, boundCaches, markUsed } from "./cache-bound.ts";

const day = 86_400_000;
const start = new Date("2026-03-01T00:00:00Z");
const later = (days: number): Date => new Date(start.getTime() + days * day);
const bound: Bound = { bytes: 2500, entries: 1000, every: day };

class Caches implements Disposable {
  readonly base = mkdtempSync(join(tmpdir(), "postern-caches-"));
  readonly place = join(this.base, "caches");

  constructor(sizes: Readonly<Record<string, number>>) {
    for (const [index, [name, size]] of Object.entries(sizes).entries()) {
      mkdirSync(join(this.place, name, "deep/er"), { recursive: true });
      writeFileSync(join(this.place, name, "deep/er/file"), "x".repeat(size));
      markUsed(join(this.place, name), later(-index));
    }
  }

  bound(days: number, alone: () => boolean = () => true, other: Partial<Bound> = {}): string[] {
    return boundCaches(this.place, later(days), alone, { ...bound, ...other });
  }

  names(): readonly string[] {
    return readdirSync(this.place).filter((name) => !name.startsWith("."));
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

test("within the bound nothing goes; beyond it, whole caches, those used longest ago first, until the rest is within", () => {
  using caches = new Caches({ npm: 1000, pip: 1000, "go-mod": 1000, cargo: 400 });
  assert.deepEqual(caches.bound(0, undefined, { bytes: 3400 }), []);
  assert.deepEqual(caches.bound(2), ["cargo", "go-mod"]);
  assert.deepEqual(caches.names(), ["npm", "pip"]);
});

test("once a day, and only where no other session runs, also not one that begins meanwhile", () => {
  using caches = new Caches({ npm: 2000, pip: 2000 });
  assert.deepEqual(
    caches.bound(0, () => false),
    [],
  );
  const answers = [true, false];
  assert.deepEqual(
    caches.bound(0, () => answers.shift() ?? false),
    [],
  );
  assert.deepEqual(caches.bound(0.5), [], "looked at a moment ago");
  assert.deepEqual(caches.names(), ["npm", "pip"]);
  assert.deepEqual(caches.bound(1.5), ["pip"]);
});

test("more entries than are counted is too much; what is unwritable goes; links are not followed", () => {
  using caches = new Caches({ npm: 10, "go-mod": 10 });
  const canary = join(caches.base, "canary");
  mkdirSync(canary);
  writeFileSync(join(canary, "file"), "x".repeat(5000));
  symlinkSync(canary, join(caches.place, "npm/link"));
  assert.deepEqual(caches.bound(0), []);
  symlinkSync(canary, join(caches.place, "go-mod/link"));
  chmodSync(join(caches.place, "go-mod/deep/er"), 0o500);
  for (const [index, name] of ["npm", "go-mod"].entries()) markUsed(join(caches.place, name), later(-index));
  assert.deepEqual(caches.bound(2, undefined, { entries: 3 }), ["go-mod", "npm"]);
  assert.ok(existsSync(join(canary, "file")));
});

test("no caches, and what an interrupted look left", () => {
  using caches = new Caches({ npm: 10 });
  assert.deepEqual(
    boundCaches(join(caches.base, "none"), start, () => true),
    [],
  );
  mkdirSync(join(caches.place, ".going-pip/x"), { recursive: true });
  assert.deepEqual(caches.bound(0), []);
  assert.deepEqual(readdirSync(caches.place), [".looked", "npm"]);
});
