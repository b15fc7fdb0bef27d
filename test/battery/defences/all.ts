// The registry: every defence, with the probes that prove it. A defence without a probe is a hope. Not here: what stands
// behind another wall that no edit of ours takes away (a privilege the kernel asks for, keyrings of a user namespace).

import { control } from "./control.ts";
import type { Defence } from "./defence.ts";
import { kernel } from "./kernel.ts";
import { network } from "./network.ts";

export const defences: readonly Defence[] = [...kernel, ...control, ...network];
