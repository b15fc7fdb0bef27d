// What every exchange at the gate has at hand: the judge it asks, the record it waits for, the ways out.

import type { Duplex } from "node:stream";
import type { Host } from "../domain/brand.ts";
import type { Seek } from "../domain/finding.ts";
import type { Collect, Inspect, Restore } from "../domain/inspection.ts";
import type { Judge } from "../domain/judge.ts";
import type { Login } from "../domain/login.ts";
import type { Passes } from "../domain/pass.ts";
import type { Pushes } from "../domain/push.ts";
import type { Credential } from "../domain/reach.ts";
import type { RefusalFor } from "../domain/refusal.ts";
import type { OpenSieve } from "../domain/sieve.ts";
import type { Overhear } from "../domain/transcript.ts";
import type { SealedProcess } from "./conceal.ts";
import type { Limits } from "./limits.ts";
import type { Recorder } from "./recorder.ts";
import type { Room } from "./requests/body.ts";
import type { MatchesPath } from "./requests/credentials.ts";
import type { Visited } from "./requests/framing.ts";
import type { Tally } from "./tally.ts";
import type { Dial } from "./upstream/dial.ts";
import type { Pool } from "./upstream/pool.ts";

export interface Gate {
  readonly judge: Judge;
  readonly seek: Seek;
  readonly inspect: Inspect | undefined;
  readonly restore: Restore | undefined;
  readonly collect: Collect | undefined;
  readonly overhear: Overhear | undefined;
  readonly openSieve: OpenSieve;
  readonly recorder: Recorder;
  readonly tally: Tally;
  /** Those that servers hand out come and go. */
  readonly credentials: readonly Credential[];
  readonly logins: readonly Login[];
  /** Requests for tokens whose reply must not be lost. */
  readonly exchanging: Set<Promise<unknown>>;
  /** Which credential was put in toward which host so far: as many as the policy binds, at most. */
  readonly lent: Set<string>;
  readonly matchesPath: MatchesPath;
  readonly pushes: Pushes;
  readonly passes: Passes | undefined;
  readonly refusalFor: RefusalFor;
  readonly dial: Dial;
  readonly pool: Pool;
  readonly room: Room;
  readonly limits: Limits;
  /** Milliseconds, for durations: not the time of day, which may be set back in between. */
  readonly clock: () => number;
}

/** Where a tunnel is to lead. */
export interface Asked {
  readonly host: Host;
  readonly port: number;
}

/** One connection that speaks HTTP, from its opening to its end. */
export interface Visit extends Visited {
  /** The proxy the tool thought it was asking when it came to this host; nothing was dialled to it. */
  readonly via: string | undefined;
  /** Where this connection may be asked as a proxy: takes it from here on, for another place. */
  readonly tunnel: ((stream: Duplex, asked: Asked) => void) | undefined;
  readonly process: Promise<SealedProcess>;
  /** Requests taken and not yet answered. */
  waiting: number;
  /** When the last of them was answered (the gate's clock); its rest may still be on its way. */
  rested: number;
  /** Requests so far. */
  requests: number;
  tail: Promise<void>;
  /** A refusal has been entered after which nothing on this connection is read any more. */
  ended: boolean;
}
