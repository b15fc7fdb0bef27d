// Every probe there is, in the order of the list of techniques.

import type { Probe } from "../probe.ts";
import { existing } from "./control/existing.ts";
import { fresh } from "./control/fresh.ts";
import { outside } from "./files/outside.ts";
import { secrets } from "./files/secrets.ts";
import { sockets } from "./files/sockets.ts";
import { kernel } from "./kernel/calls.ts";
import { processes } from "./kernel/processes.ts";
import { direct } from "./network/direct.ts";
import { loopback } from "./network/loopback.ts";
import { dns } from "./network/names.ts";
import { rebinding } from "./network/rebinding.ts";
import { requests } from "./network/requests.ts";

export const probes: readonly Probe[] = [
  ...secrets,
  ...outside,
  ...existing,
  ...fresh,
  ...processes,
  ...kernel,
  ...sockets,
  ...direct,
  ...dns,
  ...loopback,
  ...rebinding,
  ...requests,
];
