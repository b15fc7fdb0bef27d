// Where `--summary` is written. It often lies in the checkout, where the tool could put a link in its place and have us
// write, with the person's rights, wherever that leads. So the directory is held from before the tool runs, and what
// stands there in the end is written only where it is a file.

import { closeSync, constants, openSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { orFault } from "../domain/fault.ts";

export interface SummaryFile extends Disposable {
  /** Throws a Fault `summary`. */
  readonly write: (text: string) => void;
}

/** `file`: absolute. What the system itself provides (`/dev/stdout`, a descriptor) may be a link. Throws a Fault `summary`. */
export function openSummaryFile(file: string): SummaryFile {
  const directory = guarded(file, () => openSync(dirname(file), constants.O_RDONLY | constants.O_DIRECTORY));
  const own = /^\/(?:dev|proc)\//.test(file);
  const place = own ? file : `/proc/self/fd/${directory}/${basename(file)}`;
  // a pipe put there must not hold us up for ever
  const strict = own ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
  return {
    write: (text) =>
      guarded(file, () => {
        const flag = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | strict;
        const descriptor = openSync(place, flag, 0o666);
        try {
          writeFileSync(descriptor, text);
        } finally {
          closeSync(descriptor);
        }
      }),
    [Symbol.dispose]: () => closeSync(directory),
  };
}

function guarded<Value>(file: string, work: () => Value): Value {
  const hint = "name a file, no link, in a directory you may write";
  return orFault({ code: "summary", message: `the summary ${file} cannot be written`, hint }, work);
}
