// The disk below the record fails, lies or stops, in the command line's own process (shim.c): the record cannot be written,
// so nothing leaves; a machine that loses its power keeps what was acknowledged.

import { existsSync, rmSync, truncateSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { type Kind, pause, type Scene, signal } from "../kind.ts";

const { EIO, ENOSPC, EROFS } = { ...constants.errno, EROFS: 30 };

/** What was acknowledged before it stopped, and is on its way. */
const onItsWay = 8;

type Way = "writeErrno" | "syncErrno";

const failing = (name: string, way: Way, errno: number): Kind => ({
  name,
  strike: async ({ shim }) => {
    shim.set(way, errno);
    return {
      ending: "closes",
      codes: [124],
      unwritable: true,
      mend: () => shim.set(way, 0),
    };
  },
});

/** The book stands still, in whichever thread it is: no request may leave. */
async function holdBook(scene: Scene): Promise<void> {
  scene.shim.set("stall", 1);
  await pause(30);
  const before = await scene.asked();
  await pause(150 + scene.chance(250));
  const more = (await scene.asked()) - before;
  if (more > onItsWay) scene.blame(`${more} requests reached the world outside while the record could not be written`);
}

/** As it is on a disk that kept what it was told to keep, and nothing else. */
function losePower({ stage, shim }: Scene): void {
  const log = join(stage.state, "record/record.db-wal");
  if (!existsSync(log)) return;
  truncateSync(log, shim.get("syncedBytes"));
  rmSync(join(stage.state, "record/record.db-shm"), { force: true });
}

const within: readonly Kind[] = [
  failing("record: writing fails (EIO)", "writeErrno", EIO),
  failing("record: making durable fails (EIO)", "syncErrno", EIO),
  failing("record: no room (ENOSPC)", "writeErrno", ENOSPC),
  failing("record: disk became read-only (EROFS)", "writeErrno", EROFS),
  {
    name: "record: the disk stops, and goes on",
    working: true,
    strike: async (scene) => {
      await holdBook(scene);
      scene.shim.set("stall", 0);
      return { ending: "goes on" };
    },
  },
  {
    name: "record: the disk stops, and all is killed",
    strike: async (scene) => {
      await holdBook(scene);
      signal(scene.cli, "SIGKILL");
      return { ending: "cut", after: () => losePower(scene), mend: () => scene.shim.set("stall", 0) };
    },
  },
  {
    name: "power is lost",
    strike: async (scene) =>
      signal(scene.cli, "SIGKILL") ? { ending: "cut", after: () => losePower(scene) } : undefined,
  },
];

export const book: readonly Kind[] = within.map((kind) => ({ ...kind, within: true }));
