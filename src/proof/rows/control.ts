// Control files: what is there is held and the attempt entered; what is new is swept or does not land.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedEntry } from "../../ledger/record.ts";
import { isWithin } from "../../policy/way.ts";
import { type Evidence, judge, type Row, sealedOf, unwritable } from "../row.ts";
import { existing, files, fresh } from "../scratch.ts";

export function controlRows(evidence: Evidence): Row[] {
  const { policy, scratch, prepared } = evidence;
  // where the checkout is unwritable as a whole nobody has to hold anything in it
  const writable = policy.files.write.some((root) => isWithin(scratch.work, root));
  const live = writable && prepared.session.edits === "live";
  return [
    ...existing.map((path) => {
      const at = join(scratch.work, path);
      const kept = existsSync(at) && readFileSync(at, "utf8") === files[path];
      // git writes its configuration elsewhere, and little of it comes back
      const own = path === ".git/config";
      return judge(evidence, {
        ...{ area: "control files", id: `existing:${path}`, rule: "control-files", tried: `change ${path}` },
        landed: kept ? undefined : "it says something else now",
        stopped: live && !own ? unwritable : [...unwritable, "ok"],
        ...(live && !own ? { recorded: refusedAt(path), needs: "watch" as const } : {}),
        ...(live ? {} : { by: writable ? "the copy's alone" : "the checkout is unwritable" }),
      });
    }),
    ...fresh.map((path) =>
      judge(evidence, {
        ...{ area: "control files", id: `fresh:${path}`, rule: "control-files", tried: `bring a new ${path}` },
        landed: existsSync(join(scratch.work, path)) ? "it lies in the checkout after the session" : undefined,
        stopped: [...unwritable, "ok"],
        ...(live ? { recorded: refusedAt(path), needs: "watch" as const, by: swept(evidence, path) } : {}),
        ...(live ? {} : { by: writable ? "the copy's alone" : "the checkout is unwritable" }),
      }),
    ),
  ];
}

/** An entry of it, or of the directory it came with. */
const refusedAt =
  (path: string) =>
  (entry: RecordedEntry): boolean => {
    const at = sealedOf(entry)["path"];
    const of = typeof at === "string" && (at === path || path.startsWith(`${at}/`));
    return of && entry.leaf.kind === "control-file" && entry.leaf.verdict === "refuse";
  };

function swept({ report }: Evidence, path: string): string {
  return report[`fresh:${path}`] === "ok" ? "swept into quarantine" : `could not be made (${report[`fresh:${path}`]})`;
}
