// Everything in a private copy that is not as it was at the start, as wishes to land. Enters: a look at the copy; names,
// links and contents are *attacker-controlled*. Leaves: wishes, and in words what can never land.

import { Fault } from "../../domain/fault.ts";
import { Blobs } from "../blobs.ts";
import type { Change } from "../changes.ts";
import type { ReviewFault } from "../git.ts";
import { sayVeiled, veilOfCopy } from "../staged/conceal.ts";
import type { Look } from "../staged/look.ts";
import { type StagedCopy, storeOf } from "../staged/record.ts";
import { apartBecause, isGitsOwn } from "./apart.ts";
import type { Wish } from "./effects.ts";
import { gitPartWishes } from "./git-parts.ts";

export interface Wishes {
  readonly all: readonly Wish[];
  readonly told: readonly string[];
}

export async function wishesOf(copy: StagedCopy, look: Look): Promise<Wishes | ReviewFault> {
  const store = storeOf(copy);
  const landable = look.changes.filter(({ path }) => !isGitsOwn(path));
  const refused = look.changes.filter(({ path }) => isGitsOwn(path));
  const files: Wish[] = [];
  await using blobs = new Blobs(store);
  for (const change of landable) files.push(await wishFor(copy, { look, blobs, change }));
  const parts = await gitPartWishes(copy, store);
  if (parts instanceof Fault) return parts;
  return {
    all: [...files, ...parts],
    told: refused.map(({ path }) => `${path} never lands: its name means a git directory somewhere`),
  };
}

interface Told {
  readonly look: Look;
  readonly blobs: Blobs;
  readonly change: Change;
}

async function wishFor(copy: StagedCopy, { look, blobs, change }: Told): Promise<Wish> {
  const { path, before, after } = change;
  const target = after?.kind === "symlink" ? (await blobs.read(after.object))?.toString() : undefined;
  const apart = apartBecause(copy, look.found, { path, kind: after?.kind, target });
  const veiled = veilOfCopy(copy.veil)(path, after?.kind === "symlink");
  const refused = veiled && sayVeiled(veiled);
  return { id: path, root: copy.workspace, path, base: before, theirs: after, apart, refused };
}
