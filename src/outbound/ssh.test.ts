// How the host's ssh is started: nothing of the request's can be an option, and what could reach beyond one command is off.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import { limits } from "./limits.ts";
import { sshWords, startSsh } from "./ssh.ts";

const order = {
  host: parseHost("git.example") ?? assert.fail(),
  port: 22,
  user: "git",
  key: "/home/me/.ssh/id",
  service: "git-upload-pack",
  repository: "team/one.git",
  version: "version=2",
} as const;

test("the words: options first, host and command behind their end", () => {
  const words = sshWords(order);
  assert.deepEqual(words.slice(words.indexOf("--")), ["--", "git.example", "git-upload-pack 'team/one.git'"]);
  for (const option of ["BatchMode=yes", "StrictHostKeyChecking=yes", "ForwardAgent=no", "ForwardX11=no"])
    assert.equal(words[words.indexOf(option) - 1], "-o", option);
  for (const option of ["ClearAllForwardings=yes", "ControlPath=none", "PermitLocalCommand=no", "IdentitiesOnly=yes"])
    assert.equal(words[words.indexOf(option) - 1], "-o", option);
  assert.equal(sshWords({ ...order, key: undefined }).includes("-i"), false);
});

test("it is started with the person's agent and nothing else of the environment; what it started ends with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-ssh-"));
  try {
    const told = join(folder, "told");
    writeFileSync(
      join(folder, "ssh"),
      `#!/bin/sh\nenv > ${told}.new; mv ${told}.new ${told}\nsleep 600 &\necho $! \nwait\n`,
    );
    chmodSync(join(folder, "ssh"), 0o755);
    const environment = { PATH: `${folder}:/usr/bin:/bin`, SSH_AUTH_SOCK: "/agent", SECRET: "x", LD_PRELOAD: "y" };
    const started = startSsh(order, { environment, home: "/home/me", writable: [] });
    const [chunk] = (await new Promise((resolve) => started.output.once("data", (...all) => resolve(all)))) as [Buffer];
    started.kill();
    assert.equal(await started.ended, 255);
    const seen = readFileSync(told, "utf8");
    assert.match(seen, /^SSH_AUTH_SOCK=\/agent$/m);
    assert.match(seen, /^GIT_PROTOCOL=version=2$/m);
    assert.doesNotMatch(seen, /SECRET|LD_PRELOAD/);
    const child = Number(chunk.toString());
    await new Promise((resolve) => setTimeout(resolve, 50));
    // whoever inherits it may not have taken note yet
    const state = existsSync(`/proc/${child}/stat`)
      ? readFileSync(`/proc/${child}/stat`, "utf8").split(" ")[2]
      : "gone";
    assert.match(state ?? "", /^(?:Z|X|gone)$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("not more of them at once than git needs; one that ends makes room", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-ssh-"));
  try {
    writeFileSync(join(folder, "ssh"), `#!/bin/sh\necho x >> ${folder}/log\nexec sleep 600\n`);
    chmodSync(join(folder, "ssh"), 0o755);
    const context = { environment: { PATH: `${folder}:/usr/bin:/bin` }, home: "/home/me", writable: [] };
    const begun = Array.from({ length: limits.programs }, () => startSsh(order, context));
    const more = startSsh(order, context);
    assert.equal(await more.ended, 255);
    assert.match(more.complaint(), /32 programs for git run already/);
    begun[0]?.kill();
    await begun[0]?.ended;
    const last = startSsh(order, context);
    const ends = [...begun, last];
    while (!existsSync(join(folder, "log"))) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await Promise.race([last.ended, new Promise((resolve) => setTimeout(resolve, 100, "runs"))]), "runs");
    for (const each of ends) each.kill();
    await Promise.all(ends.map(({ ended }) => ended));
    assert.ok(readFileSync(join(folder, "log"), "utf8").length / 2 <= limits.programs + 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no ssh on this machine: said, and 255", async () => {
  const started = startSsh(order, { environment: { PATH: "/nonexistent" }, home: "/home/me", writable: [] });
  assert.equal(await started.ended, 255);
  assert.match(started.complaint(), /ssh cannot be started on this machine/);
});
