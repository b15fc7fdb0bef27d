// The command line as published: bundled, its parts loaded when they are needed, its compiled code kept. Built here from
// this checkout, beside its packages.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { rolldown } from "rolldown";
import configurations from "../../rolldown.config.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const root = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(root, "node_modules/.postern-bundle-"));
after(() => rmSync(folder, { recursive: true }));

const program = join(folder, "postern");
for (const { output, ...input } of configurations) {
  const built = await rolldown({ ...input, cwd: root });
  await built.write({ ...output, dir: folder });
}
writeFileSync(
  program,
  `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${folder}/postern.cjs" "$@"\n`,
);
chmodSync(program, 0o755);

test("it runs a tool and records it", async () => {
  using stage = new Stage({ program });
  const ran = await stage.run(["sh", "-c", "echo made > file; exit 7"]);
  assert.deepEqual([ran.code, ran.summary?.exit.by], [7, "tool"], ran.errors);
  assert.equal(readFileSync(join(stage.work, "file"), "utf8"), "made\n");
  assert.deepEqual(
    (await stage.log()).map(({ kind }) => kind),
    ["session.start", "exec", "session.stop"],
  );
  const { output } = await stage.call(["verify", "--json"]);
  assert.match(output, /"ok"/);
});

test("what it loads late is there: gateway, HTTP, the record's own thread", { skip: withoutCurl }, async () => {
  using stage = new Stage({ program });
  const ran = await stage.run(["sh", "-c", "for n in 1 2 3 4 5 6 7 8 9 10; do curl -s http://host-$n.example/; done"]);
  assert.deepEqual([ran.code, ran.summary?.network.refused], [0, 10], ran.errors);
  const entries = await stage.log();
  assert.equal(entries.filter(({ kind, verdict }) => kind === "refusal" && verdict === "refuse").length, 10);
  assert.equal(ran.summary?.ledger.entries, entries.length);
});

test("its compiled code is kept in the state directory, for its owner alone, and nowhere else", async () => {
  using stage = new Stage({ program });
  await stage.run(["true"]); // makes the directory
  await stage.run(["true"]);
  const code = join(stage.state, "code");
  assert.notEqual(readdirSync(code, { recursive: true }).length, 0);
  assert.equal(statSync(stage.state).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(stage.home), []);
});

test("what stands in for ssh inside is there, and is answered by the desk", async () => {
  using stage = new Stage({ program });
  const key = stage.write("key.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me\n");
  const words = ["-Y", "sign", "-n", "git", "-f", "key", "a.txt"].join(" ");
  const script = `echo a > a.txt; $(git config gpg.ssh.program) ${words}`;
  const ran = await stage.run(["sh", "-c", script], { policy: { signing: { key } } });
  assert.equal(ran.code, 255);
  assert.match(ran.errors, /postern: nothing but git's own commits and tags is signed here/);
});

test("what tries the walls in a proof is there, with the native code beside it", async () => {
  using stage = new Stage({ program });
  const { code, output, errors } = await stage.call(["doctor", "--prove"], { environment: { TMPDIR: stage.base } });
  assert.equal(code, 0, `${output}${errors}`);
  assert.match(output, /^ {2}held +open a raw socket +refused \(EPERM\)$/m);
  assert.match(output, /^\d+ held, 1 granted, 0 not tried, 0 not held$/m);
});
