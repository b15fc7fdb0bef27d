// `registry` of an entry of `network.allow`: a package manager's own configuration says where it leads, so nothing else may.

import { z } from "zod";
import { registryClients } from "../registry.ts";

export const registry = z
  .enum(registryClients)
  .meta({ description: "Whichever hosts that client is configured to use", examples: ["npm"] });

const placing = ["ports", "paths", "protocol", "push", "push-limit"] as const;

export function isPlacedTwice(
  entry: { readonly registry?: unknown } & { readonly [key in (typeof placing)[number]]?: unknown },
): boolean {
  return entry.registry !== undefined && placing.some((key) => entry[key] !== undefined);
}

export const placedTwice = {
  path: ["registry"],
  message: "a registry's place is what its client is configured to use: no ports, paths, protocol, push",
  params: {
    hint: "leave them out, or name the host instead",
    example: "network:\n  allow:\n    - { registry: npm, methods: [GET, HEAD] }",
  },
};
