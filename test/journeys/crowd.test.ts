// A crowd from inside: 2,000 connections that say nothing, some opened and some not, 200 that say little, 50 that ask all the
// time. The tool's own requests go through meanwhile, nothing goes past the record, and memory stays bounded. Truth is what
// the vendor saw, the record, and /proc.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { intents, openStage, readLog } from "./fault-stage.ts";
import { descendantsOf } from "./memory.ts";

const [idle, slow, busy, each, own] = [2000, 200, 50, 10, 10];
/** Resident, at its highest, of every process of ours together (MiB): docs/spec/gateway.md states it. */
const most = 768;

const crowd = `
import http.client, resource, socket, ssl, threading
resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
host = "api.vendor.example"
held = []
place = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)[0][4]
def dial():
    s = socket.create_connection(place[:2], timeout=20)
    held.append(s)
    return s
context = ssl.create_default_context()
for at in range(${idle}):
    s = dial()
    if at % 8 == 0: held.append(context.wrap_socket(s, server_hostname=host))
for at in range(${slow}):
    dial().sendall(b"\\x16\\x03\\x01\\x02\\x00\\x01")
def ask(path):
    line = http.client.HTTPSConnection(host, timeout=60)
    line.request("GET", path)
    line.getresponse().read()
    line.close()
def work(at):
    for turn in range(${each}): 
        try: ask(f"/busy/{at}/{turn}")
        except OSError: pass
threads = [threading.Thread(target=work, args=(at,)) for at in range(${busy})]
for thread in threads: thread.start()
for at in range(${own}): ask(f"/own/{at}")
for name in ("other.example", "93.184.216.34"):
    try:
        s = socket.create_connection((name, 80), timeout=5)
        s.sendall(b"GET /past HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n")
        s.recv(100)
    except OSError: pass
for thread in threads: thread.join()
open("held", "w").write("crowded")
`;

test("a crowd of connections holds up nothing, bypasses nothing, and costs bounded memory (needs namespaces)", {
  timeout: 180_000,
}, async (t) => {
  await using stage = await openStage();
  writeFileSync(join(stage.work, "crowd.py"), crowd);
  const { pid, told } = stage.start(["run", "--policy", stage.policy, "--", "python3", "crowd.py"]);
  const highest = watchMemory(pid, told);
  const { code, errors } = await told;
  assert.equal(code, 0, errors);
  assert.equal(readFileSync(join(stage.work, "held"), "utf8"), "crowded");
  for (let at = 0; at < own; at += 1) assert.ok(stage.seen.includes(`/own/${at}`), `/own/${at} never came`);
  assert.ok(stage.seen.filter((target) => target.startsWith("/busy/")).length >= busy * each * 0.9);

  const log = await readLog(stage);
  const recorded = intents(log);
  assert.deepEqual(
    stage.seen.filter((target) => !recorded.has(target)),
    [],
  );
  const refused = log.filter(({ kind }) => kind !== "exec").map((line) => JSON.stringify(line));
  for (const place of ["other.example", "93.184.216.34"])
    assert.ok(
      refused.some((one) => one.includes(place) && one.includes('"refuse"')),
      place,
    );
  // every connection is an entry, or counted
  const counted = log.reduce(
    (sum, { kind, counts }) => sum + (kind === "connection" ? (counts?.["overflow"] ?? 0) : 0),
    0,
  );
  assert.ok(counted > 0, "the bound was never reached");
  assert.equal((await stage.ask(["verify"])).code, 0);
  const mebibytes = (await highest) / 1024;
  t.diagnostic(`${mebibytes.toFixed(0)} MiB at the highest, ${counted} beyond the bound`);
  assert.ok(mebibytes < most, `${mebibytes} MiB`);
});

/** KiB resident of the command line and the helper, not of the tool. */
async function watchMemory(pid: number, until: Promise<unknown>): Promise<number> {
  let highest = 0;
  const look = setInterval(() => {
    const ours = [pid, ...descendantsOf(pid)].filter((one) => /postern|node|MainThread/.test(nameOf(one)));
    const now = ours.reduce((sum, one) => sum + residentOf(one), 0);
    highest = Math.max(highest, now);
  }, 50);
  await until;
  clearInterval(look);
  return highest;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};
const nameOf = (pid: number): string => read(`/proc/${pid}/comm`).trim();
const residentOf = (pid: number): number => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
