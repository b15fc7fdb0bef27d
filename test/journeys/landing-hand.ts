// A process of its own that takes one landing through, to be killed while it does: says `ready`, begins when it is told, says `landed`.

import { readFileSync } from "node:fs";
import { parseJournal } from "../../src/review/landing/journal.ts";
import { land } from "../../src/review/landing/land.ts";
import { parseCopy } from "../../src/review/staged/record.ts";

const [directory = "", file = ""] = process.argv.slice(2);
const copy = parseCopy(readFileSync(`${directory}/record.json`, "utf8"), directory);
const journal = parseJournal(readFileSync(file, "utf8"));
process.once("message", () => {
  if (copy === undefined || journal === undefined) process.exit(2);
  void land(copy, journal).then((landed) => {
    process.send?.("kind" in landed && landed.kind === "landed" ? "landed" : "not landed");
    setTimeout(() => process.exit(), 10_000);
  });
});
process.send?.("ready");
