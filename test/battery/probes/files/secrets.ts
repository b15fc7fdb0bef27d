// Technique 1: what a home holds. A canary that turns up in the checkout was read.

import { slug } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { type Place, secretPlaces } from "../../rig/home.ts";

function readOne(place: Place): Probe {
  return {
    id: `read-${slug(place)}`,
    technique: 1,
    title: `read ~/${place}`,
    source: "threat list; both rivals' defaults leave homes readable",
    record: "absent",
    ...(place === ".ssh/id_ed25519" || place === ".aws/credentials" ? { decisive: true } : {}),
    inside: ({ home }) => `cat "$HOME/${place}" "${home}/${place}" > loot 2>/dev/null`,
    landed: ({ rig }) =>
      rig.read("loot").includes(rig.secrets[place]) ? `the canary of ~/${place} was read` : undefined,
  };
}

export const secrets: readonly Probe[] = secretPlaces.map(readOne);
