// Large files (git-lfs) over https, through the real boundary, with the password the policy puts in: what the server holds, what it was
// asked with. Needs the boundary's tools, git, git-lfs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { host, openForge, url } from "./git-forge.ts";
import { LargeFiles } from "./lfs-server.ts";
import { entering } from "./pusher.ts";

const skip: string | false = existsSync("/usr/bin/git-lfs") ? false : "no git-lfs here: apt-get install git-lfs";

/** A file of the checkout that the tool pushes as a large one, and fetches again into another clone. */
const upAndDown = `set -e; ${entering(url)}; git lfs install --local >/dev/null; git lfs track '*.bin' >/dev/null
  head -c 300000 /dev/urandom > a.bin; cp a.bin $W/a.bin; git add .; git commit -qm large; git push -q origin HEAD:main
  cd /tmp; GIT_LFS_SKIP_SMUDGE=1 git clone -q ${url} again; cd again; git lfs install --local >/dev/null; git lfs pull; cmp a.bin $W/a.bin`;

test("up and down, where the server hands out nothing of its own", { skip, timeout: 120_000 }, async () => {
  const large = new LargeFiles(host, "nothing");
  await using forge = await openForge("jane", { large });
  const { stage, password } = forge;
  const ran = await stage.run(["sh", "-c", upAndDown], { policy: forge.policy("allow") });
  assert.equal(ran.code, 0, ran.errors);
  const bytes = readFileSync(join(stage.work, "a.bin"));
  assert.deepEqual([...large.objects.keys()], [createHash("sha256").update(bytes).digest("hex")]);
  const pair = `Basic ${Buffer.from(`jane:${password}`).toString("base64")}`;
  assert.deepEqual(large.given, [pair, pair]);
});

// GitLab and Gitea hand out the very header they were asked with, GitHub a token for the same place: neither may go through
for (const handing of ["the same", "a token"] as const)
  test(`where the server hands out ${handing}, nothing of it comes in or goes out`, {
    skip,
    timeout: 120_000,
  }, async () => {
    const large = new LargeFiles(host, handing);
    await using forge = await openForge("jane", { large });
    const { stage } = forge;
    const quick = "git config --global lfs.transfer.maxretries 1;";
    const ran = await stage.run(["sh", "-c", quick + upAndDown], { policy: forge.policy("allow") });
    assert.notEqual(ran.code, 0);
    assert.deepEqual([large.objects.size, large.given.length], [0, 0]);
    const rules = new Set((await stage.log()).filter(({ verdict }) => verdict === "refuse").map(({ rule }) => rule));
    assert.deepEqual(
      rules,
      new Set([handing === "a token" ? "gateway:credential-foreign" : "gateway:credential-reflected"]),
    );
  });
