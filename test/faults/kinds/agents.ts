// Some of the others, while a published agent works instead of a program of ours.

import type { Kind } from "../kind.ts";
import { asked } from "./asked.ts";
import { book } from "./book.ts";
import { disk } from "./disk.ts";
import { killed } from "./killed.ts";
import { stalled } from "./stalled.ts";

const chosen: ReadonlySet<string> = new Set([
  "cli killed",
  "helper killed",
  "bubblewrap inside killed",
  "SIGHUP to the command line",
  "helper stalls, and the person ends it",
  "cli stalls, and the command line is killed",
  "record: making durable fails (EIO)",
  "record: the disk stops, and all is killed",
  "power is lost",
  "disk full",
]);

export const agents: readonly Kind[] = [...killed, ...asked, ...stalled, ...book, ...disk]
  .filter(({ name }) => chosen.has(name))
  .map((kind) => ({ ...kind, name: `pi works: ${kind.name}`, agent: true, working: true }));
