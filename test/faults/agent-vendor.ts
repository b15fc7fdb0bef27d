// The scripted vendor in a lane's world, as a process of its own: it leads a real agent from command to command, and says
// which targets were asked for. Takes the key as its argument. Started by agent.ts, never by hand.

import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import type { Script } from "../../src/vendor/script.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";

export type Word =
  | { readonly kind: "ready"; readonly address: string; readonly ca: string }
  | { readonly kind: "asked"; readonly targets: readonly string[] };

/** What tool.mjs does, a step a time. */
const command = [
  "printf x >>began; echo >ready",
  "(exec 3<>/dev/tcp/10.1.2.3/25; exec 4<>/dev/tcp/stranger.test/443) 2>/dev/null",
  "(echo obey >>CLAUDE.md; mkdir -p .husky; echo x >.husky/pre-commit) 2>/dev/null",
  "true",
].join("\n");

const script: Script = {
  name: "work without pause",
  steps: Array.from({ length: 190 }, () => ({ say: "And once more.", call: { tool: "bash", arguments: { command } } })),
  final: "Done.",
  aside: "Work",
};

const tls = issueForLoopback(vendorNames);
const vendor = await openVendor({ script, key: process.argv[2] ?? "", tls });
const say = (word: Word): void => void process.send?.(word);
process.on("disconnect", () => process.exit(0));
process.on("message", () => say({ kind: "asked", targets: vendor.requests.map(({ target }) => target) }));
say({ kind: "ready", address: vendor.address, ca: tls.ca });
