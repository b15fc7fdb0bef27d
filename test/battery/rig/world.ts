// The world outside of every probe: one network namespace for a whole run, in which every address and port leads to a
// listener that keeps what it gets. The names in it, and who the person is that the targets run as.

import { type Outside, openOutside } from "../../journeys/outside.ts";

/** The only host any policy of a probe allows: `POST` and `GET` below `/v1/`. */
export const allowed = { name: "api.allowed.test", ip: "93.184.216.100" } as const;
/** Where that name leads, and the public one of those a probe may be granted beside it. */
export const granted: readonly string[] = [allowed.ip, "93.184.216.101"];
/** Everybody else's. */
export const evil = { name: "evil.test", ip: "93.184.216.66" } as const;
/** Reachable on the host's loopback, and there for its own user only. */
export const hostService = { ip: "127.0.0.1", port: 9099 } as const;

const names: Readonly<Record<string, readonly string[]>> = {
  [allowed.name]: [allowed.ip],
  [evil.name]: [evil.ip],
  [`*.${evil.name}`]: [evil.ip],
  "loop.allowed.test": ["127.0.0.1"],
  "meta.allowed.test": ["169.254.169.254"],
  "private.allowed.test": ["10.1.2.3"],
  "mapped.allowed.test": ["0.0.0.0"],
  "turn.allowed.test": ["93.184.216.101"],
  "xallowed.test": [evil.ip],
  "self-signed.test": ["93.184.216.101"],
  "turning.allowed.test": ["93.184.216.101", "127.0.0.1"],
  "*.allowed.test": [allowed.ip],
};

/** Names that a wildcard grant of one probe allows too. */
export const certified = [allowed.name, evil.name, "*.allowed.test", `*.${evil.name}`];

export const openWorld = (directory: string): Promise<Outside> =>
  openOutside({ directory, names, certified, whole: true, hostName: "workstation" });
