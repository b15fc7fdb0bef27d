// Every probe there is, in the order of the list of techniques.

import type { Probe } from "../probe.ts";
import { existing } from "./control/existing.ts";
import { fresh } from "./control/fresh.ts";
import { repositories } from "./control/repositories.ts";
import { archives } from "./files/archives.ts";
import { hidden } from "./files/hidden.ts";
import { outside } from "./files/outside.ts";
import { secrets } from "./files/secrets.ts";
import { sockets } from "./files/sockets.ts";
import { bounds } from "./kernel/bounds.ts";
import { kernel } from "./kernel/calls.ts";
import { foreign } from "./kernel/foreign.ts";
import { processes } from "./kernel/processes.ts";
import { credentials } from "./network/credentials.ts";
import { direct } from "./network/direct.ts";
import { flooding } from "./network/floods.ts";
import { loopback } from "./network/loopback.ts";
import { dns } from "./network/names.ts";
import { proxies } from "./network/proxies.ts";
import { rebinding } from "./network/rebinding.ts";
import { requests } from "./network/requests.ts";
import { wildcards } from "./network/wildcards.ts";
import { aftermath } from "./own/aftermath.ts";
import { keep, unverified } from "./own/keep.ts";
import { launches } from "./own/launch.ts";
import { denied } from "./programs/denied.ts";
import { renamed } from "./programs/renamed.ts";

export const probes: readonly Probe[] = [
  ...secrets,
  ...outside,
  ...archives,
  ...hidden,
  ...existing,
  ...fresh,
  ...repositories,
  ...processes,
  ...kernel,
  ...foreign,
  ...bounds,
  ...denied,
  ...renamed,
  ...launches,
  ...keep,
  ...aftermath,
  ...sockets,
  ...direct,
  ...dns,
  ...loopback,
  ...rebinding,
  ...requests,
  ...wildcards,
  ...proxies,
  ...credentials,
  ...flooding,
  ...unverified,
];
