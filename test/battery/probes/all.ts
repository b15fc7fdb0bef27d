// Every probe there is, in the order of the list of techniques.

import type { Probe } from "../probe.ts";
import { existing } from "./control/existing.ts";
import { fresh } from "./control/fresh.ts";
import { outside } from "./files/outside.ts";
import { secrets } from "./files/secrets.ts";
import { direct } from "./network/direct.ts";

export const probes: readonly Probe[] = [...secrets, ...outside, ...existing, ...fresh, ...direct];
