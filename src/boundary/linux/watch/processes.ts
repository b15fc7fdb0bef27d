// Where /proc shows a thread that waits. Usually /proc counts as the kernel's notices do; where this system's own had to be
// laid aside (`outer-proc.ts`), it counts otherwise, and a pidfd tells the number it has there.

import { closeSync, readFileSync } from "node:fs";
import type { Proc } from "../entrance.ts";
import { outerProc } from "../outer-proc.ts";
import type { Calls } from "./calls.ts";

export interface Processes {
  /** The directory of that thread; undefined where it is gone. */
  readonly of: (thread: number) => string | undefined;
  /** Of a process named in one of these directories. */
  readonly named: (pid: number) => string;
}

export function openProcesses(proc: Proc, openProcess: Calls["openProcess"]): Processes {
  if (proc === "fresh") return { of: (thread) => `/proc/${thread}`, named: (pid) => `/proc/${pid}` };
  const named = (pid: number): string => `${outerProc}/${pid}`;
  return {
    named,
    of: (thread) => {
      const descriptor = openProcess(thread);
      if (descriptor < 0) return undefined;
      try {
        // proc(5): the number in the namespace of this /proc
        const [, pid] = /^Pid:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1")) ?? [];
        return pid === undefined || pid === "0" ? undefined : named(Number(pid));
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
