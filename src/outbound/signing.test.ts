// How the host's programs are started that sign: with the policy's key and nothing of the tool's, and never on the session's terminal.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../domain/fault.ts";
import type { Caller } from "./credential.ts";
import { limits } from "./limits.ts";
import { exportKey, startSigning } from "./signing.ts";

interface Played extends Disposable {
  readonly caller: Caller;
}

/** A folder in which a program by this name is these lines of sh. */
function play(name: string, script: string): Played {
  const folder = mkdtempSync(join(tmpdir(), "postern-signing-"));
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  const environment = { PATH: `${folder}:/usr/bin:/bin`, GNUPGHOME: "/keys", GPG_TTY: "/dev/pts/0", DISPLAY: ":0" };
  return {
    caller: { environment, home: "/home/me", writable: [] },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

async function sign(format: "ssh" | "openpgp" | "x509", key: string, caller: Caller): Promise<string> {
  const started = startSigning({ format, key }, caller);
  let said = "";
  started.output.on("data", (chunk: Buffer) => (said += chunk.toString()));
  started.input.end("object");
  assert.equal(await started.ended, 0, started.complaint());
  return said;
}

const tell = 'echo "$@"; cat; echo; echo "$GNUPGHOME|$GPG_TTY|$DISPLAY"';

test("each format's program, its words, what it reads", async () => {
  const rest = "--batch --no-tty --armor --detach-sign --local-user 0xABCD";
  for (const [format, name] of [
    ["openpgp", "gpg"],
    ["x509", "gpgsm"],
  ] as const) {
    using played = play(name, tell);
    assert.equal(await sign(format, "ABCD", played.caller), `${rest}\nobject\n/keys||:0\n`, "no terminal to ask on");
  }
  using played = play("ssh-keygen", tell);
  assert.match(await sign("ssh", "/home/me/id", played.caller), /^-Y sign -n git -f \/home\/me\/id\nobject\n/);
});

test("a key's public part as it is; none, a failure, too much or no gpg are told", async () => {
  using there = play("gpg", 'test "$*" = "--batch --no-tty --export 0xABCD" && printf "\\231\\000\\377"');
  assert.deepEqual(await exportKey("ABCD", there.caller), Buffer.from([0o231, 0, 0xff]));
  for (const [script, told] of [
    ["echo nothing exported >&2", /gpg knows no key ABCD/],
    ["exit 2", /gpg knows no key ABCD/],
    [`head -c ${limits.publicKeyBytes + 1} /dev/zero`, /gpg gave more than/],
  ] as const) {
    using played = play("gpg", script);
    const fault = await exportKey("ABCD", played.caller);
    assert.ok(fault instanceof Fault);
    assert.match(fault.message, told);
  }
  const nowhere = await exportKey("ABCD", { environment: { PATH: "/nonexistent" }, home: "/home/me", writable: [] });
  assert.ok(nowhere instanceof Fault);
  assert.match(nowhere.message, /gpg cannot be started/);
});
