// A session that has ended → its summary.

import type { Walls } from "../boundary/contract.ts";
import type { Head } from "../ledger/writer.ts";
import type { Attempts } from "./attempts.ts";
import type { BoundsReached } from "./bounds-reached.ts";
import type { Changes } from "./changed.ts";
import type { Checkouts } from "./checkout.ts";
import type { Commands } from "./commands.ts";
import type { SessionExit } from "./ends.ts";
import type { Gate } from "./gate.ts";
import type { Offers } from "./offers.ts";
import type { Prepared } from "./prepare.ts";
import type { Summary } from "./summary.ts";

export interface Told {
  readonly prepared: Prepared;
  readonly walls: Pick<Walls, "lacks" | "missing">;
  readonly exit: SessionExit;
  readonly gate: Gate;
  readonly commands: Pick<Commands, "statistics" | "firstRefused">;
  readonly attempts: Attempts;
  readonly reached: BoundsReached;
  readonly offers: Offers;
  readonly checkouts: Pick<Checkouts, "view">;
  readonly changes: Changes;
  /** Undefined where the record broke. */
  readonly head: Head | undefined;
  /** Entries of this session that are durable. */
  readonly entries: number;
}

export function summarise(told: Told): Summary {
  const { prepared, walls, exit, gate, commands, changes, head, entries } = told;
  const { session, policy, request } = prepared;
  const seen = gate.statistics();
  return {
    version: 1,
    session: session.id,
    grade: session.grade,
    missing: walls.missing,
    lacks: walls.lacks,
    bounds: told.reached.all(),
    workspace: session.workspace,
    tool: {
      name: session.tool.name,
      version: session.tool.version ?? null,
      path: session.tool.path,
      sha256: session.tool.sha256,
    },
    mode: session.mode,
    edits: session.edits,
    policy: {
      sha256: policy.sha256,
      layers: policy.layers.map(({ kind, path, sha256 }) => ({ kind, path, sha256 })),
    },
    started: request.now.toISOString(),
    ended: new Date().toISOString(),
    exit,
    network: networkOf(told),
    commands: { ...commands.statistics(), firstRefused: commands.firstRefused() ?? null },
    files: filesOf(changes, told),
    disclosures: gate.disclosed.told(),
    findings: gate.disclosed.found(),
    transcript: gate.disclosed.histories(),
    verdicts: {
      allow: seen.allowed - gate.disclosed.redacted(),
      redact: gate.disclosed.redacted(),
      ask: 0,
      reroute: 0,
      refuse: seen.refused,
    },
    ledger: { entries, size: head?.size ?? 0, root: head?.root ?? "", checkpoint: head?.checkpoint ?? "" },
  };
}

function networkOf({ gate, offers }: Told): Summary["network"] {
  const seen = gate.statistics();
  return {
    requests: seen.requests,
    refused: seen.refused,
    bytesOut: seen.bytesOut,
    bytesIn: seen.bytesIn,
    connections: seen.connections.total,
    connectionsRefused: seen.connections.refused,
    namesRefused: gate.namesRefused(),
    refusedFor: gate.refusedFor(),
    overflow: seen.connections.overflow,
    hosts: seen.hosts,
    published: seen.published,
    unpublished: offers.seen(),
  };
}

function filesOf({ changed, held, undo, staged }: Changes, { attempts, checkouts }: Told): Summary["files"] {
  const { hidden, masked } = checkouts.view;
  return {
    changed,
    held,
    attempts: attempts.count(),
    firstAttempt: attempts.first() ?? null,
    hidden: hidden.length,
    masked: masked.length,
    undo,
    staged,
  };
}
