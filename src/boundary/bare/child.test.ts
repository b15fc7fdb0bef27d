// Ended at once is ended, also before it is what it becomes; and only this user's processes are let in. Needs /proc and setsid.

import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { startChild } from "./child.ts";
import { openListener } from "./listener.ts";

test("killed as soon as it was started, on a terminal: before it has a group of its own", async () => {
  // a terminal, or setsid(1) ends by itself, perhaps before it is killed
  const terminal = openSync("/dev/ptmx", "r+");
  const relay = { inner: [terminal, terminal, terminal] as const, terminal: true, handed: () => closeSync(terminal) };
  const child = startChild({ command: ["sleep", "60"], environment: { PATH: "/usr/bin:/bin" }, directory: "/", relay });
  child.kill();
  assert.deepEqual(await child.ended, { code: 137, byTool: false });
});

test("the listener takes this user's connections, over IPv6 sockets too, and nobody else's", async () => {
  const uid = process.getuid?.() ?? -1;
  for (const [owner, host, taken] of [
    [uid, "127.0.0.1", true],
    [uid, "::ffff:127.0.0.1", true],
    [uid + 1, "127.0.0.1", false],
  ] as const) {
    const listener = await openListener(owner);
    const came = new Promise<true>((resolve) =>
      listener.doors.onArrival(({ stream }) => {
        stream.destroy();
        resolve(true);
      }),
    );
    const socket = connect({ host, port: listener.port }).on("error", () => undefined);
    const cut = new Promise<false>((resolve) => socket.resume().on("close", () => resolve(false)));
    assert.equal(await Promise.race([came, cut]), taken, `${owner} ${host}`);
    assert.equal(listener.doors.overflow(), taken ? 0 : 1);
    socket.destroy();
    listener.close();
  }
});
