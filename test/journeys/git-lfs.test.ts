// Large files (git-lfs) over https, through the real boundary, with the password the policy puts in: what the server holds, what it was
// asked with. Needs the boundary's tools, git, git-lfs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { host, openForge, url } from "./git-forge.ts";
import { LargeFiles, ownToken } from "./lfs-server.ts";
import { formsOf, searchFiles } from "./memory.ts";
import { entering } from "./pusher.ts";

const skip: string | false = existsSync("/usr/bin/git-lfs") ? false : "no git-lfs here: apt-get install git-lfs";

/** A file of the checkout that the tool pushes as a large one, and fetches again into another clone. */
const upAndDown = `set -e; ${entering(url)}; git lfs install --local >/dev/null; git lfs track '*.bin' >/dev/null
  head -c 300000 /dev/urandom > a.bin; cp a.bin $W/a.bin; git add .; git commit -qm large; git push -q origin HEAD:main
  cd /tmp; GIT_LFS_SKIP_SMUDGE=1 git clone -q ${url} again; cd again; git lfs install --local >/dev/null; git lfs pull; cmp a.bin $W/a.bin`;

/** A tool that asks by itself: what it is told, and what becomes of a header handed out at any other place. */
const byHand = `oid=$(sha256sum a.bin | cut -d' ' -f1); media='application/vnd.git-lfs+json'
  pass=$(printf 'protocol=https\\nhost=${host}\\n\\n' | git credential fill | sed -n 's/^password=//p')
  curl -sS -u "jane:$pass" -H "Accept: $media" -H "Content-Type: $media" -d '{"operation":"download","objects":[{"oid":"'$oid'","size":300000}]}' https://${host}/team/one.git/info/lfs/objects/batch > $W/answer
  handed=$(sed -n 's/.*"Authorization":"\\([^"]*\\)".*/\\1/p' $W/answer)
  test -z "$handed" || for place in info/refs?service=git-upload-pack info/lfs/objects/o/x info/lfs/objects/o/$oid; do
    curl -sS -o /dev/null -w '%{http_code} ' -H "Authorization: $handed" https://${host}/team/one.git/$place; done`;

// some servers hand out, with the answer to a batch, the very header they were asked with, or a token of their own
for (const [handing, h2] of [
  ["nothing", false],
  ["the same", false],
  ["a token", false],
  ["a token", true],
] as const)
  test(`up and down${h2 ? " over HTTP/2" : ""}, where the server hands out ${handing}: none of it is ever inside`, {
    skip,
    timeout: 120_000,
  }, async () => {
    const large = new LargeFiles(host, handing);
    await using forge = await openForge("jane", { large, http2: h2 });
    const { stage, password } = forge;
    const seen =
      "git config --global lfs.transfer.maxretries 1; export GIT_CURL_VERBOSE=1 GIT_TRACE=1 GIT_TRANSFER_TRACE=1;";
    const ran = await stage.run(["sh", "-c", `${seen} ${upAndDown}; ${byHand}`], { policy: forge.policy("allow") });
    assert.equal(ran.code, 0, ran.errors);
    const bytes = readFileSync(join(stage.work, "a.bin"));
    assert.deepEqual([...large.objects.keys()], [createHash("sha256").update(bytes).digest("hex")]);
    const pair = `Basic ${Buffer.from(`jane:${password}`).toString("base64")}`;
    const token = handing === "a token" ? ownToken : pair;
    const [given, answers] = handing === "nothing" ? [2, ""] : [3, "403 403 200 "];
    assert.deepEqual(
      [large.given, ran.output.split("\n").at(-1)],
      [Array.from({ length: given }, () => token), answers],
    );
    const answer = readFileSync(join(stage.work, "answer"), "utf8");
    if (handing !== "nothing") assert.match(answer, /"Authorization":"(?:Basic|RemoteAuth) postern[0-9a-f]{48}"/);
    // git-lfs tells all it is told, headers' values apart; nothing of the two stands in it or in its files
    const [, secret = ""] = token.split(" ");
    for (const value of [secret, password]) {
      assert.equal(ran.errors.includes(value), false);
      const forms = formsOf(value);
      assert.deepEqual(searchFiles("", [stage.work, join(stage.state, "homes")], forms), []);
    }
    const log = await stage.log();
    const refusals = log.filter(({ kind }) => kind === "refusal").length;
    assert.equal(refusals, handing === "nothing" ? 0 : 2);
    const used = log.flatMap(({ kind, sealed }) =>
      kind === "request" ? ((sealed["credentials"] as string[]) ?? []) : [],
    );
    assert.equal(used.includes("git-lfs:handed"), handing !== "nothing");
  });
