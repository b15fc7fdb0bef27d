// The walls, whatever they are built of: what one run asks of them and what they give back. Nothing here assumes a
// shared /proc, file descriptors or mounts between inside and outside: the virtual machine for macOS implements it too.

import type { Attempt } from "../domain/attempt.ts";
import type { Reached } from "../domain/bound.ts";
import type { Digest } from "../domain/brand.ts";
import type { Doors } from "../domain/door.ts";
import type { Address } from "../domain/exchange.ts";
import type { CommandPrefix, Execution } from "../domain/execution.ts";
import type { Fault } from "../domain/fault.ts";
import type { Inside } from "../domain/inside.ts";
import type { Grade, Lack, Missing } from "../domain/session.ts";

/** One piece of the file view inside, applied in order; later ones cover earlier ones. */
export type Mount =
  /** `from` on the host, visible at `path`, unwritable. `exact`: a real path, and no link on the way to it is followed. */
  | { readonly kind: "read"; readonly path: string; readonly from: string; readonly exact?: boolean }
  /** `ours`: a directory of Postern's own, in which mount points may be made; in any other they must exist. `exact`: as above. */
  | {
      readonly kind: "write";
      readonly path: string;
      readonly from: string;
      readonly ours?: boolean;
      readonly exact?: boolean;
    }
  /** Present but empty and private to the session. */
  | { readonly kind: "empty"; readonly path: string }
  /** A file with this content, unwritable. */
  | { readonly kind: "text"; readonly path: string; readonly text: string | Buffer; readonly program?: boolean }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** A file of a tree that is written inside has a link in its place there: whoever writes it writes what the link leads to. */
export interface Detour {
  /** The file, on the host and inside. */
  readonly at: string;
  /** A symbolic link on the host, which leads to a path inside. */
  readonly by: string;
}

/** `before`: something else was in its place inside already. */
export type Covered = "now" | "before" | "failed";

/** Unwritable and empty, inside. */
export interface Blanks {
  readonly file: string;
  readonly directory: string;
}

export interface Amounts {
  /** Bytes, page cache included; bounded where a cgroup can be had. */
  readonly memory: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Bytes in all temporary directories together: memory as well. */
  readonly scratch: number;
  /** Files there. */
  readonly scratchFiles: number;
}

/** Who the tool is inside; never 0. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

/** Where somebody else built the walls: how a command gets inside, and a directory that both sides see. */
export interface OuterPlace {
  /** Of the policy. */
  readonly name: string;
  /** Put before a command; `terminal`: where it has one. */
  readonly enter: readonly string[];
  readonly terminal: readonly string[];
  readonly door: { readonly host: string; readonly inside: string };
  /** The checkout as either side sees it. */
  readonly workspace: { readonly host: string; readonly inside: string };
  /** Node inside. */
  readonly node: string;
  /** Of the program that leads inside, out here: what it leads in with it is the tool's to read. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Plan {
  /** Everything beyond the system's own read-only view: workspace, home, installation, grants, held files. */
  readonly mounts: readonly Mount[];
  readonly detours?: readonly Detour[];
  /** Files in what is shown that say whom Java trusts; covered by one that has the session's authority too. */
  readonly trustStores?: readonly string[];
  readonly identity: Identity;
  /** The whole environment inside, nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory inside. */
  readonly directory: string;
  /** The session's authority (PEM), trusted inside only. */
  readonly authority: string;
  /** Trees in which what is unwritable is held: who tries to change it all the same is told (`Watch.attempted`). */
  readonly guarded?: readonly string[];
  /** Places of the inside's loopback that lead to the gateway, as every destination beyond it does. */
  readonly services?: readonly Address[];
  /** Among the mounts: what is laid over what is to be hidden later (`Walls.cover`). */
  readonly blanks?: Blanks;
  /** How much everything inside may have together, where it is not the usual: proofs and tests. */
  readonly amounts?: Partial<Amounts>;
  /** Instead of walls of ours; of the plan's file view nothing is used then. */
  readonly outer?: OuterPlace | undefined;
  /** Grades it may stand at beside `full`, where the whole was tried and refused; else that is refused. None where left out. */
  readonly lesser?: readonly Grade[];
}

/**
 * The caller's own descriptors for the tool's three: 0, 1, 2 in the CLI. Terminals are relayed and never handed inside;
 * anything else is.
 */
export interface Streams {
  readonly input: number;
  readonly output: number;
  readonly errors: number;
}

export interface Exit {
  /** The tool's own code, 128+n for signal n; 126 and 127 as in env(1). */
  readonly code: number;
  /** False where the walls or the gate ended it. */
  readonly byTool: boolean;
}

/** What the walls do about every program that is about to begin inside. */
export interface Watch {
  /** What begins with one of these waits for `judge`; everything else begins at once and is `told`. */
  readonly questioned: readonly CommandPrefix[];
  /** May it begin? Its thread waits meanwhile, so nobody may be asked. Where it rejects, everything inside ends. */
  readonly judge: (execution: Execution) => Promise<boolean>;
  /** Resolves when it is on the record; where too many are not, the next wait. Where it rejects, everything inside ends. */
  readonly told: (execution: Execution) => Promise<unknown>;
  /** The walls refuse it; each kind of attempt once. Where it rejects, everything inside ends. */
  readonly attempted: (attempt: Attempt) => Promise<unknown>;
  /** So many attempts were not told one by one. */
  readonly attemptedMore: (count: number) => Promise<unknown>;
  /** Everything inside together has used up what it may have; each bound once while it runs, and again with how often at its end. Where it rejects, everything inside ends. */
  readonly bounded: (reached: Reached) => Promise<unknown>;
  /** Digests of files by who they are, in the walls' own words; they add what they had to compute. */
  readonly remembered: Map<string, Digest>;
}

export interface Walls extends AsyncDisposable {
  /** `full` where nothing is missing. */
  readonly grade: Grade;
  readonly missing: readonly Missing[];
  /** What this machine does not offer inside, the walls being whole. */
  readonly lacks: readonly Lack[];
  readonly doors: Doors;
  readonly inside: Inside;
  /**
   * Starts the tool; resolves when it and everything it started has ended, and all of it was told. Called once. Rejects with
   * `no-mount` or `no-watch` where nothing was started; with anything else, it may have run. `rest`: the tool has stopped, as
   * for Ctrl-Z, and the caller's terminal is as it was; once it resolves, the tool goes on. Without it, at once.
   */
  readonly run: (
    command: readonly string[],
    watch: Watch,
    rest?: (ended: () => boolean) => Promise<void>,
  ) => Promise<Exit>;
  /** Lays a blank over what has come to lie there, where the inside sees that very file. Once the tool has begun. */
  readonly cover: (path: string, kind: keyof Blanks) => Promise<Covered>;
  /** Ends everything inside at once. Idempotent. */
  readonly kill: () => void;
  /** Passes a signal on to the tool's first process; nothing where it does not run. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Rejects when the walls broke by themselves; pending for ever otherwise. */
  readonly broken: Promise<never>;
}

export type BoundaryFault = Fault<
  | "no-bubblewrap"
  | "no-namespaces"
  | "no-redirect"
  | "no-tools"
  | "no-terminal"
  | "no-mount"
  | "no-watch"
  | "outer"
  | "platform"
  | "helper"
  | "watch"
>;

/** What takes time and needs no plan, begun at once; disposed of without having been entered, nothing of it is left. */
export interface Ground extends AsyncDisposable {
  /** Once. Builds all the rest; rejects with a BoundaryFault before any process of the tool exists, and cleans up. */
  readonly enter: (plan: Plan) => Promise<Walls>;
}

/** Never throws: what cannot be had is told on entering. No streams: nothing to read, and what the tool says is thrown away. */
export type BreakGround = (streams?: Streams) => Ground;

/** Both steps in one. */
export type EnterBoundary = (plan: Plan, streams?: Streams) => Promise<Walls>;

/** One thing a boundary needs here. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Not ok, and a boundary can be built without it all the same: at this grade. */
  readonly lesser?: Grade;
  /** What is no part of it then. */
  readonly missing?: readonly Missing[];
  /** What was seen. */
  readonly seen: string;
  /** The exact command or setting that mends it. Set when not ok; beside `ok`, the walls stand without it, and the tool lacks it. */
  readonly remedy: string | undefined;
}
export type Diagnose = () => Promise<readonly Check[]>;
