// Programs started outside end with whoever started them, however that one ends. What counts is the table of processes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTethered } from "./tether.ts";

const environment = { PATH: "/usr/bin:/bin" };

function runs(pid: number): boolean {
  try {
    // whoever inherits it may not have taken note yet
    return !/^[ZX]$/.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0] ?? "");
  } catch {
    return false;
  }
}

async function until(there: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!there() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(there());
}

/** Whatever a failed test leaves. */
function sweep(pids: readonly number[]): void {
  for (const pid of pids) if (runs(pid)) process.kill(pid, "SIGKILL");
}

function numbersIn(file: string): number[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Ignores what it can, as its children do; none of them reads or writes what we hold. */
const stubborn = (log: string): string =>
  `trap "" HUP INT TERM PIPE; for n in 1 2; do sleep 600 </dev/null >/dev/null 2>&1 & echo $! >> ${log}; done; echo $$ >> ${log}; wait`;

test("a program and its children end when we are killed by force, and not before", { timeout: 20_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-tether-"));
  try {
    const log = join(folder, "log");
    const words = JSON.stringify(["sh", "-c", stubborn(log)]);
    const source = `import { startTethered } from ${JSON.stringify(new URL("./tether.ts", import.meta.url).href)};
      startTethered(${words}, { directory: "/", environment: ${JSON.stringify(environment)} }); setInterval(() => 0, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: "ignore" });
    await until(() => numbersIn(log).length === 3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const pids = numbersIn(log);
    assert.deepEqual(pids.map(runs), [true, true, true]);
    parent.kill("SIGKILL");
    await until(() => !pids.some(runs));
  } finally {
    sweep(numbersIn(join(folder, "log")));
    rmSync(folder, { recursive: true });
  }
});

test("ended by us, all of it goes, also what holds its pipes after it", { timeout: 20_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-tether-"));
  try {
    const log = join(folder, "log");
    for (const [script, count] of [
      [stubborn(log), 3],
      [`rm ${log}; sleep 600 & echo $! > ${log}`, 1],
    ] as const) {
      const started = startTethered(["sh", "-c", script], { directory: "/", environment });
      await until(() => numbersIn(log).length === count);
      const pids = numbersIn(log);
      started.kill();
      started.kill();
      await until(() => !pids.some(runs));
      await started.ended;
    }
  } finally {
    sweep(numbersIn(join(folder, "log")));
    rmSync(folder, { recursive: true });
  }
});

test("one that ends by itself: its code, its words, and what it left running goes on", {
  timeout: 20_000,
}, async () => {
  const script = 'read -r line; echo "got $line"; echo no >&2; sleep 600 </dev/null >/dev/null 2>&1 & echo $!; exit 7';
  const started = startTethered(["sh", "-c", script], { directory: "/", environment });
  const [said, complaint] = ["", ""].map(() => [] as string[]);
  started.output.on("data", (chunk: Buffer) => said?.push(chunk.toString()));
  started.complaint.on("data", (chunk: Buffer) => complaint?.push(chunk.toString()));
  started.input.end("a\n");
  assert.deepEqual(await started.ended, { kind: "ended", code: 7 });
  const [first, pid] = said?.join("").split("\n") ?? [];
  assert.deepEqual([first, complaint?.join("")], ["got a", "no\n"]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(runs(Number(pid)), true);
  process.kill(Number(pid), "SIGKILL");
});

test("how it ended: by a signal, by a code of a shell's own, not there, not to be run", {
  timeout: 20_000,
}, async () => {
  const end = (...words: readonly string[]) => startTethered(words, { directory: "/", environment }).ended;
  assert.deepEqual(await end("sh", "-c", "kill -TERM $$"), { kind: "signal", signal: "SIGTERM" });
  assert.deepEqual(await end("sh", "-c", "exit 127"), { kind: "ended", code: 127 });
  for (const name of ["postern-nowhere", "/nonexistent", "-c", "$(exit)", "/etc/passwd", "/tmp", "", "."])
    assert.deepEqual(await end(name), { kind: "absent" }, name);
  const nowhere = startTethered(["true"], { environment, directory: "/nonexistent" });
  assert.deepEqual(await nowhere.ended, { kind: "absent" });
});
