// The watch's place in the helper: made ready while the helper waits for its orders, then on every start of a program.

import type { Watched } from "../channel.ts";
import type { Proc } from "../entrance.ts";
import { openCalls } from "./calls.ts";
import { buildWatchProgram } from "./filter.ts";
import { loadForeign } from "./foreign.ts";
import { type Launcher, openLauncher } from "./launch.ts";
import { installFilter, openListener } from "./listener.ts";
import { openProcesses } from "./processes.ts";
import { type Supervision, type Supervisor, supervise } from "./supervisor.ts";

export interface Post extends Launcher {
  /**
   * From now on every program this process starts waits, and all that these start; with `writes`, so does all that would change
   * a name or a content. Throws where the kernel refuses. This process itself must do neither from then on: nobody would answer.
   */
  readonly install: (writes: boolean) => void;
  readonly attend: (watched: Watched, speech: Pick<Supervision, "tell" | "ask" | "attempt" | "fail">) => Supervisor;
}

/** `proc`: which one this process sees. */
export async function openPost(proc: Proc): Promise<Post> {
  const { arch } = process;
  if (arch !== "x64" && arch !== "arm64") throw new Error(`no watch for ${arch}`);
  const foreign = await loadForeign();
  const calls = openCalls(foreign, arch);
  const processes = openProcesses(proc, calls.openProcess);
  let descriptor = -1;
  return {
    ...openLauncher(foreign),
    install: (writes) => {
      descriptor = installFilter(foreign, arch, buildWatchProgram(arch, writes));
    },
    attend: (watched, speech) => {
      const listener = openListener(foreign, descriptor);
      return supervise({ listener, calls, processes, architecture: arch }, { ...watched, ...speech });
    },
  };
}
