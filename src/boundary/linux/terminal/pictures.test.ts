// Pictures in a terminal: what a tool draws with, and what the terminal answers, pass byte for byte, large ones and while the
// terminal takes nothing too. Needs bubblewrap, user namespaces, nftables, Python inside. The test is the terminal; what the
// tool heard is read from a file outside.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { constants, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ReadStream } from "node:tty";
import { enterBoundary } from "../enter.ts";
import { loadNative } from "../native.ts";
import { openFolder, plan } from "../trial.ts";
import { bystander } from "../watch/bystander.ts";

/** Sends the file `sent`, on a raw terminal, then keeps in `heard` as many bytes as `heard` is to have, and says that it has. */
const tool = `
import os, sys, tty
tty.setraw(0)
os.chdir(sys.argv[1])
out = memoryview(open("sent", "rb").read())
while out: out = out[os.write(1, out[:65536]):]
wanted, heard = int(sys.argv[2]), b""
while len(heard) < wanted: heard += os.read(0, 65536)
open("heard", "wb").write(heard)
os.write(1, b"heard")
`;

interface Shown {
  readonly bytes: () => Buffer;
  readonly until: (done: (bytes: Buffer) => boolean) => Promise<void>;
}

/** The caller's terminal, byte for byte. */
async function openTerminal() {
  const native = await loadNative();
  const master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY);
  const peer = native.openPeer(master) ?? assert.fail("no peer");
  const screen = new ReadStream(master);
  const parts: Buffer[] = [];
  screen.on("data", (chunk: Buffer) => void parts.push(chunk)).on("error", () => undefined);
  const open = (): number => openSync(`/proc/self/fd/${peer}`, constants.O_RDWR | constants.O_NOCTTY);
  const shown: Shown = {
    bytes: () => Buffer.concat(parts),
    until: async (done) => {
      while (!done(Buffer.concat(parts))) await setTimeout(20);
    },
  };
  return { ...shown, screen, open, streams: () => ({ input: open(), output: open(), errors: open() }) };
}

/** Draws `sent`, which the terminal answers once it has it. */
async function draw(
  sent: Buffer,
  answer: Buffer,
  meanwhile: (terminal: Awaited<ReturnType<typeof openTerminal>>) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly shown: Buffer; readonly heard: Buffer }> {
  using folder = openFolder();
  writeFileSync(join(folder.path, "sent"), sent);
  const terminal = await openTerminal();
  const mounts = [{ kind: "write" as const, path: folder.path, from: folder.path, ours: false }];
  await using walls = await enterBoundary(plan({ mounts }), terminal.streams());
  const running = walls.run(["/usr/bin/python3", "-c", tool, folder.path, String(answer.length)], bystander());
  await meanwhile(terminal);
  await terminal.until((bytes) => bytes.length >= sent.length);
  terminal.screen.write(answer);
  await terminal.until((bytes) => bytes.subarray(sent.length).includes("heard"));
  assert.deepEqual(await running, { code: 0, byTool: true });
  const heard = existsSync(join(folder.path, "heard")) ? readFileSync(join(folder.path, "heard")) : Buffer.alloc(0);
  const shown = terminal.bytes().subarray(0, sent.length);
  terminal.screen.destroy();
  return { shown, heard };
}

const base64 = (length: number): string => randomBytes(length).toString("base64");
/** As kitty's own program cuts it: 4,096 characters a piece. */
function kitty(picture: string): string {
  const pieces = picture.match(/.{1,4096}/g) ?? [];
  return pieces
    .map((piece, at) => `\x1b_G${at === 0 ? "a=T,f=100,i=31," : ""}m=${at + 1 < pieces.length ? 1 : 0};${piece}\x1b\\`)
    .join("");
}
const sixel = (lines: number): string =>
  `\x1bP0;0;8q"1;1;600;${6 * lines}#0;2;100;0;0\r\n${"#0!600~$-\r\n".repeat(lines)}\x1b\\`;
const iterm = (picture: string): string => `\x1b]1337;File=name=cC5wbmc=;size=9;inline=1:${picture}\x07`;

const manners: readonly (readonly [what: string, drawn: string, answered: string])[] = [
  [
    "what the terminal can",
    "\x1b[c\x1b[14t\x1b[16t\x1b[18t\x1b[?2;1;0S",
    "\x1b[?62;4;22c\x1b[4;600;800t\x1b[6;20;10t\x1b[8;30;80t\x1b[?2;0;1000;1000S",
  ],
  [
    "kitty: asked, then drawn",
    `\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\${kitty(base64(9_000))}`,
    "\x1b_Gi=31;OK\x1b\\",
  ],
  [
    "iTerm2: asked, then drawn",
    `\x1b]1337;ReportCellSize\x07${iterm(base64(9_000))}`,
    "\x1b]1337;ReportCellSize=17.5;8.0;2.0\x1b\\",
  ],
  ["sixel: asked, then drawn", `\x1b[c${sixel(40)}`, "\x1b[?62;4c"],
];

for (const [what, drawn, answered] of manners)
  test(`real boundary: ${what}: byte for byte, both ways`, { timeout: 60_000 }, async () => {
    const { shown, heard } = await draw(Buffer.from(drawn), Buffer.from(answered));
    assert.ok(shown.equals(Buffer.from(drawn)), shown.subarray(0, 400).toString("latin1"));
    assert.equal(heard.toString("latin1"), answered);
  });

for (const [what, drawn] of [
  ["kitty", kitty(base64(3_750_000))],
  ["iTerm2", iterm(base64(3_750_000))],
  ["sixel", sixel(450_000)],
] as const)
  test(`real boundary: 5 MB of ${what}, on a terminal that takes nothing for a while`, {
    timeout: 60_000,
  }, async () => {
    const sent = Buffer.from(drawn);
    assert.ok(sent.length > 4_900_000);
    const { shown } = await draw(sent, Buffer.from("k"), async ({ screen, bytes, until }) => {
      await until((bytes) => bytes.length > 100_000);
      screen.pause();
      await setTimeout(300);
      const standing = bytes().length;
      // this process, the gateway's, is not held up
      let turns = 0;
      const turning = setInterval(() => (turns += 1), 5);
      await setTimeout(500);
      clearInterval(turning);
      assert.ok(turns > 40, `${turns} turns`);
      assert.ok(standing < sent.length && bytes().length === standing, "it stood still");
      screen.resume();
    });
    assert.ok(shown.equals(sent));
  });

test("real boundary: a picture cut short by a rest or an end leaves no string open, and its rest is not shown as text", {
  timeout: 60_000,
}, async () => {
  const terminal = await openTerminal();
  await using walls = await enterBoundary(plan(), terminal.streams());
  const rested = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const rest = async (): Promise<void> => {
    rested.resolve();
    await goOn.promise;
  };
  const script =
    "printf '\\033_Ga=T,m=1;AAAA'; kill -TSTP $$; printf 'BBBB\\033\\\\on'; printf '\\033PqCCCC'; kill -KILL $$";
  const running = walls.run(["/bin/bash", "-c", script], bystander(), rest);
  await rested.promise;
  const first = "\x1b_Ga=T,m=1;AAAA\x1b\\";
  await terminal.until((bytes) => bytes.length >= first.length);
  assert.equal(terminal.bytes().toString(), first);
  goOn.resolve();
  assert.equal((await running).code, 137);
  await terminal.until((bytes) => bytes.toString().endsWith("CCCC\x1b\\"));
  assert.equal(terminal.bytes().toString(), "\x1b_Ga=T,m=1;AAAA\x1b\\on\x1bPqCCCC\x1b\\");
  terminal.screen.destroy();
});
