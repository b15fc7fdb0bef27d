// `npm run conformance [NAME…]`: the long runs, all or those named; each leaves its result in conformance/results/. Exit 1
// where one found what must not be.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writePage } from "../battery/page.ts";
import * as probing from "./battery.ts";
import * as removing from "./defences.ts";
import * as killing from "./kills.ts";
import * as landings from "./landing.ts";
import { digestFolders, keepResult, root } from "./results.ts";

const seed = (): number => Date.now() % 1_000_000;
const runs = {
  battery: {
    folders: probing.folders,
    run: async () => {
      const result = await probing.battery();
      writeFileSync(join(root, "docs/battery.md"), writePage(result.found, new Date().toISOString()));
      return result;
    },
  },
  defences: { folders: removing.folders, run: () => removing.removals() },
  kills: { folders: killing.folders, run: () => killing.kills(seed()) },
  landing: { folders: landings.folders, run: () => landings.landing(seed()) },
} as const;

const wanted = process.argv.slice(2);
for (const [name, { folders, run }] of Object.entries(runs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const sources = { folders, sha256: digestFolders(folders) };
  const { held, found } = await run();
  process.stdout.write(`${held ? "held" : "NOT HELD"}  ${name}  ${keepResult(name, { sources, held, found })}\n`);
  if (!held) process.exitCode = 1;
}
