// Where a battery stands: the world outside, and who the person is whom the targets run as. Root makes itself an ordinary
// user of no account; an ordinary user is itself.

import { mkdtempSync, rmSync } from "node:fs";
import { become, enterAs } from "../../src/boundary/linux/covered-room.ts";
import type { Person } from "./rig/rig.ts";
import { openWorld } from "./rig/world.ts";
import type { Field } from "./targets/target.ts";

/** In no account file, so that nothing on this machine is its own. */
const nobody = 12_021;

export interface Ground extends AsyncDisposable {
  readonly field: Field;
  readonly person: Person;
}

/** `root`: the person is root, where whoever runs this is. */
export async function openGround(root: boolean): Promise<Ground> {
  const directory = mkdtempSync("/var/tmp/postern-battery-world-");
  const world = await openWorld(directory);
  const mighty = process.getuid?.() === 0;
  const asRoot = mighty && root;
  const uid = asRoot ? 0 : mighty ? nobody : (process.getuid?.() ?? nobody);
  return {
    field: { world, as: mighty && !asRoot ? enterAs(become(uid)) : [], asRoot },
    person: { uid, gid: mighty ? uid : (process.getgid?.() ?? nobody) },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
