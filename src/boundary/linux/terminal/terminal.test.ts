// Needs bubblewrap, user namespaces, nftables. A terminal of the test's own stands for the caller's; what reaches it and
// how it is set is the measure.

import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { enterBoundary } from "../enter.ts";
import { openFolder, plan } from "../trial.ts";
import { bystander } from "../watch/bystander.ts";
import { openDesk } from "./desk.ts";

test("real boundary: a terminal of its own: job control, size, filter, and the caller's put back", {
  timeout: 60_000,
}, async () => {
  using desk = await openDesk();
  desk.stty("rows", "33", "cols", "99", "erase", "^H");
  const before = desk.stty("-a");
  await using walls = await enterBoundary(plan({ environment: { PATH: "/usr/bin:/bin", PS1: "$ ", TERM: "xterm" } }), {
    input: desk.open(),
    output: desk.open(),
    errors: desk.open(),
  });
  assert.equal(desk.stty("-a"), before, "untouched until the tool starts");
  const running = walls.run(["/bin/bash", "--norc", "-i"], bystander());
  await desk.until(/\$ $/);
  assert.match(desk.stty("-a"), /-icanon/);
  desk.type("tty; stty size; stty -a | grep -o '; erase = ..'; echo end$((1+1))\n");
  assert.match(await desk.until(/end2/), /\/dev\/(?:console|pts\/\d+)\r\n33 99\r\n; erase = \^H\r\n/);
  desk.type("sh -c 'echo begun$((1)); exec sleep 1000'\n");
  await desk.until(/begun1/);
  desk.type("\x1a");
  await desk.until(/Stopped/);
  desk.type("jobs; kill %1; echo end$((1+2))\n");
  assert.match(await desk.until(/end3/), /\[1\]\+\s+Stopped\s+sh -c/);
  desk.type("sh -c 'echo begun$((2)); exec cat'\n");
  await desk.until(/begun2/);
  desk.type("\x03");
  await desk.until(/\^C/);
  desk.stty("rows", "20", "cols", "70");
  process.kill(process.pid, "SIGWINCH");
  desk.type("\n");
  await desk.until(/\$ $/);
  desk.type(
    "stty size; printf 'a\\033]52;c;cHduZWQ=\\007b\\033[?1049h\\033[?25l'; echo end$((2+2)); exec 2>&1; exit 9\n",
  );
  const last = await desk.until(/end4/);
  assert.deepEqual(await running, { code: 9, byTool: true });
  assert.match(last, /20 70/);
  assert.match(last, /ab/);
  assert.ok(!last.includes("\x1b]52"));
  assert.match(last + (await desk.until(/\[\?1049l/)), /\[\?25h\S*\[\?1049l/);
  desk.stty("rows", "33", "cols", "99");
  assert.equal(desk.stty("-a"), before);
});

for (const [what, stops] of [
  // as pi does: the terminal given back, its whole group asked to stop, SIGCONT awaited
  ["asks its group to stop", "trap 'echo on$((1)); exit 5' CONT; kill -TSTP 0; sleep 1000 & wait"],
  ["stops itself", "kill -STOP $$; echo on$((1)); exit 5"],
] as const) {
  test(`real boundary: Ctrl-Z and a tool that ${what}: nobody could say fg, so it goes on`, {
    timeout: 60_000,
  }, async () => {
    using desk = await openDesk();
    await using walls = await enterBoundary(plan(), { input: desk.open(), output: desk.open(), errors: desk.open() });
    const running = walls.run(
      ["/bin/bash", "-c", `stty raw; echo up$((1)); head -c 1 >/dev/null; ${stops}`],
      bystander(),
    );
    await desk.until(/up1/);
    desk.type("\x1a");
    await desk.until(/on1/);
    assert.deepEqual(await running, { code: 5, byTool: true });
  });
}

test("real boundary: a tool that stops lets the caller rest, on a terminal as it was, and goes on after", {
  timeout: 60_000,
}, async () => {
  using desk = await openDesk();
  const before = desk.stty("-a");
  await using walls = await enterBoundary(plan(), { input: desk.open(), output: desk.open(), errors: desk.open() });
  const rests = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let turn = 0;
  const rest = async (): Promise<void> => {
    turn += 1;
    begun[turn - 1]?.resolve();
    await rests[turn - 1]?.promise;
  };
  // once by the terminal's own Ctrl-Z, once by itself in its own manner
  const script =
    "echo up$((1)); cat; stty raw; echo raw$((1)); head -c 1 >/dev/null; kill -TSTP 0; echo on$((1)); exit 148";
  const running = walls.run(["/bin/bash", "-c", `trap '' INT; printf '\\033[?2004h'; ${script}`], bystander(), rest);
  await desk.until(/up1/);
  assert.match(desk.stty("-a"), /-icanon/);
  desk.type("\x1a");
  await begun[0]?.promise;
  assert.equal(desk.stty("-a"), before);
  await desk.until(/\[\?2004l/);
  rests[0]?.resolve();
  desk.type("one\n");
  await desk.until(/one\r\none\r\n/);
  assert.match(desk.stty("-a"), /-icanon/);
  desk.type("\x04");
  await desk.until(/raw1/);
  desk.type("\x1a");
  await begun[1]?.promise;
  assert.equal(desk.stty("-a"), before);
  rests[1]?.resolve();
  await desk.until(/on1/);
  assert.deepEqual([await running, turn], [{ code: 148, byTool: true }, 2], "an end by that number is no stop");
  assert.equal(desk.stty("-a"), before);
});

test("real boundary: the caller's terminal is put back when the walls are killed", { timeout: 60_000 }, async () => {
  using desk = await openDesk();
  const before = desk.stty("-a");
  await using walls = await enterBoundary(plan(), { input: desk.open(), output: desk.open(), errors: desk.open() });
  const running = walls.run(["/bin/sh", "-c", "echo up; sleep 1000"], bystander());
  await desk.until(/up/);
  walls.kill();
  assert.equal((await running).byTool, false);
  assert.equal(desk.stty("-a"), before);
});

test("real boundary: terminals beside files are relayed, never handed inside", { timeout: 60_000 }, async () => {
  using desk = await openDesk();
  using folder = openFolder();
  const path = join(folder.path, "out");
  const output = openSync(path, "a");
  await using walls = await enterBoundary(plan(), { input: desk.open(), output, errors: desk.open() });
  const running = walls.run(
    [
      "/bin/bash",
      "-c",
      "read line; ls -l /proc/self/fd; [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo none; printf 'e\\033]52;c;x\\007f %s' $line >&2",
    ],
    bystander(),
  );
  desk.type("typed\n");
  const { code } = await running;
  const shown = await desk.until(/ef typed/);
  closeSync(output);
  const said = readFileSync(path, "utf8");
  assert.equal(code, 0);
  assert.ok(!shown.includes("\x1b]52"));
  assert.match(said, /none/);
  assert.doesNotMatch(said, /\/dev\/(?:pts|tty)/);
});
