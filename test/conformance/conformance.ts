// `npm run conformance [NAME…]`: the long runs, all or those named; each leaves its result in conformance/results/. Exit 1
// where one found what must not be.

import * as killing from "./kills.ts";
import * as landings from "./landing.ts";
import { digestFolders, keepResult } from "./results.ts";

const seed = (): number => Date.now() % 1_000_000;
const runs = {
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
