// What the two processes tell each other over Node's IPC channel, and what the helper is started with. Messages from
// the helper are read with a parser: it is our own code, but a process of its own.

import type { Attempt } from "../../domain/attempt.ts";
import { type Bound, bounds } from "../../domain/bound.ts";
import type { Digest } from "../../domain/brand.ts";
import type { Address } from "../../domain/exchange.ts";
import type { CommandPrefix, Execution } from "../../domain/execution.ts";
import type { Detour } from "../contract.ts";
import type { Scratch } from "./bounds/scratch.ts";
import type { Proc } from "./entrance.ts";
import type { Meant } from "./view/laid.ts";
import { parseAttempt, parseExecutions, parseRemembered } from "./watch/telling.ts";

export const doorNames = ["tcp", "dns", "udp"] as const;
export type DoorName = (typeof doorNames)[number];
/** A place of the inside's loopback that leads to the gateway; opened later than the doors, for it is the policy's. */
export const placeName = "place";

/** The tool's own three, as the helper holds them. */
export const firstDescriptor = 4;
export const ownDescriptors = 3;
/** Bubblewrap's: 0–2 the tool's own, then these, then one for each text. The status pipe is put in at its place. */
export const argumentPlace = 3;
export const seccompPlace = 4;
export const statusPlace = 5;
export const textPlace = 6;

/** The helper's only argument, as JSON. */
export interface Start {
  readonly backlog: number;
  readonly sh: string;
  readonly ip: string;
  readonly nft: string;
  readonly mount: string;
  /** Bound read-only over itself before it runs; undefined where the person could not change it anyhow. */
  readonly seal: string | undefined;
  /** Device nodes that the person could change: their mounts are made read-only before bubblewrap binds them. */
  readonly devices: readonly string[];
  readonly proc: Proc;
}

export type Order =
  /** The doors are attended: make one attempt each way. */
  | { readonly kind: "probe"; readonly v6: boolean }
  /**
   * What bubblewrap is to read, in order, kept where nobody can name it; and places to open. From then on whatever the helper
   * starts waits for the watch. Answered with a `door` for each place, then `furnished`; or `failed`.
   */
  | ({ readonly kind: "furnish" } & Furniture)
  /** A connection to a server inside, answered with `reached`. */
  | { readonly kind: "reach"; readonly id: number; readonly port: number }
  /** `processes`: that everything inside may have. */
  | ({ readonly kind: "run"; readonly command: readonly string[]; readonly processes: number } & Watched)
  /** So many of the `executions` told are on the record. */
  | { readonly kind: "entered"; readonly count: number }
  | { readonly kind: "answer"; readonly id: number; readonly allow: boolean };

export interface Furniture {
  readonly files: readonly Uint8Array[];
  readonly places: readonly Address[];
  /** Laid before anything is bound. */
  readonly detours: readonly Detour[];
  /** Made before anything is bound. */
  readonly scratch: Scratch;
  /** Calls that would change a name or a content wait for the watch, too. */
  readonly writes: boolean;
  /** A watch that the kernel refuses is gone without. */
  readonly lesser: boolean;
}

export interface Watched {
  readonly questioned: readonly CommandPrefix[];
  /** Digests by who the files are. */
  readonly remembered: readonly (readonly [string, Digest])[];
  /** Trees in which attempts at what is unwritable are told. */
  readonly guarded: readonly string[];
  /** What the view must have, looked at before the last of the boundary's own programs begins. */
  readonly meant: readonly Meant[];
  /** The boundary's own programs, in the order in which they begin before the tool. */
  readonly prelude: readonly string[];
}

const steps = ["proc", "seal", "routes", "rules", "doors", "files", "places", "scratch", "detours", "watch"] as const;
export type Step = (typeof steps)[number];

export type Report =
  /** Sent with the open socket. */
  | { readonly kind: "door"; readonly name: DoorName | typeof placeName; readonly family: 4 | 6 }
  /** All doors are handed over and the helper's copies closed. */
  | { readonly kind: "ready"; readonly v6: boolean; readonly lowPorts: boolean; readonly boundsUsers: boolean }
  /** `unwatched`: why there is no watch. */
  | { readonly kind: "furnished"; readonly unwatched: string | undefined }
  /** With the connected socket, or without one where nothing listens. */
  | { readonly kind: "reached"; readonly id: number; readonly port: number }
  | { readonly kind: "failed"; readonly step: Step; readonly detail: string }
  /** They began; in order. */
  | { readonly kind: "executions"; readonly executions: readonly Execution[] }
  /** It waits for its answer. */
  | { readonly kind: "question"; readonly id: number; readonly execution: Execution }
  /** Somebody tries to change what is held. */
  | { readonly kind: "attempt"; readonly attempt: Attempt }
  /** There were so many more of them. */
  | { readonly kind: "attempts"; readonly more: number }
  /** All of it was used up at some moment. */
  | { readonly kind: "bounded"; readonly bound: Bound }
  | { readonly kind: "learnt"; readonly digests: readonly (readonly [string, Digest])[] }
  /** The watch failed while the tool ran; the helper, and with it everything inside, ends. */
  | { readonly kind: "lapsed"; readonly detail: string }
  /** bubblewrap ended; `tool` is the tool's exit code where it ever ran. The helper's last word. */
  | { readonly kind: "ended"; readonly tool: number | undefined; readonly killed: boolean };

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export function parseReport(message: unknown): Report | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message)) return undefined;
  const field = (name: string): unknown => Reflect.get(message, name);
  const name = ([...doorNames, placeName] as const).find((known) => known === field("name"));
  const family = [4 as const, 6 as const].find((known) => known === field("family"));
  const tool = field("tool");
  switch (message.kind) {
    case "door":
      return name && family ? { kind: "door", name, family } : undefined;
    case "ready":
      return {
        kind: "ready",
        v6: field("v6") === true,
        lowPorts: field("lowPorts") === true,
        boundsUsers: field("boundsUsers") === true,
      };
    case "furnished":
      return { kind: "furnished", unwatched: textOf(field("unwatched")) };
    case "reached":
      return { kind: "reached", id: Number(field("id")), port: Number(field("port")) };
    case "failed": {
      const step = steps.find((known) => known === field("step"));
      return step ? { kind: "failed", step, detail: String(field("detail")) } : undefined;
    }
    case "lapsed":
      return { kind: "lapsed", detail: String(field("detail")) };
    case "executions":
      return { kind: "executions", executions: parseExecutions(field("executions")) };
    case "question": {
      const [id, [execution]] = [field("id"), parseExecutions([field("execution")])];
      return typeof id === "number" && execution ? { kind: "question", id, execution } : undefined;
    }
    case "attempt":
      return { kind: "attempt", attempt: parseAttempt(field("attempt")) };
    case "attempts":
      return { kind: "attempts", more: Number(field("more")) };
    case "bounded": {
      const bound = bounds.find((known) => known === field("bound"));
      return bound ? { kind: "bounded", bound } : undefined;
    }
    case "learnt":
      return { kind: "learnt", digests: parseRemembered(field("digests")) };
    case "ended":
      return { kind: "ended", tool: typeof tool === "number" ? tool : undefined, killed: field("killed") === true };
    default:
      return undefined;
  }
}
