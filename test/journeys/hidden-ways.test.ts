// What is hidden by another name than its own, or where the tool has led its directory elsewhere, and is saved anew outside while
// the tool works: it is covered again. Judged by what the tool left in the checkout, a second after it was saved.

import assert from "node:assert/strict";
import { existsSync, linkSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Ran, Stage } from "./stage.ts";

const timeout = 60_000;
const rules = { hide: ["*.pem", "config/prod.key", "conf3/late.key", "secrets/**", "given/late.key"], mask: [".env"] };

interface Saved {
  readonly before: string;
  /** Paths the person saves by a rename, once the tool has begun. */
  readonly saved: readonly string[];
  /** The places where those then lie. */
  readonly places: readonly string[];
}

/** What the tool read, a second and a half after it was saved. */
async function saveWhileItRuns(stage: Stage, { before, saved, places }: Saved): Promise<Ran & { loot: string }> {
  const script = `${before}\ntouch go; while [ ! -e saved ]; do sleep 0.1; done; sleep 1.5; cat ${places.join(" ")} >loot 2>/dev/null; true`;
  const policy = { files: { write: ["."], read: [process.execPath], ...rules } };
  const { ended } = stage.start(["sh", "-c", script], { policy, flags: ["--edits", "live"] });
  while (!existsSync(join(stage.work, "go"))) await wait(20);
  // what the tool did is seen by then
  await wait(500);
  for (const path of saved) renameSync(stage.write("new", `TOKEN=canary-${path}\n`), join(stage.work, path));
  stage.write(join(stage.work, "saved"), "");
  const ran = await ended;
  for (const path of places) assert.match(readFileSync(join(stage.work, path), "utf8"), /canary/, "it lies there");
  return { ...ran, loot: readFileSync(join(stage.work, "loot"), "utf8") };
}

const covered = async (stage: Stage): Promise<readonly unknown[]> =>
  (await stage.log())
    .filter(({ kind, verdict }) => kind === "hidden-file" && verdict === "refuse")
    .map((one) => one.sealed["path"]);

test("a link's end and a second name, saved anew, are covered again (needs namespaces)", { timeout }, async () => {
  using stage = new Stage({ files: { "store/env": "TOKEN=old\n", "a.pem": "old\n", "pub/x": "x" } });
  symlinkSync("store/env", join(stage.work, ".env"));
  linkSync(join(stage.work, "a.pem"), join(stage.work, "pub/second"));
  const paths = ["store/env", "pub/second"];
  const ran = await saveWhileItRuns(stage, { before: "", saved: paths, places: paths });
  assert.equal(ran.loot, "", ran.errors);
  assert.deepEqual(await covered(stage), paths);
});

test("a directory the tool leads elsewhere hides what comes there by its name (needs namespaces)", {
  timeout,
}, async () => {
  using stage = new Stage({
    files: { "config/prod.key": "old\n", "conf3/x": "x", "node_modules/x/y": "y", "shared/real/x": "x" },
  });
  symlinkSync("shared/real", join(stage.work, "given"));
  const before = `mv config c2; ln -s c2 config
    mkdir node_modules/c4; ln -s node_modules/c4 l2; rm -r conf3; ln -s l2 conf3
    mkdir s3; ln -s s3 secrets`;
  const ran = await saveWhileItRuns(stage, {
    before,
    saved: ["config/prod.key", "conf3/late.key", "secrets/key", "given/late.key"],
    places: ["c2/prod.key", "node_modules/c4/late.key", "s3/key", "shared/real/late.key"],
  });
  assert.equal(ran.loot, "", ran.errors);
  assert.doesNotMatch(ran.errors, /were shown/);
  const told = await covered(stage);
  // by the name it had when it was watched, or by the one it has
  for (const path of [
    /^(?:c2|config)\/prod\.key$/m,
    /^node_modules\/c4\/late\.key$/m,
    /^secrets$/m,
    /^shared\/real\/late\.key$/m,
  ])
    assert.match(told.join("\n"), path);
});

test("a link that leads such a name out of the checkout is told (needs namespaces)", { timeout }, async () => {
  using stage = new Stage({ files: { "conf3/x": "x" } });
  const ran = await stage.run(["sh", "-c", `rm -r conf3; ln -s ${stage.state} conf3; sleep 1`], {
    policy: { files: { write: ["."], read: [process.execPath], ...rules } },
    flags: ["--edits", "live"],
  });
  assert.match(ran.errors, /a link that came while the session ran leads out of the checkout/);
  const told = (await stage.log()).filter(({ kind }) => kind === "hidden-file").map(({ sealed }) => sealed["path"]);
  assert.deepEqual(told, ["conf3"]);
});

test("what comes into a directory that came hidden is not told as shown (needs namespaces)", { timeout }, async () => {
  using stage = new Stage();
  const before = "mkdir secrets";
  const ran = await saveWhileItRuns(stage, { before, saved: ["secrets/key"], places: ["secrets/key"] });
  assert.equal(ran.loot, "", ran.errors);
  assert.doesNotMatch(ran.errors, /were shown/);
  assert.deepEqual(await covered(stage), ["secrets"]);
});

/** Whoever may mount does so before the session begins, in a world of its own. */
const mounting = process.getuid?.() === 0 ? false : "NOT TRIED: not root, who alone mounts";

for (const edits of ["live", "staged"])
  test(`edits ${edits}: what is mounted in the checkout once more is hidden there too (needs namespaces)`, {
    timeout,
    skip: mounting,
  }, async () => {
    using stage = new Stage({
      files: { "secrets/k": "canary-1\n", ".env": "T=canary-2\n", "pub/x": "", "one file": "" },
    });
    const at = (path: string): string => `'${join(stage.work, path)}'`;
    const mount = (from: string, to: string): string => `mount --bind ${at(from)} ${at(to)}`;
    const before = `${mount("secrets", "pub")} && ${mount(".env", "one file")} && exec "$@"`;
    const ran = await stage.run(["sh", "-c", "cat pub/k 'one file' secrets/k .env; true"], {
      policy: { files: { write: ["."], read: [process.execPath], ...rules } },
      flags: ["--edits", edits],
      before: ["unshare", "-m", "sh", "-c", before, "sh"],
    });
    assert.equal(ran.code, 0, ran.errors);
    assert.doesNotMatch(ran.output, /canary/);
    assert.match(ran.output, /postern-masked-1/);
  });

test("what a link in a hidden directory leads to, and husky's copy, show nothing (needs namespaces)", {
  timeout,
}, async () => {
  const files = {
    "secrets/x": "x",
    "vault/prod": "canary-vault\n",
    ".husky/_/h": "x",
    ".husky/_/k.pem": "canary-husky\n",
  };
  using stage = new Stage({ git: true, files });
  symlinkSync("../vault/prod", join(stage.work, "secrets/key"));
  const ran = await stage.run(["sh", "-c", "cat vault/prod .husky/_/k.pem secrets/key; cat .husky/_/h"], {
    policy: { files: { write: ["."], read: [process.execPath], ...rules } },
    flags: ["--edits", "live"],
  });
  assert.equal(ran.output, "x", ran.errors);
});
