// The caller's three descriptors in, the three the tool gets out. Terminals never go inside: where input and output are
// terminals, a pseudo-terminal of our own stands between (errors too, if they are one); a terminal beside pipes is
// relayed through a pipe; regular files are carried through pipes; pipes and what `handed.ts` lets pass are handed on as
// they are.

import { closeSync, fstatSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { Fault } from "../../../domain/fault.ts";
import type { BoundaryFault, Streams } from "../../contract.ts";
import type { Native } from "../native.ts";
import { type Carried, carryFiles } from "./files.ts";
import { openPipes } from "./pipes.ts";
import { openPseudo } from "./pseudo.ts";

export interface Relay {
  /** For the tool's 0, 1 and 2. */
  readonly inner: readonly [number, number, number];
  /** True where the tool gets a terminal of its own, which its first process then controls. */
  readonly terminal: boolean;
  /** Another process holds the inner ends now: closes ours. */
  readonly handed: () => void;
  /** Begins to carry. `onSuspend`: told of each Ctrl-Z on its way to the tool's terminal. */
  readonly begin: (onSuspend: () => void) => void;
  /** While the tool rests, the caller's terminal is put back as it was; the answer takes it again. */
  readonly lay: () => Promise<() => void>;
  /** Everything inside has ended: waits until its last output is out and puts the caller's terminal back. */
  readonly end: () => Promise<void>;
}

/** Throws a BoundaryFault where no terminal can be made, or a descriptor is a directory. */
export async function openRelay(streams: Streams | undefined, load: () => Promise<Native>): Promise<Relay> {
  if (streams === undefined) {
    const nothing = openSync("/dev/null", "r+");
    return { ...plain([nothing, nothing, nothing]), handed: () => closeSync(nothing) };
  }
  const { input, output, errors } = streams;
  if ([input, output, errors].some((descriptor) => fstatSync(descriptor).isDirectory())) throw refuseDirectory();
  const carried = await carryFiles(streams, load);
  const relay = await relayTerminals(carried?.streams ?? streams, load);
  return carried === undefined ? relay : join(relay, carried);
}

async function relayTerminals(streams: Streams, load: () => Promise<Native>): Promise<Relay> {
  const { input, output, errors } = streams;
  if (isatty(input) && isatty(output)) return openPseudo(streams, await load());
  if ([input, output, errors].some((descriptor) => isatty(descriptor))) return openPipes(streams, await load());
  return plain([input, output, errors]);
}

function join(relay: Relay, carried: Carried): Relay {
  return {
    ...relay,
    handed: () => {
      relay.handed();
      carried.handed();
    },
    begin: (onSuspend) => {
      carried.begin();
      relay.begin(onSuspend);
    },
    end: async () => {
      await relay.end();
      await carried.end();
    },
  };
}

/** From an open directory everything beside and above it can be reached, whatever is mounted inside. */
const refuseDirectory = (): BoundaryFault =>
  new Fault({
    code: "no-terminal",
    message: "standard input, output or errors is a directory, through which the whole machine could be reached",
    hint: "redirect from and to files, such as </dev/null",
  });

const plain = (inner: Relay["inner"]): Relay => ({
  inner,
  terminal: false,
  handed: () => undefined,
  begin: () => undefined,
  lay: () => Promise.resolve(() => undefined),
  end: () => Promise.resolve(),
});
