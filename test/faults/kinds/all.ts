// Every kind of fault.

import type { Kind } from "../kind.ts";
import { agents } from "./agents.ts";
import { asked } from "./asked.ts";
import { book } from "./book.ts";
import { clock } from "./clock.ts";
import { disk } from "./disk.ts";
import { grouped } from "./grouped.ts";
import { killed } from "./killed.ts";
import { network } from "./network.ts";
import { stalled } from "./stalled.ts";
import { starved } from "./starved.ts";
import { terminal } from "./terminal.ts";

export const kinds: readonly Kind[] = [
  ...killed,
  ...asked,
  ...stalled,
  ...book,
  ...disk,
  ...starved,
  ...grouped,
  ...clock,
  ...network,
  ...terminal,
  ...agents,
];
