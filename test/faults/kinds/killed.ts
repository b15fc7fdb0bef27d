// A part is killed by force: the command line (gateway and book with it), what holds the namespaces, the helper (the watch
// with it), bubblewrap, the tool.

import type { Target } from "../../journeys/kill-rounds.ts";
import { type Blow, type Kind, signal } from "../kind.ts";

const parts: readonly (Target | "tool")[] = ["cli", "unshare", "helper", "bubblewrap", "bubblewrap inside", "tool"];

const blows: Readonly<Partial<Record<Target | "tool", Blow>>> = {
  cli: { ending: "cut" },
  // its end is the tool's own as far as anybody can tell
  tool: { ending: "closes", codes: [137] },
  "bubblewrap inside": { ending: "closes", codes: [124, 137] },
};

export const killed: readonly Kind[] = parts.map((part) => ({
  name: `${part} killed`,
  strike: async ({ find }) =>
    signal(await find(part), "SIGKILL") ? (blows[part] ?? { ending: "closes", codes: [124] }) : undefined,
}));
