// A link to where no walk comes: what lies there would be a step away from a person, and nobody has looked at it.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { sweep } from "./sweep.ts";

async function putAway(plant: (checkout: string) => void): Promise<readonly (readonly [string, string])[]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postern-deep-")));
  const own = process.cwd();
  try {
    const checkout = join(root, "checkout");
    mkdirSync(checkout);
    const before = findControlFiles(checkout);
    process.chdir(checkout);
    plant(checkout);
    const { quarantined, failed } = await sweep(before, join(root, "quarantine"));
    assert.deepEqual(failed, []);
    return quarantined.map(({ path, pattern }) => [path, pattern]);
  } finally {
    process.chdir(own);
    rmSync(root, { recursive: true });
  }
}

const below = (name: string, depth: number): string => Array.from({ length: depth }, () => name).join("/");

/** One at a time, for all of it may be more than a path can say. */
function descend(name: string, depth: number): void {
  for (let at = 0; at < depth; at += 1) {
    mkdirSync(name);
    process.chdir(name);
  }
}

const long = "n".repeat(250);

for (const [what, plant, wanted] of [
  [
    "a hundred names deep",
    () => {
      mkdirSync(below("d", 100), { recursive: true });
      symlinkSync(below("d", 100), "link");
    },
    [],
  ],
  [
    "one more",
    () => {
      mkdirSync(below("d", 101), { recursive: true });
      symlinkSync(below("d", 101), "link");
    },
    ["link"],
  ],
  [
    "few names, but long ones",
    () => {
      mkdirSync(below(long, 14), { recursive: true });
      symlinkSync(below(long, 14), "link");
    },
    ["link"],
  ],
  [
    "by way of another link, past the longest path",
    (checkout: string) => {
      descend(long, 20);
      process.chdir(checkout);
      symlinkSync(below(long, 10), "half");
      symlinkSync(`half/${below(long, 10)}`, "link");
    },
    ["link"],
  ],
] as const)
  test(`a link to a directory of the checkout: ${what}`, async () => {
    assert.deepEqual(
      await putAway(plant),
      wanted.map((path) => [path, "<deep>/… (links)"]),
    );
  });
