// The tool as a job on its own terminal. A shell stands above it there, as one does anywhere else: without one the kernel
// drops the stop that Ctrl-Z or the tool itself asks for (its process group would be orphaned), and tools that have put
// their terminal away hang or flicker. Once the tool has stopped, the shell stops too, which is seen from outside.

import { childrenOf } from "../doors/owners.ts";
import { isSuspended, lifeOf } from "../life.ts";
import { limits } from "../limits.ts";

/** dash and bash alike; it speaks to nobody, and hands on the tool's end. 147 to 150: stopped, by whichever signal. */
const script = [
  'set -m; exec 3>&2 2>/dev/null; "$@" 2>&3 3>&-; end=$?',
  "while [ $end -ge 147 ] && [ $end -le 150 ] && jobs %% >/dev/null",
  "do kill -STOP $$; fg >/dev/null; end=$?; done",
  "exit $end",
].join("\n");

/** A command → the command that runs it as a job. `sh` is the whole path of a shell. */
export const asJob = (sh: string, command: readonly string[]): readonly string[] => [
  sh,
  "-c",
  script,
  "sh",
  ...command,
];

/** The tool below its shell; undefined while there is none. */
export const toolOf = (shell: number): number | undefined => childrenOf("/proc", shell)[0];

export interface Stops {
  /** Ctrl-Z was typed: it is looked more often for a while. */
  readonly soon: () => void;
  readonly end: () => void;
}

/** `shell`: whose stopping is looked for. `stopped` is not called again before it has resolved, and then everything goes on. */
export function watchStops(shell: () => number | undefined, stopped: () => Promise<void>): Stops {
  let resting = false;
  let ended = false;
  const look = (): void => {
    const pid = shell();
    const life = pid === undefined ? undefined : lifeOf(pid);
    if (resting || ended || life === undefined || !isSuspended(life)) return;
    resting = true;
    void stopped().finally(() => {
      resting = false;
      if (!ended) goOn(life.pid);
    });
  };
  const timer = setInterval(look, limits.stopLookMs).unref();
  return {
    soon: () => {
      for (const wait of limits.stopSoonMs) setTimeout(look, wait).unref();
    },
    end: () => {
      ended = true;
      clearInterval(timer);
    },
  };
}

function goOn(shell: number): void {
  try {
    process.kill(shell, "SIGCONT");
  } catch {
    // it has just been killed
  }
}
