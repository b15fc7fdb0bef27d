import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { Fault } from "../domain/fault.ts";
import { type CredentialSource, readCredential } from "./credential.ts";
import { limits } from "./limits.ts";
import { runCommand } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "postern-credential-"));
after(() => rmSync(home, { recursive: true }));

const environment = { KEY: "sk-1\n", EMPTY: " ", LINES: "a\nb", PATH: "/usr/bin:/bin", SECRET_OTHER: "x" };
const read = (from: CredentialSource) => readCredential(from, { environment, home, writable: [], run: runCommand });

function file(name: string, text: string, mode = 0o600): CredentialSource {
  writeFileSync(join(home, name), text);
  chmodSync(join(home, name), mode);
  return { file: `~/${name}` };
}

async function value(from: CredentialSource): Promise<string> {
  const found = await read(from);
  return found instanceof Fault ? `${found.code}: ${found.message} ${found.hint}` : found.reveal();
}

test("from a variable, a file, a command: one trailing line break goes", async () => {
  assert.equal(await value({ env: "KEY" }), "sk-1");
  assert.equal(await value(file("key", "sk-2\r\n")), "sk-2");
  assert.equal(await value({ command: ["printf", "sk-3\\n"] }), "sk-3");
  assert.equal(await value({ command: ["printf", "%s", "sk 4"] }), "sk 4");
});

test("refused: missing, empty, several lines, too long, no regular file", async () => {
  const cases: readonly (readonly [CredentialSource, RegExp])[] = [
    [{ env: "NONE" }, /^credential-absent/],
    [{ env: "EMPTY" }, /^credential-invalid/],
    [{ env: "LINES" }, /^credential-invalid/],
    [{ file: "~/none" }, /^credential-(?:absent|unreadable)/],
    [{ file: home }, /^credential-(?:absent|unreadable)/],
    [file("long", "x".repeat(limits.credentialBytes + 1)), /^credential-invalid/],
    [{ command: ["sh", "-c", "yes"] }, /^credential-command: .*more than/],
    [{ command: ["/nonexistent"] }, /^credential-command: .*cannot be started/],
    [{ command: [] }, /^credential-command/],
  ];
  for (const [from, wanted] of cases) assert.match(await value(from), wanted);
});

test("a command loads nothing of what a tool left where the person works, and is none of the tool's own", async () => {
  const work = join(home, "work");
  mkdirSync(join(work, "node_modules/vault"), { recursive: true });
  writeFileSync(join(work, "node_modules/vault/index.js"), `process.stdout.write("the tool's");`);
  writeFileSync(join(work, "token"), "#!/bin/sh\necho the tool\n", { mode: 0o755 });
  mkdirSync(join(home, "bin"));
  symlinkSync(join(work, "token"), join(home, "bin/linked"));
  const before = process.cwd();
  process.chdir(work);
  try {
    const bin = { ...environment, PATH: `${home}/bin:${work}:/usr/bin:/bin` };
    const from = async (...command: string[]): Promise<string> => {
      const found = await readCredential({ command }, { environment: bin, home, writable: [work] });
      return found instanceof Fault ? `${found.message} ${found.hint}` : found.reveal();
    };
    assert.equal(await from("pwd"), "/");
    assert.match(await from(process.execPath, "-e", "require('vault')"), /ended with 1 /);
    for (const program of ["linked", join(home, "bin/linked"), join(work, "token")])
      assert.match(await from(program), /lies where a tool may write, in .*work/, program);
    assert.match(await from("token"), /cannot be started/);
    assert.match(await from("./token"), /is named from a directory/);
  } finally {
    process.chdir(before);
  }
});

test("a failing command's complaint is shown, its output never", async () => {
  const said = await read({
    command: ["sh", "-c", "printf sk-hidden; printf 'locked\\033[2J' >&2; exit 3"],
  });
  assert.ok(said instanceof Fault);
  assert.match(said.hint ?? "", /^it said: locked \[2J$/);
  assert.doesNotMatch(inspect(said), /sk-hidden/);
});

test("a command sees a small environment, and is ended at the deadline with what it started", async () => {
  assert.equal(await value({ command: ["sh", "-c", 'printf "none%s" "$SECRET_OTHER$KEY"'] }), "none");
  const ran = await runCommand(["sh", "-c", "sleep 60 & wait"], {
    environment: { PATH: "/usr/bin:/bin" },
    milliseconds: 50,
    bytes: 10,
  });
  assert.equal(ran.kind === "failed" && ran.why, "took longer than 0.05 s");
});

test("the deadline holds where a daemon keeps the command's pipes, whether the command has ended or not", async () => {
  // sleeps in a session of its own, where nothing of ours reaches it
  const daemon = "setsid sleep 4 & echo sk-5";
  for (const script of [daemon, `${daemon}; sleep 60`, `exec 2>/dev/null; ${daemon}`]) {
    const start = Date.now();
    const ran = await runCommand(["sh", "-c", script], {
      environment: { PATH: "/usr/bin:/bin" },
      milliseconds: 300,
      bytes: 100,
    });
    assert.equal(ran.kind === "failed" && ran.why, "took longer than 0.3 s", script);
    assert.ok(Date.now() - start < 2_500, script);
  }
});

test("a file others may read is warned of", async () => {
  const warnings: string[] = [];
  const context = { environment, home, writable: [], warn: (warning: string) => warnings.push(warning) };
  await readCredential(file("closed", "sk-5"), context);
  assert.deepEqual(warnings, []);
  await readCredential(file("open", "sk-5", 0o644), context);
  assert.match(warnings.join(), /chmod 600/);
});
