// Types the commands of the guide in a fresh home, and writes the guide anew with what they showed.
//   node scripts/first-five-minutes.ts

import { readFileSync, writeFileSync } from "node:fs";
import { openNewUser, readGuide, root, typeAll } from "../test/journeys/five-minutes.ts";

const file = `${root}/docs/guide/first-five-minutes.md`;
const guide = readFileSync(file, "utf8");
await using user = await openNewUser();
const begun = performance.now();
const typed = await typeAll(user, readGuide(guide));
const failed = typed.filter(({ code }) => code !== 0);
for (const one of failed) process.stderr.write(`$ ${one.typed}\n${one.output}\nended with ${one.code}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

let next = 0;
const written = guide.replace(/^```console\n[\s\S]*?^```$/gm, (block) => {
  const commands = block.match(/^\$ /gm)?.length ?? 0;
  const lines = typed
    .slice(next, next + commands)
    .map((one) => `$ ${one.typed}\n${one.output === "" ? "" : `${one.output}\n`}`);
  next += commands;
  return `\`\`\`console\n${lines.join("")}\`\`\``;
});
if (failed.length === 0) writeFileSync(file, written);
process.stderr.write(`${typed.length} commands in ${Math.round((performance.now() - begun) / 1000)} s\n`);
