// Large files (git-lfs) over https, through the real boundary, with the password the policy puts in: what the server holds, what it was
// asked with. Needs the boundary's tools, git, git-lfs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { host, openForge, url } from "./git-forge.ts";
import { git, makeBare, openGitServer } from "./git-server.ts";
import { type Handing, LargeFiles, lentToken, ownToken } from "./lfs-server.ts";
import { formsOf, searchFiles } from "./memory.ts";
import { entering } from "./pusher.ts";
import { openSshServer, type SshServer, withoutSsh } from "./ssh-server.ts";
import { Stage } from "./stage.ts";

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

interface Remote extends AsyncDisposable {
  readonly stage: Stage;
  readonly ssh: SshServer;
  readonly large: LargeFiles;
  readonly bare: string;
  readonly policy: (push: string) => object;
}

/** A remote over ssh that lends what its large files are to be asked for with over https. */
async function openRemote(handing: Handing): Promise<Remote> {
  const stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const root = join(stage.base, "srv");
  const bare = makeBare(root, "team/one.git");
  const ssh = await openSshServer(stage, root, host);
  const large = new LargeFiles(host, handing);
  const server = await openGitServer({ root, name: host, pair: "nobody:nothing", large });
  const lent = {
    href: `https://${host}/team/one.git/info/lfs`,
    header: { Authorization: lentToken },
    expires_in: 3600,
  };
  stage.write(
    join(stage.base, "sshd/force"),
    `#!/bin/sh\necho "$SSH_ORIGINAL_COMMAND" >> ${join(stage.base, "sshd/commands")}
case "$SSH_ORIGINAL_COMMAND" in git-lfs-authenticate*) echo '${JSON.stringify(lent)}';; *) exec sh -c "$SSH_ORIGINAL_COMMAND";; esac\n`,
  );
  const upstream = { address: server.address, ca: stage.write("git.pem", server.ca) };
  return {
    stage,
    ssh,
    large,
    bare,
    policy: (push) => ({
      network: {
        allow: [
          { host, protocol: "ssh", ports: [ssh.port], paths: ["/team/**"], push },
          { host, paths: ["/team/one.git/info/lfs/**"], upstream },
        ],
      },
    }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await ssh[Symbol.asyncDispose]();
      stage[Symbol.dispose]();
    },
  };
}

const remote = `git@${host}:team/one.git`;

// with nothing handed out git-lfs would ask for objects as if it had been lent nothing
for (const handing of ["the same", "a token"] as const)
  test(`over ssh, where the server lends a token and hands out ${handing}: neither is ever inside`, {
    skip: skip || withoutSsh,
    timeout: 120_000,
  }, async () => {
    await using it = await openRemote(handing);
    const { stage, ssh, large, bare } = it;
    const who = "git config --global user.name in; git config --global user.email in@example.org;";
    const asked = `${upAndDown.replaceAll(url, remote)}; $GIT_SSH_COMMAND git@${host} 'git-lfs-authenticate team/one.git download' > $W/answer`;
    const ran = await stage.run(["sh", "-c", who + asked], { policy: it.policy("allow"), before: ssh.enter });
    assert.equal(ran.code, 0, ran.errors);
    const bytes = readFileSync(join(stage.work, "a.bin"));
    assert.deepEqual([...large.objects.keys()], [createHash("sha256").update(bytes).digest("hex")]);
    assert.equal(git(["-C", bare, "rev-list", "--count", "main"]), "2");
    const token = handing === "a token" ? ownToken : lentToken;
    assert.deepEqual(new Set(large.given), new Set([token]));
    const answer = readFileSync(join(stage.work, "answer"), "utf8");
    assert.match(answer, /"Authorization":"RemoteAuth postern[0-9a-f]{48}"/);
    for (const value of [lentToken, ownToken].map((text) => text.split(" ")[1] ?? ""))
      assert.deepEqual(searchFiles("", [stage.work, join(stage.state, "homes")], formsOf(value)), []);
    const commands = ssh.commands().filter((line) => line.startsWith("git-lfs"));
    assert.deepEqual(
      new Set(commands),
      new Set(["upload", "download"].map((to) => `git-lfs-authenticate 'team/one.git' ${to}`)),
    );
  });

test("over ssh, sending large files is asked about, and refused where pushes are", {
  skip: skip || withoutSsh,
  timeout: 120_000,
}, async () => {
  await using it = await openRemote("nothing");
  const { stage, ssh } = it;
  const ask = (to: string): string =>
    `$GIT_SSH_COMMAND git@${host} 'git-lfs-authenticate team/one.git ${to}' >/dev/null; echo $?`;
  const refused = await stage.run(["sh", "-c", `${ask("upload")}; ${ask("download")}`], {
    policy: it.policy("refuse"),
    before: ssh.enter,
  });
  assert.equal(refused.output, "255\n0\n", refused.errors);
  const headless = await stage.run(["sh", "-c", ask("upload")], {
    policy: it.policy("ask"),
    before: ssh.enter,
    flags: ["--headless"],
  });
  assert.equal(headless.code, 123);
  const { child, ended } = stage.start(
    ["sh", "-c", `while ! ${ask("upload").replace("; echo $?", "")}; do sleep 1; done; ${ask("upload")}`],
    {
      policy: it.policy("ask"),
      before: ssh.enter,
    },
  );
  let id: string | undefined;
  while (id === undefined && child.exitCode === null) {
    const { output } = await stage.call(["pending"]);
    [id] = /q-[0-9A-Z]{8}/.exec(output) ?? [];
    if (id !== undefined)
      assert.match(output, /send large files \(LFS\) to ssh:\/\/git@git\.example\.com:\d+\/team\/one\.git/);
  }
  assert.equal((await stage.call(["approve", id ?? ""])).code, 0);
  const ran = await ended;
  assert.match(ran.output, /^255\n$/, `once: ${ran.errors}`);
  assert.deepEqual(
    ssh.commands(),
    ["download", "upload"].map((to) => `git-lfs-authenticate 'team/one.git' ${to}`),
  );
});
