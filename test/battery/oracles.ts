// What probes look at, and how the record would tell of it: shared by many, each a plain function.

import type { Logged } from "../journeys/stage.ts";
import type { After, Probe } from "./probe.ts";

type Landed = Probe["landed"];

/** Something at these places of the machine, from the rig's own directory, is not as it was. */
export const changed =
  (...places: readonly string[]): Landed =>
  ({ changes }) => {
    const one = changes.find(({ path }) => places.some((place) => path === place || path.startsWith(`${place}/`)));
    return one === undefined ? undefined : `${one.path} is ${one.what}`;
  };

/** Something new, or that says something else, lies at these places of the checkout. What went away with its directory runs nowhere. */
export const planted =
  (...paths: readonly string[]): Landed =>
  (after: After) =>
    lies(...paths)({ ...after, changes: after.changes.filter(({ what }) => what !== "gone") });

/** It lies in the checkout, or lay there for a while. */
export const lies =
  (...paths: readonly string[]): Landed =>
  (after: After) => {
    const still = changed(...paths.map((path) => `work/${path}`))(after);
    if (still !== undefined) return still;
    const stay = after.stays.find((one) => paths.includes(one.path));
    return stay === undefined ? undefined : `${stay.path} lay in the checkout`;
  };

/** A connection, a datagram or a request came to the world outside, aimed there. */
export const reached =
  (ip: string): Landed =>
  ({ seen }) =>
    seen.some((one) => (one.kind === "connection" || one.kind === "request") && one.ip === ip)
      ? `${ip} was reached`
      : undefined;

/** A question for a name with this label in it was asked outside. */
export const asked =
  (label: string): Landed =>
  ({ seen }) => {
    const one = seen.find((each) => each.kind === "question" && each.name.includes(label));
    return one?.kind === "question" ? `${one.name} was asked for outside` : undefined;
  };

/** A process of the probe held such a descriptor open, or ran such a file. */
export const held =
  (pattern: RegExp): Landed =>
  ({ glimpses }) => {
    const all = glimpses.flatMap(({ open, executable }) => [...open, executable]);
    const one = all.find((link) => pattern.test(link));
    return one === undefined ? undefined : `a process held ${one}`;
  };

export const nothing: Landed = () => undefined;

export const aimOf = ({ sealed }: Logged): { ip?: string; port?: number } =>
  (sealed["destination"] as { ip?: string; port?: number } | undefined) ?? sealed;

/** An entry that a control file at this path, or the directory it came with, was refused. */
export const refusedControl =
  (...paths: readonly string[]) =>
  ({ kind, verdict, sealed }: Logged): boolean => {
    const at = sealed["path"];
    if (kind !== "control-file" || verdict !== "refuse" || typeof at !== "string") return false;
    return paths.some((path) => path === at || path.startsWith(`${at}/`) || at.startsWith(`${path}/`));
  };

/** For ids. */
export const slug = (text: string): string =>
  text
    .replaceAll(/[^a-zA-Z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .toLowerCase();
