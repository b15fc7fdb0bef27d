// Commits and tags signed from inside by this machine's gpg and gpgsm, with keys that are only outside: what git outside says of
// them, what is not signed, and what is on the record (invariants 4, 9). Needs the boundary's tools, git, gpg.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { GpgHome, withoutGpg } from "./gpg-home.ts";
import { descendantsOf, searchFiles, searchProcess } from "./memory.ts";
import { exists } from "./pusher.ts";
import { type Running, Stage } from "./stage.ts";

const skip = withoutGpg;
const jane = "jane <jane@example.org>";
const me = "git -c user.name=jane -c user.email=jane@example.org";

interface Desk extends Disposable {
  readonly stage: Stage;
  readonly keys: GpgHome;
  /** git on the host, with the same keys. */
  readonly git: (...words: readonly string[]) => { readonly status: number | null; readonly said: string };
  readonly run: (script: string, signing: object, more?: Running) => ReturnType<Stage["run"]>;
}

function openDesk(): Desk {
  const stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const keys = new GpgHome(join(stage.base, "gnupg"));
  const environment = { GNUPGHOME: keys.directory };
  return {
    stage,
    keys,
    git: (...words) => {
      const ran = spawnSync("git", ["-C", stage.work, "-c", "safe.directory=*", ...words], {
        env: keys.environment,
        encoding: "utf8",
      });
      return { status: ran.status, said: ran.stdout + ran.stderr };
    },
    run: (script, signing, more = {}) => stage.run(["sh", "-c", script], { policy: { signing }, environment, ...more }),
    [Symbol.dispose]: () => {
      keys[Symbol.dispose]();
      stage[Symbol.dispose]();
    },
  };
}

test("openpgp: a signed commit and tag, good inside and outside, and the key is nowhere inside", {
  skip,
  timeout: 120_000,
}, async () => {
  using desk = openDesk();
  const { stage, keys } = desk;
  const key = keys.makeKey(jane);
  const reached = join(stage.work, "reached");
  const script = `set -e; echo b > b.txt; git add b.txt; ${me} commit -q -S -m 'signed, inside'; ${me} tag -s -m release v1
    git log -1 --show-signature --format=%G?%GF; git verify-tag v1; touch reached; read -r go; ! gpg --list-secret-keys | grep .`;
  const { child, ended } = stage.start(["sh", "-c", script], {
    policy: { signing: { format: "openpgp", key: `0x${key.toLowerCase()}` } },
    environment: { GNUPGHOME: keys.directory },
    input: "pipe",
  });
  if (!(await exists(reached, child))) assert.fail((await ended).errors);
  const secrets = keys.secrets();
  assert.deepEqual(
    secrets.map(({ length }) => length),
    [32],
  );
  const forms = new Map(
    secrets.flatMap((secret) => [
      ["plain", secret],
      ["hex", Buffer.from(secret.toString("hex"))],
      ["HEX", Buffer.from(secret.toString("hex").toUpperCase())],
      ["base64", Buffer.from(secret.toString("base64").slice(0, -2))],
    ]),
  );
  const inside = descendantsOf(child.pid ?? 0);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const tops = ["/tmp", "/etc", "/run/postern", stage.home, stage.work];
  assert.deepEqual(searchFiles(`/proc/${inside.at(-1) ?? 0}/root`, tops, forms), []);
  assert.ok(searchFiles("", [keys.directory], forms).length > 0, "the search is sound");
  child.stdin?.end("go\n");
  const ran = await ended;
  assert.equal(ran.code, 0, ran.errors);
  assert.match(ran.output, new RegExp(`G${key}`));
  for (const words of [
    ["verify-commit", "HEAD"],
    ["verify-tag", "v1"],
  ]) {
    const { status, said } = desk.git(...words);
    assert.equal(status, 0, said);
    assert.match(said, /Good signature from "jane <jane@example\.org>"/);
  }
  assert.notEqual(desk.git("verify-commit", "HEAD~1").status, 0, "the first commit is not signed");
  const signed = (await stage.log()).filter(({ kind }) => kind === "credential");
  assert.deepEqual(
    signed.map(({ verdict, rule, sealed }) => [verdict, rule, sealed["object"], sealed["subject"]]),
    [
      ["allow", "user:signing", "commit", "signed, inside"],
      ["allow", "user:signing", "tag", "release"],
    ],
  );
});

test("x509: gpgsm outside signs the same way", { skip, timeout: 120_000 }, async () => {
  using desk = openDesk();
  const key = desk.keys.makeCertificate("jane", "jane@example.org");
  const ran = await desk.run(`${me} commit -q --allow-empty -S -m one`, { format: "x509", key });
  assert.equal(ran.code, 0, ran.errors);
  const { status, said } = desk.git("verify-commit", "HEAD");
  assert.equal(status, 0, said);
  assert.match(said, /Good signature from "\/CN=jane"/);
});

test("the policy's key alone signs, commits and tags alone; asked for in words that git does not use, nothing", {
  skip,
  timeout: 120_000,
}, async () => {
  using desk = openDesk();
  const { stage, keys } = desk;
  const [other, key] = [keys.makeKey("other <o@example.org>"), keys.makeKey(jane)];
  const program = "/run/postern/git-gpg";
  const talk = `const [, , ...words] = process.argv; const socket = require("net").connect(9418, "198.18.0.0");
    const say = (kind, text) => { const head = Buffer.alloc(5); head[0] = kind; head.writeUInt32BE(text.length, 1); socket.write(Buffer.concat([head, Buffer.from(text)])); };
    say(1, JSON.stringify({ signs: true, words })); say(2, require("fs").readFileSync("/tmp/commit")); say(3, "");
    const parts = []; socket.on("data", (part) => parts.push(part)).on("close", () => console.log(Buffer.concat(parts).includes("BEGIN PGP") ? "signed" : "no"));`;
  stage.write(join(stage.work, "talk.cjs"), talk);
  const head =
    "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\\nauthor a <a> 1 +0000\\ncommitter a <a> 1 +0000\\n\\nx\\n";
  const script = `printf 'I owe you money' > /tmp/owe; printf '${head}' > /tmp/commit
    ${program} --status-fd=2 -bsau x < /tmp/owe; echo $?
    for words in '-bsau x' '--status-fd=2 -bsau x --clearsign' '--status-fd=2 -bsau' '--status-fd=2 --clearsign x' '--export-secret-keys' '-Y sign -n git -f x y'; do ${process.execPath} talk.cjs $words; done
    ${process.execPath} talk.cjs --status-fd=2 -bsau '--output=/tmp/canary'
    ${me} commit -q --allow-empty -S${other} -m one; echo $?`;
  const ran = await desk.run(script, { format: "openpgp", key });
  assert.equal(ran.output, `255\n${"no\n".repeat(6)}signed\n0\n`, ran.errors);
  assert.match(desk.git("verify-commit", "HEAD").said, /Good signature from "jane/);
  assert.equal((await stage.log()).filter(({ kind }) => kind === "refusal").length, 7);
});

test("asked: the commit waits for a person, is signed after a yes; headless, there is none", {
  skip,
  timeout: 120_000,
}, async () => {
  using desk = openDesk();
  const { stage, keys } = desk;
  const signing = { format: "openpgp", key: keys.makeKey(jane), use: "ask" };
  const commit = `${me} commit -q --allow-empty -S -m one`;
  const environment = { GNUPGHOME: keys.directory };
  const { child, ended } = stage.start(["sh", "-c", commit], { policy: { signing }, environment });
  let id: string | undefined;
  while (id === undefined && child.exitCode === null)
    id = /q-[0-9A-Z]{8}/.exec((await stage.call(["pending"])).output)?.[0];
  assert.equal(desk.git("rev-list", "--count", "HEAD").said, "1\n");
  assert.equal((await stage.call(["approve", id ?? ""])).code, 0);
  assert.equal((await ended).code, 0);
  assert.equal(desk.git("verify-commit", "HEAD").status, 0);
  const headless = await desk.run(commit, signing, { flags: ["--headless"] });
  assert.equal(headless.code, 123, headless.errors);
  assert.equal(desk.git("rev-list", "--count", "HEAD").said, "2\n");
});

test("a key with a passphrase nobody can be asked for: it fails at once, and the person is told what to do", {
  skip,
  timeout: 60_000,
}, async () => {
  using desk = openDesk();
  const key = desk.keys.makeKey(jane, "a passphrase");
  const ran = await desk.run(`${me} commit -q --allow-empty -S -m one; echo $?`, { format: "openpgp", key });
  assert.match(ran.output, /^[1-9]\d*\n$/);
  assert.match(ran.errors, /postern: nothing was signed: gpg: signing failed: /);
  assert.match(ran.errors, /postern: hint: if it wants a passphrase, let its agent have it first/);
  assert.equal(desk.git("rev-list", "--count", "HEAD").said, "1\n");
});

test("no start: a key that is not there, none named, gpg's own files within reach of the tool", {
  skip,
  timeout: 60_000,
}, async () => {
  using desk = openDesk();
  const { keys } = desk;
  const key = keys.makeKey(jane);
  const missing = await desk.run("true", { format: "openpgp", key: "0123456789ABCDEF" });
  assert.equal(missing.code, 125);
  assert.match(missing.errors, /user:signing: gpg knows no key 0123456789ABCDEF/);
  const email = await desk.run("true", { format: "openpgp", key: "jane@example.org" });
  assert.equal(email.code, 125);
  assert.match(email.errors, /is not a key's fingerprint/);
  const signing = { format: "openpgp", key };
  for (const files of [
    { read: [keys.directory] },
    { write: [".", keys.directory] },
    { write: [".", join(keys.directory, "gpg.conf")] },
  ]) {
    keys.write("gpg.conf", "");
    const ran = await desk.run("true", signing, { policy: { signing, files: { write: ["."], ...files } } });
    assert.equal(ran.code, 125, JSON.stringify(files));
    assert.match(ran.errors, /gpg's own files/);
  }
  const files = { write: ["."], read: [join(keys.directory, "pubring.kbx")] };
  const shown = await desk.run("true", signing, { policy: { signing, files } });
  assert.equal(shown.code, 0, shown.errors);
});
