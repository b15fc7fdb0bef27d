// An execution as it may be told: a word in which a real credential stands, in any form the first seeker knows, is a note in
// its place. A tool that found the value somewhere may put it into a command; our own record and output never hold it.

import type { ExecutedFile, Execution } from "../domain/execution.ts";
import type { Seek } from "../domain/finding.ts";

const note = "[holds a credential]";

export interface Concealed {
  readonly execution: Execution;
  /** Something was put in a credential's place. */
  readonly held: boolean;
}

/** Everything in the execution is attacker-controlled. */
export function conceal(execution: Execution, seek: Seek): Concealed {
  let held = false;
  const word = (text: string): string => {
    if (!seek({ kind: "target", text }).some(({ what }) => what === "credential")) return text;
    held = true;
    return note;
  };
  const file = <File extends Pick<ExecutedFile, "executable">>(told: File): File => ({
    ...told,
    executable: word(told.executable),
  });
  const { parent } = execution;
  const concealed: Execution = {
    ...file(execution),
    named: word(execution.named),
    parent: parent === undefined ? undefined : file(parent),
    interpreters: execution.interpreters.map(({ named, ...told }) => ({
      ...file(told),
      ...(named === undefined ? {} : { named: word(named) }),
    })),
    arguments: execution.arguments.map(word),
    directory: word(execution.directory),
  };
  return { execution: concealed, held };
}
