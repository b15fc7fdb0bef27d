// The caller's three descriptors in, the three the tool gets out. Terminals never go inside: where input and output are
// terminals, a pseudo-terminal of our own stands between (errors too, if they are one); a terminal beside pipes is
// relayed through a pipe; anything that is not a terminal is handed on as it is.

import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import type { Streams } from "../../contract.ts";
import type { Native } from "../native.ts";
import { openPipes } from "./pipes.ts";
import { openPseudo } from "./pseudo.ts";

export interface Relay {
  /** For the tool's 0, 1 and 2. */
  readonly inner: readonly [number, number, number];
  /** True where the tool gets a terminal of its own, which its first process then controls. */
  readonly terminal: boolean;
  /** Another process holds the inner ends now: closes ours. */
  readonly handed: () => void;
  /** Begins to carry. */
  readonly begin: () => void;
  /** Everything inside has ended: waits until its last output is out and puts the caller's terminal back. */
  readonly end: () => Promise<void>;
}

/** Throws a BoundaryFault where no terminal can be made. */
export async function openRelay(streams: Streams | undefined, load: () => Promise<Native>): Promise<Relay> {
  if (streams === undefined) {
    const nothing = openSync("/dev/null", "r+");
    return { ...plain([nothing, nothing, nothing]), handed: () => closeSync(nothing) };
  }
  const { input, output, errors } = streams;
  if (isatty(input) && isatty(output)) return openPseudo(streams, await load());
  if ([input, output, errors].some((descriptor) => isatty(descriptor))) return openPipes(streams, await load());
  return plain([input, output, errors]);
}

const plain = (inner: Relay["inner"]): Relay => ({
  inner,
  terminal: false,
  handed: () => undefined,
  begin: () => undefined,
  end: () => Promise.resolve(),
});
