// `postern verify`: every entry, every signed head; against an older head kept elsewhere where one is given.

import { readFileSync } from "node:fs";
import { orFault } from "../../domain/fault.ts";
import { openRecord } from "../../ledger/record.ts";
import type { Holds } from "../../ledger/verification.ts";
import { verify } from "../../ledger/verify.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller } from "../caller.ts";
import { paint, print } from "../speech.ts";
import { plural } from "../table.ts";

export interface VerifyFlags {
  readonly session?: string;
  readonly head?: string;
  readonly contents: boolean;
  readonly json: boolean;
}

export async function verifyRecord(flags: VerifyFlags): Promise<number> {
  const caller = readCaller();
  const { directory } = describeState(stateDirectory(caller.environment, caller.home));
  const result = await verify(directory, {
    session: flags.session,
    head: flags.head === undefined ? undefined : readHead(flags.head),
    contents: flags.contents,
  });
  if (flags.json && result.kind === "ok") {
    using record = openRecord(directory);
    print(
      JSON.stringify({
        ...result,
        sessions: Object.fromEntries(result.sessions),
        checkpoint: record.head()?.checkpoint,
      }),
    );
  } else if (flags.json) print(JSON.stringify(result));
  else if (result.kind === "ok") describe(result, flags.session);
  else print(`${paint.red("does not verify")}: ${result.sentence}`);
  return result.kind === "ok" ? 0 : 1;
}

function readHead(file: string): string {
  const hint = "a head is the checkpoint that `postern verify --json` or a summary held earlier, as text";
  const text = orFault({ code: "head", message: `the head ${file} cannot be read`, hint }, () =>
    readFileSync(file, "utf8"),
  );
  // `jq -r` and editors add a line end
  return `${text.trimEnd()}\n`;
}

function describe(result: Holds, session: string | undefined): void {
  print(
    `verified: ${plural(result.size, "entry", "entries")} of ${plural(result.sessions.size, "session")} under ${plural(result.heads, "signed head")}`,
  );
  const one = session === undefined ? undefined : result.sessions.get(session);
  if (one !== undefined) print(`session   ${session}: ${one.entries} entries, ${one.first} to ${one.last}`);
  print(`origin    ${result.origin}`);
  print(`root      ${result.root}`);
  const { open, closed, gone } = result.sealed;
  print(`sealed    ${open} parts can be opened here, ${closed} cannot, ${gone} are gone`);
  if (result.continues !== undefined)
    print(`continues the head of ${result.continues} entries that was kept elsewhere`);
  else print("seen by nobody else: keep a head elsewhere and compare (postern verify --help)");
}
