// The world of a lane of rounds: one granted host, one granted name that no resolver answers for; every other address there
// leads to the same listener, so whatever passed the boundary is seen.

import { type Outside, openOutside } from "../journeys/outside.ts";
import { failing } from "../journeys/outside-failing.ts";

export const granted = { name: "api.granted.test", ip: "93.184.216.100" } as const;
export const deafHost = `${failing.deaf}.granted.test`;

export const policy = {
  network: {
    allow: [{ host: granted.name, upstream: { address: `${granted.ip}:443` } }, { host: deafHost }],
  },
};

export const openPlace = (directory: string): Promise<Outside> =>
  openOutside({
    directory,
    names: { [granted.name]: [granted.ip], [deafHost]: [granted.ip] },
    certified: [granted.name, deafHost],
    whole: true,
  });
