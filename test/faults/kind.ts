// What a kind of fault is: how its session is started, what is done to it at a random moment, and how it must end.

import type { Target } from "../journeys/kill-rounds.ts";
import type { Stage, Started } from "../journeys/stage.ts";
import type { Shim } from "./shim.ts";

export interface Scene {
  readonly stage: Stage;
  readonly started: Started;
  /** Process of the command line. */
  readonly cli: number;
  readonly shim: Shim;
  /** A number from 0 below this one, by the round's seed. */
  readonly chance: (below: number) => number;
  readonly over: () => boolean;
  /** The tool has begun its work. */
  readonly ready: () => boolean;
  /** Requests of this round that the world outside has seen so far. */
  readonly asked: () => Promise<number>;
  /** Bytes of a file of the checkout, 0 where there is none. */
  readonly size: (name: string) => number;
  /** Waits until it is there; undefined where the session ended before. */
  readonly find: (part: Target | "tool") => Promise<number | undefined>;
  /** Something that must not have happened. */
  readonly blame: (what: string) => void;
}

export interface Blow {
  /** `goes on`: the tool works on to its own end. `closes`: the session ends by itself. `cut`: the command line itself was killed. */
  readonly ending: "goes on" | "closes" | "cut";
  /** Of the command line; what its ending alone asks for where left out. 125 is right where the tool had not begun. */
  readonly codes?: readonly number[];
  /** What broke is the record: its end is told, and cannot be in it. */
  readonly unwritable?: boolean;
  /** Code in the record where it is not the command line's own. */
  readonly stop?: number;
  /** Nobody hears what it says at its end. */
  readonly unheard?: boolean;
  /** Before anything is judged: the disk as it is after the machine lost its power, and its like. */
  readonly after?: () => void;
  /** Before the next session: what a person would do. */
  readonly mend?: () => void;
}

export interface Kind {
  readonly name: string;
  /** Of how many rounds of a whole run it is given one; 1 where left out. */
  readonly seldom?: number;
  /** Struck from within the command line's own process (shim.c), for which there must be a C compiler. */
  readonly within?: boolean;
  /** The tool is a published agent; it ends only by what strikes it. */
  readonly agent?: boolean;
  /** Strikes only while the boundary is being built. */
  readonly starting?: boolean;
  /** Says nothing of root: its sessions are an ordinary user's. */
  readonly ordinary?: boolean;
  /** The tool takes memory until it has this much of it, in MiB. */
  readonly hungry?: number;
  /** Targets of its requests begin with it. */
  readonly target?: string;
  /** Host asked, the granted one where left out. */
  readonly host?: string;
  /** Strikes only once the tool works; else one in four strikes while the boundary is being built. */
  readonly working?: boolean;
  /** Why it cannot be tried on this machine; undefined: it can. */
  readonly notHere?: () => string | undefined;
  /** What it is started with: a command line in front of its own. */
  readonly before?: readonly string[];
  /** Undefined where there was nothing to strike any more. */
  readonly strike: (scene: Scene) => Promise<Blow | undefined>;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** False where it is gone. */
export function signal(pid: number | undefined, name: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && process.kill(pid, name);
  } catch {
    return false;
  }
}
