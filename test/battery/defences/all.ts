// The registry: every defence, with the probes that prove it. A defence without a probe is a hope.

import { control } from "./control.ts";
import type { Defence } from "./defence.ts";
import { kernel } from "./kernel.ts";
import { network } from "./network.ts";

export const defences: readonly Defence[] = [...kernel, ...control, ...network];
