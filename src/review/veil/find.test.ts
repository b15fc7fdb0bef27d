// What is meant, found by real paths: by links, by other names, by ways through links; and what cannot be found is said.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Fault } from "../../domain/fault.ts";
import { veilOf } from "../../policy/veil.ts";
import { limits } from "../limits.ts";
import { committedIn } from "./committed.ts";
import type { Concealed } from "./concealed.ts";
import { findConcealed } from "./find.ts";

interface Ground extends Disposable {
  readonly root: string;
  readonly state: string;
  readonly find: (hide: readonly string[], mask?: readonly string[]) => Concealed;
  /** From the root. */
  readonly hidden: (hide: readonly string[], mask?: readonly string[]) => readonly string[];
}

function lay(files: Readonly<Record<string, string>>): Ground {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-veil-")));
  const root = join(base, "work");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const find: Ground["find"] = (hide, mask = []) => {
    const found = findConcealed([root], veilOf({ hide, mask }));
    if (found instanceof Fault) throw found;
    return found;
  };
  return {
    root,
    state: join(base, "state"),
    find,
    hidden: (hide, mask) =>
      find(hide, mask)
        .hidden.map(({ path }) => path.slice(root.length + 1))
        .sort(),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

test("files by name anywhere, directories whole, git's own never", () => {
  using ground = lay({
    "a.pem": "x",
    "b/c.PEM": "x",
    "secrets/k": "x",
    "b/secrets/k": "x",
    ".git/x.pem": "x",
    "d/e": "x",
  });
  assert.deepEqual(ground.hidden(["*.pem", "secrets/**"]), ["a.pem", "b/c.PEM", "secrets"]);
  assert.deepEqual(ground.hidden(["**"]), ["a.pem", "b", "d", "secrets"]);
  assert.deepEqual(ground.hidden([]), []);
});

test("what is masked is shown anew; what cannot be read to its end is hidden, and so is a large one", () => {
  using ground = lay({ ".env": "A=1\n", "a/.env": "no format", "b/.env": `A=${"x".repeat(limits.maskedBytes)}\n` });
  const found = ground.find([], [".env"]);
  assert.deepEqual(
    found.masked.map(({ path, text }) => [path, text]),
    [[join(ground.root, ".env"), "A=0\n"]],
  );
  assert.deepEqual(found.whole.toSorted(), [join(ground.root, "a/.env"), join(ground.root, "b/.env")]);
  assert.deepEqual(ground.hidden([], [".env"]), ["a/.env", "b/.env"]);
  assert.deepEqual(ground.hidden([".env"], [".env"]), [".env", "a/.env", "b/.env"]);
});

test("a link that is meant means what it leads to, in the checkout and beyond", () => {
  using ground = lay({ "store/real": "A=1\n", "src/a": "x" });
  const outside = join(dirname(ground.root), "outside");
  writeFileSync(outside, "x");
  symlinkSync("../store/real", join(ground.root, "src/key.pem"));
  symlinkSync(outside, join(ground.root, "far.pem"));
  symlinkSync("nowhere", join(ground.root, "gone.pem"));
  assert.deepEqual(
    ground
      .find(["*.pem"])
      .hidden.map(({ path }) => path)
      .toSorted(),
    [outside, join(ground.root, "store/real")].toSorted(),
  );
});

test("a link in a directory that is hidden whole means what it leads to in these trees", () => {
  using ground = lay({
    "secrets/below/own": "x",
    "vault/prod": "x",
    "vault/other": "x",
    "store/all/k": "x",
    "pub/x": "x",
  });
  const outside = join(dirname(ground.root), "outside");
  writeFileSync(outside, "x");
  const links = [
    ["../vault/prod", "secrets/key"],
    ["../../store/all", "secrets/below/all"],
    ["own", "secrets/below/same"],
    ["..", "secrets/up"],
    ["nowhere", "secrets/gone"],
    [outside, "secrets/far"],
    ["../vault/other", "pub/other"],
  ] as const;
  for (const [to, at] of links) symlinkSync(to, join(ground.root, at));
  assert.deepEqual(ground.hidden(["secrets/**"]), ["secrets", "store/all", "vault/prod"]);
});

test("a glob with a place in it also means what a link leads there", () => {
  using ground = lay({ "shared/settings/prod": "x", "shared/other": "x" });
  symlinkSync("shared/settings", join(ground.root, "config"));
  assert.deepEqual(ground.hidden(["config/prod"]), ["shared/settings/prod"]);
  assert.deepEqual(ground.hidden(["config/**"]), ["shared/settings"]);
  symlinkSync(".", join(ground.root, "here"));
  symlinkSync("../here/here", join(ground.root, "shared/round"));
  assert.deepEqual(ground.hidden(["here/config/prod"]), ["shared/settings/prod"], "over two links");
  assert.deepEqual(ground.hidden(["here/*/*/prod"]), ["shared/settings/prod"]);
  assert.deepEqual(ground.hidden(["shared/round/shared/round/config/prod"]), ["shared/settings/prod"], "round about");
  assert.deepEqual(ground.hidden(["here/**/other"]), ["shared/other"]);
});

test("every other name of a hidden file is hidden, of a masked one masked", () => {
  using ground = lay({ "secrets/below/k": "x", "a.pem": "y", ".env": "A=1\n", "pub/x": "x" });
  linkSync(join(ground.root, "secrets/below/k"), join(ground.root, "pub/second"));
  linkSync(join(ground.root, "a.pem"), join(ground.root, "pub/third"));
  linkSync(join(ground.root, ".env"), join(ground.root, "pub/fourth"));
  assert.deepEqual(ground.hidden(["secrets/**", "*.pem"]), ["a.pem", "pub/second", "pub/third", "secrets"]);
  assert.deepEqual(
    ground.find([], [".env"]).masked.map(({ path, text }) => [path.slice(ground.root.length + 1), text]),
    [
      [".env", "A=0\n"],
      ["pub/fourth", "A=0\n"],
    ],
  );
});

test("another name of a hidden file in what else is shown is hidden, the tenth too", () => {
  using ground = lay({ "secrets/k": "x", "secrets/l": "y" });
  const beside = join(dirname(ground.root), "beside");
  mkdirSync(beside);
  const names = Array.from({ length: 10 }, (_, at) => join(beside, `${at}`));
  for (const name of names) linkSync(join(ground.root, "secrets/k"), name);
  linkSync(join(ground.root, "secrets/l"), join(ground.root, "secrets/m"));
  const found = findConcealed([ground.root], veilOf({ hide: ["secrets/**", "secrets/l"], mask: [] }), [beside]);
  assert.ok(!(found instanceof Fault));
  assert.deepEqual(
    found.hidden.map(({ path }) => path).toSorted(),
    [...names, join(ground.root, "secrets")].toSorted(),
  );
});

const refusals: readonly (readonly [string, (root: string) => void, RegExp])[] = [
  [
    "a link to the checkout itself",
    (root) => symlinkSync(".", join(root, "x.pem")),
    /x\.pem is a link to .*in which everything lies/,
  ],
  [
    "another name among git's own files",
    (root) => {
      mkdirSync(join(root, ".git"));
      linkSync(join(root, "a.pem"), join(root, ".git/x"));
    },
    /another name of .*a\.pem, among git's own files/,
  ],
  [
    "a file whose name is no UTF-8",
    (root) => writeFileSync(Buffer.from([...Buffer.from(`${root}/b`), 0xff, ...Buffer.from(".pem")]), "x"),
    /is no UTF-8/,
  ],
  [
    "a directory whose name is no UTF-8, with whatever lies in it",
    (root) => mkdirSync(Buffer.from([...Buffer.from(`${root}/d`), 0xff])),
    /is no UTF-8/,
  ],
  [
    "more than can be covered one by one",
    (root) => {
      for (let at = 0; at <= limits.veiled; at += 1) writeFileSync(join(root, `${at}.pem`), "");
    },
    /more than \d+ files/,
  ],
];
for (const [what, prepare, why] of refusals)
  test(`refused, closed: ${what}`, () => {
    using ground = lay({ "a.pem": "x" });
    prepare(ground.root);
    assert.throws(() => ground.find(["*.pem"]), why);
  });

test("a directory of the person's own that cannot be listed is a reason to refuse", () => {
  using ground = lay({ "shut/a.pem": "x" });
  const [shut, base] = [join(ground.root, "shut"), dirname(ground.root)];
  // root lists everything
  const mighty = process.geteuid?.() === 0;
  if (mighty) for (const path of [base, ground.root, shut]) chownSync(path, 12_345, 12_345);
  chmodSync(shut, 0o300);
  if (mighty) process.seteuid?.(12_345);
  try {
    assert.throws(() => ground.find(["*.pem"]), /cannot be listed/);
  } finally {
    if (mighty) process.seteuid?.(0);
    chmodSync(shut, 0o700);
  }
});

test("what git has all the same: tracked, or kept with the same content", async () => {
  using ground = lay({ "secrets/tracked": "one", "secrets/kept": "two", "secrets/never": "three", "a.txt": "x" });
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", ground.root, "-c", "user.name=a", "-c", "user.email=a@example.org", ...words], {
      env: { PATH: process.env["PATH"], HOME: ground.root },
    });
  git("init", "-q");
  git("add", "secrets/tracked", "secrets/kept", "a.txt");
  git("commit", "-q", "-m", "first");
  git("rm", "-q", "--cached", "secrets/kept");
  git("commit", "-q", "-m", "second");
  const found = await committedIn(ground.state, ground.root, ground.find(["secrets/**"]));
  assert.deepEqual(found.toSorted(), ["secrets/kept", "secrets/tracked"]);
});
