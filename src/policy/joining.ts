// What every part of the joining of layers is handed, and where it puts what does not count.

import type { Ceiling } from "./ceiling.ts";
import type { Path } from "./document.ts";
import { dotted, type Notice, type Place } from "./fault.ts";
import type { Layer, PolicySources } from "./layers.ts";
import type { RegistryRule } from "./policy.ts";
import type { Configured, RegistryClient } from "./registry.ts";

export interface Joining {
  /** Every layer that may grant, in the order organisation, user, repository. */
  readonly granting: readonly Layer[];
  /** All of them, the untrusted repository's too: it may still narrow. */
  readonly layers: readonly Layer[];
  readonly sources: PolicySources;
  readonly ceiling: Ceiling;
  /** Of every client a granting layer names; empty where nobody looks. */
  readonly registries: ReadonlyMap<RegistryClient, Configured>;
  /** Filled while joining. */
  readonly voided: Notice[];
  readonly requested: Notice[];
  readonly origins: Record<string, Place>;
  readonly told: RegistryRule[];
}

/** The id of what stands at `path`; notes its place. */
export function enrol(joining: Joining, layer: Layer, path: Path): string {
  const id = `${layer.name}:${dotted(path)}`;
  joining.origins[id] = layer.parsed.place(path);
  return id;
}

interface Avoided {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  readonly about?: string | undefined;
  readonly example?: string;
}

/** Something that stands in a layer and does not count: it `message`. */
export function avoid(joining: Joining, layer: Layer, { path, message, ...rest }: Avoided): void {
  const told = { key: path, message: `\`${dotted(path)}\` ${message}`, ...rest };
  joining.voided.push(layer.parsed.notice(layer.name, told));
}

/** The same where there is no file: a flag of the command, or a profile. */
export function avoidUnplaced(
  joining: Joining,
  id: string,
  told: { file: string; message: string; hint: string },
): void {
  const nowhere = { line: 0, column: 0, key: "", example: "", excerpt: undefined, width: 1, about: undefined };
  joining.voided.push({ id, ...nowhere, ...told });
}

export const beyond = "ask whoever keeps /etc/postern/policy.yaml";
export const renew = "give it a new day under `until`, or take the entry out";
