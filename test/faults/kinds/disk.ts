// The state directory's disk is full, for real; the directory goes away; another process keeps the record's lock.

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Kind, pause } from "../kind.ts";

/** The round's disk is a small one of its own (lane.ts). */
function fillDisk(ballast: string): void {
  const { bavail, bsize } = statfsSync(join(ballast, ".."));
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize + 65_536));
  } catch {
    // full now
  }
}

const onItsWay = 8;

const lockKept = (name: string, seldom: number, milliseconds: (below: (n: number) => number) => number): Kind => ({
  name,
  seldom,
  working: true,
  strike: async (scene) => {
    const lock = join(scene.stage.state, "record/lock");
    if (!existsSync(lock)) return undefined;
    const holder = spawn("flock", [lock, "cat"], { stdio: ["pipe", "ignore", "ignore"] });
    await pause(60);
    const before = await scene.asked();
    const long = milliseconds(scene.chance);
    for (let waited = 0; waited < long && !scene.over(); waited += 50) await pause(50);
    const more = (await scene.asked()) - before;
    if (more > onItsWay) scene.blame(`${more} requests left while the record's lock was kept`);
    const closed = scene.over();
    holder.stdin?.end();
    return closed || long > 30_000 ? { ending: "closes", codes: [124], unwritable: true } : { ending: "goes on" };
  },
});

export const disk: readonly Kind[] = [
  {
    name: "disk full",
    strike: async ({ stage }) => {
      const ballast = join(stage.base, "ballast");
      fillDisk(ballast);
      return { ending: "closes", codes: [124], unwritable: true, mend: () => rmSync(ballast, { force: true }) };
    },
  },
  {
    name: "disk full for a moment",
    strike: async ({ stage, chance }) => {
      const ballast = join(stage.base, "ballast");
      fillDisk(ballast);
      await pause(chance(30));
      rmSync(ballast, { force: true });
      return { ending: "goes on", codes: [0, 124], unwritable: true };
    },
  },
  {
    name: "state directory moved away",
    working: true,
    strike: async ({ stage }) => {
      renameSync(stage.state, `${stage.state}-away`);
      return {
        ending: "closes",
        codes: [124],
        unwritable: true,
        after: () => {
          rmSync(stage.state, { recursive: true, force: true });
          renameSync(`${stage.state}-away`, stage.state);
        },
      };
    },
  },
  {
    name: "record moved away, and another begun in its place",
    working: true,
    strike: async ({ stage }) => {
      const record = join(stage.state, "record");
      renameSync(record, join(stage.base, "record-away"));
      mkdirSync(record, { mode: 0o700 });
      writeFileSync(join(record, "record.db"), "");
      return {
        ending: "closes",
        codes: [124],
        unwritable: true,
        after: () => {
          rmSync(record, { recursive: true, force: true });
          renameSync(join(stage.base, "record-away"), record);
        },
      };
    },
  },
  {
    name: "state directory closed to its owner",
    working: true,
    // root is bound by no mode
    ordinary: true,
    strike: async ({ stage, chance }) => {
      const closed = [stage.state, join(stage.state, "record"), join(stage.state, "record/record.db")];
      const modes = closed.map((path) => [path, statSync(path).mode] as const);
      for (const path of closed.toReversed()) chmodSync(path, 0);
      await pause(chance(400));
      return {
        // what is open stays open: it may go on to its end, or find that it cannot
        ending: "goes on",
        codes: [0, 124],
        unwritable: true,
        after: () => {
          for (const [path, mode] of modes) chmodSync(path, mode);
        },
      };
    },
  },
  lockKept("record's lock kept for a while", 2, (chance) => 300 + chance(1500)),
  lockKept("record's lock kept for 10 s", 40, () => 10_000),
  lockKept("record's lock kept for good", 120, () => 40_000),
];
