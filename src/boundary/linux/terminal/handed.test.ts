// A socket of this machine's network, handed in as standard input, would reach all of that network: the control shows how, from
// outside; the boundary takes none.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Makes descriptor 0 a socket of the kind, then runs the words behind it; tells what came to a listener on loopback. */
const stage = `
import os, socket, subprocess, sys
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(); listener.settimeout(0.2)
first = socket.socket(); first.bind(("127.0.0.1", 0)); first.listen()
kind = sys.argv[1]
keep = None
if kind == "tcp": given = socket.create_connection(first.getsockname())
elif kind == "udp": given = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
elif kind == "unix-datagram": given, keep = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
elif kind == "unix-unconnected": given = socket.socket(socket.AF_UNIX)
elif kind == "event": given = os.eventfd(0)
else: given, keep = socket.socketpair()
done = subprocess.run([each.replace("PORT", str(listener.getsockname()[1])) for each in sys.argv[2:]], stdin=given, capture_output=True, text=True)
came = 0
try:
    while listener.accept(): came += 1
except TimeoutError: pass
print(f"{came} {done.returncode} {done.stdout}{done.stderr}")
`;

const attack = `
import ctypes, socket
given = socket.socket(fileno=0)
ctypes.CDLL(None).connect(0, bytes(16), 16)
given.connect(("127.0.0.1", PORT))
`;

const run = fileURLToPath(new URL("../../../../postern", import.meta.url));

function through(kind: string, words: readonly string[], environment: Record<string, string> = {}): string {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment };
  return execFileSync("python3", ["-c", stage, kind, ...words], { encoding: "utf8", env });
}

test("a socket is led to another address by whoever has it: the control", () => {
  assert.match(through("tcp", ["python3", "-c", attack]), /^1 0 /);
});

for (const kind of ["tcp", "udp", "unix-datagram", "unix-unconnected", "event", "unix-pair"])
  test(`real boundary: standard input of kind ${kind}`, () => {
    const base = mkdtempSync(join(tmpdir(), "postern-handed-"));
    try {
      spawnSync("mkdir", ["-p", join(base, "home"), join(base, "work")]);
      const command = ["env", "-C", join(base, "work"), run, "run", "--", "python3", "-c", attack];
      const told = through(kind, command, { HOME: join(base, "home"), POSTERN_HOME: join(base, "state") });
      assert.match(told, /^0 /);
      // what a parent in Node gives its children
      if (kind === "unix-pair") assert.match(told, /boundary full/);
      else assert.match(told, /^0 125 .*standard input is neither a pipe/s);
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
