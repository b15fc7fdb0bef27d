// @anthropic-ai/sandbox-runtime: with its own defaults and the checkout, and with the strictest its settings offer. What it
// says with debugging on is taken for its record, for on Linux it keeps none.

import { join } from "node:path";
import { secretPlaces } from "../rig/home.ts";
import type { Rig } from "../rig/rig.ts";
import { launch, type Target } from "./target.ts";

const fair = (rig: Rig, names: readonly string[]): object => ({
  network: { allowedDomains: names, deniedDomains: [] },
  filesystem: { denyRead: [], allowWrite: [rig.work], denyWrite: [] },
});

const strict = (rig: Rig, names: readonly string[]): object => ({
  network: {
    allowedDomains: names.map((name) => `${name}:443`),
    deniedDomains: [],
    strictAllowlist: true,
  },
  filesystem: {
    denyRead: [rig.home, ...secretPlaces.map((path) => join(rig.home, path)), rig.out],
    allowRead: [rig.work],
    allowWrite: [rig.work],
    denyWrite: [],
  },
  mandatoryDenySearchDepth: 10,
});

export function srtTarget(kind: "default" | "strict", entry: string, version: string): Target {
  return {
    name: kind === "default" ? "srt" : "srt-strict",
    settings:
      kind === "default"
        ? "the checkout and one host"
        : "home unreadable, search depth 10, one host and port, strictAllowlist",
    version,
    run: async (rig, field, { command, names, environment, around }) => {
      const settings = join(rig.base, "srt.json");
      rig.write(settings, JSON.stringify((kind === "default" ? fair : strict)(rig, names)));
      const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
      const words = [process.execPath, entry, "--debug", "--settings", settings, "-c", line];
      const ended = await launch(rig, field, words, { environment: { SRT_DEBUG: "1", ...environment }, around });
      return { ended, record: { kind: "text", text: ended.errors } };
    },
  };
}
