// Processes: others are not seen, none outlives the session, what begins is on the record, what a rule of `commands` names does not begin.

import { existsSync } from "node:fs";
import type { RecordedEntry } from "../../ledger/record.ts";
import { ruledCommands } from "../plan.ts";
import { absent, type Evidence, judge, type Row, sealedOf } from "../row.ts";

export function processRows(evidence: Evidence): Row[] {
  const { scratch, loot, unharmed, left } = evidence;
  const rule = "default processes";
  return [
    judge(evidence, {
      ...{ area: "processes", id: "processes", rule, tried: "see a program that runs outside" },
      landed: loot("processes").includes(scratch.stranger.word) ? "its arguments were read" : undefined,
      stopped: ["ok", ...absent],
      by: "a process namespace of its own",
    }),
    judge(evidence, {
      ...{ area: "processes", id: "signal", rule, tried: "end a program that runs outside" },
      landed: unharmed ? undefined : "it was killed",
      stopped: ["ESRCH", "EPERM"],
    }),
    judge(evidence, {
      ...{ area: "processes", id: "outlive", rule, tried: "leave a process behind" },
      landed: left.length > 0 ? `${left.length} live on after the session` : undefined,
      stopped: ["ok"],
      by: "ended with the session",
    }),
    judge(evidence, {
      ...{ area: "processes", id: "run", rule: "default record", tried: "begin a program unseen" },
      landed: undefined,
      recorded: (entry) => entry.leaf.kind === "exec" && hasWord(entry, scratch.mark) && hasWord(entry, "/bin/true"),
      stopped: ["ok"],
      by: "on the record",
      needs: "watch",
    }),
  ];
}

export function commandRows(evidence: Evidence): Row[] {
  const { policy } = evidence;
  return ruledCommands(evidence).map(({ id, rule, prefix, words, trace }) => {
    const tried = `begin ${prefix.join(" ")}`;
    if (words === undefined) {
      const by = "a program by its path: it would be the machine's own that began";
      return { area: "commands", rule, place: policy.origins[rule], tried, outcome: "untried", by };
    }
    const row = judge(evidence, {
      ...{ area: "commands", id, rule, tried, landed: existsSync(trace) ? "it began" : undefined },
      stopped: absent,
      recorded: ({ leaf }) => leaf.kind === "exec" && leaf.rule === rule && leaf.verdict === "refuse",
      needs: "watch",
      by: id.startsWith("ask") ? "asked about, nobody answers" : "the watch",
    });
    if (policy.mode !== "audit" || row.outcome !== "broken") return row;
    return { ...row, outcome: "open" as const, by: "it began, as audit lets it" };
  });
}

function hasWord(entry: RecordedEntry, word: string): boolean {
  const words = sealedOf(entry)["arguments"];
  return Array.isArray(words) && words.includes(word);
}
