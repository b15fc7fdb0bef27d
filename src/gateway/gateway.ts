// The gate, put together: doors in, a judge to ask, a record to write, upstream out. It judges nothing itself.

import type { Doors } from "../domain/door.ts";
import type { Append } from "../domain/entry.ts";
import type { Seek } from "../domain/finding.ts";
import type { GitDesk } from "../domain/git-desk.ts";
import type { Inside } from "../domain/inside.ts";
import type { Collect, Inspect, Restore } from "../domain/inspection.ts";
import type { Judge } from "../domain/judge.ts";
import type { Login } from "../domain/login.ts";
import type { Passes } from "../domain/pass.ts";
import type { Pushes } from "../domain/push.ts";
import type { Credential } from "../domain/reach.ts";
import type { RefusalFor } from "../domain/refusal.ts";
import type { OpenSieve } from "../domain/sieve.ts";
import type { Overhear } from "../domain/transcript.ts";
import type { Authority } from "./authority/session-authority.ts";
import { checkCredentials } from "./credential-check.ts";
import { openDatagrams } from "./datagrams.ts";
import { openFront } from "./front.ts";
import type { Gate } from "./gate.ts";
import { type Limits, limits as standard } from "./limits.ts";
import { openAddresses } from "./names/addresses.ts";
import { openNames } from "./names/questions.ts";
import { openPublications, type Publication, type Published } from "./published.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import { openBuffers } from "./requests/buffers.ts";
import type { MatchesPath } from "./requests/credentials.ts";
import { openHttp2OnDemand, openHttpOnDemand } from "./requests/on-demand.ts";
import { type GatewayEvent, openTally, type Statistics, type Tally } from "./tally.ts";
import { openDial, type Resolve } from "./upstream/dial.ts";
import { openPool } from "./upstream/pool.ts";
import type { ProxyOptions } from "./upstream/proxy.ts";

export interface GatewayOptions {
  readonly authority: Authority;
  readonly judge: Judge;
  readonly seek: Seek;
  /** Where nothing is given, content is sought through for known credentials alone. */
  readonly inspect?: Inspect | undefined;
  /** For replies: gives placeholders of ours back. */
  readonly restore?: Restore | undefined;
  /** Looks at replies that come from outside. */
  readonly collect?: Collect | undefined;
  /** For replies: hears beside what the tool is told. */
  readonly overhear?: Overhear | undefined;
  /** For replies: holds back real credentials. */
  readonly openSieve: OpenSieve;
  readonly append: Append;
  readonly credentials: readonly Credential[];
  /** Tools' own logins: whoever keeps their tokens. */
  readonly logins?: readonly Login[];
  readonly refusalFor: RefusalFor;
  /** Private, loopback, link-local, metadata and other addresses that are no public host's. */
  readonly isSpecial: (ip: string) => boolean;
  readonly matchesPath: MatchesPath;
  /** Where nothing is given, no request is known as a push. */
  readonly pushes?: Pushes;
  /** Where nothing is given, what servers hand out goes inside. */
  readonly passes?: Passes | undefined;
  /** Where nothing is given, git has no way over ssh. */
  readonly desk?: GitDesk | undefined;
  /** The workspace's salt and the file its synthetic addresses are kept in. */
  readonly addresses: { readonly salt: string; readonly file: string };
  readonly upstream: {
    /** PEM of the user's own authorities, beside the system's. */
    readonly authorities: readonly string[];
    readonly proxy: ProxyOptions | undefined;
    /** Instead of the system's resolver. */
    readonly resolve?: Resolve;
  };
  /** Directory for bodies too large for memory; the files in it have no name while they live. */
  readonly spool: string;
  readonly onEvent?: (event: GatewayEvent) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Smaller bounds, for tests. */
  readonly limits?: Partial<Limits>;
}

export interface Gateway {
  /** Once. */
  readonly serve: (doors: Doors) => void;
  /** Once, before the tool runs. Rejects with a Fault `publish`, and then nothing is published. */
  readonly publish: (publications: readonly Publication[], inside: Inside) => Promise<void>;
  /** One more, for a while: until it is closed, or the gate is. Rejects with a Fault `publish`. */
  readonly lend: (publication: Publication, inside: Inside) => Promise<Published>;
  readonly statistics: () => Statistics;
  /** Rejects when the record could not be written, or the gate met a bug: the session must end. Pending otherwise. */
  readonly failed: Promise<never>;
  /** Ends every connection, enters what was only counted, and waits until all of it is durable. */
  readonly close: () => Promise<void>;
}

/** Throws a Fault: `names` (the file of addresses), `proxy`, `credential`. */
export function openGateway(options: GatewayOptions): Gateway {
  checkCredentials(options.credentials);
  const limits = { ...standard, ...options.limits };
  const recorder = openRecorder(options.append);
  const tally = openTally(options.onEvent);
  const gate = buildGate(options, { limits, recorder, tally });
  const addresses = openAddresses(options.addresses.file, options.addresses.salt);
  const names = openNames({ judge: gate.judge, seek: gate.seek, recorder, tally, addresses, limits });
  const http = openHttpOnDemand(gate);
  const http2 = openHttp2OnDemand(gate);
  const datagrams = openDatagrams(gate);
  const { authority, desk } = options;
  const front = openFront({ gate, authority, addresses, names, http, http2, desk });
  const published = openPublications(gate);
  const end = (): void => {
    for (const part of [published, front, http, http2, gate.pool]) part.close();
  };
  recorder.failed.catch(end);
  let unseen = (): number => 0;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    if (gate.exchanging.size > 0) await within(limits.ending, Promise.allSettled([...gate.exchanging]));
    end();
    names.close();
    datagrams.close();
    const overflow = front.overflow() + unseen();
    if (overflow > 0)
      recorder.note({ kind: "connection", verdict: "refuse", rule: "gateway:overflow", counts: { overflow } });
    // the ends of the connections just closed are entered as they close, a turn of the loop later
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await within(limits.ending, recorder.settled());
    }
    addresses.close();
  };
  return {
    serve: (doors) => {
      doors.onArrival(front.receive);
      doors.onQuestion(names.ask);
      doors.onDatagram(datagrams.take);
      unseen = doors.overflow;
    },
    publish: published.all,
    lend: published.one,
    statistics: () => withUnseen(tally.statistics(), unseen()),
    failed: recorder.failed,
    close: () => (closing ??= close()),
  };
}

/** What hangs must not keep a session from ending: its entry comes late, or not at all. */
async function within(time: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, time);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

interface Parts {
  readonly limits: Limits;
  readonly recorder: Recorder;
  readonly tally: Tally;
}

function buildGate(options: GatewayOptions, { limits, recorder, tally }: Parts): Gate {
  const { authorities, proxy, resolve } = options.upstream;
  const dial = openDial({ authorities, proxy, resolve, isSpecial: options.isSpecial, limits });
  return {
    judge: options.judge,
    seek: options.seek,
    inspect: options.inspect,
    restore: options.restore,
    collect: options.collect,
    overhear: options.overhear,
    openSieve: options.openSieve,
    recorder,
    tally,
    credentials: options.credentials,
    logins: options.logins ?? [],
    exchanging: new Set(),
    lent: new Set(),
    matchesPath: options.matchesPath,
    pushes: options.pushes ?? noPushes,
    passes: options.passes,
    refusalFor: options.refusalFor,
    dial,
    pool: openPool(dial, limits, options.clock),
    room: { limits, directory: options.spool, memory: 0, spooled: 0, buffers: openBuffers(limits.idleBuffers) },
    limits,
    clock: options.clock ?? (() => performance.now()),
  };
}

const noPushes: Pushes = {
  read: () => undefined,
  ask: () => ({ kind: "refuse", reason: "nobody can be asked" }),
};

function withUnseen(statistics: Statistics, unseen: number): Statistics {
  const { connections } = statistics;
  return { ...statistics, connections: { ...connections, overflow: connections.overflow + unseen } };
}
