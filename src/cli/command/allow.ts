// `postern allow HOST`: adds a grant to the person's own policy, comments and order kept. A URL, a host with a port or with
// a path is as good: it is the narrower grant.

import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isLoopback } from "../../decision/explain.ts";
import { parseHost } from "../../domain/brand.ts";
import { type AllowOptions, allowHost } from "../../policy/amend.ts";
import { splitAddress } from "../../policy/host-pattern.ts";
import { renderFaults } from "../../policy/render.ts";
import { userFile } from "../../session/policy-places.ts";
import { readCaller } from "../caller.ts";
import { print, say, warn } from "../speech.ts";
import { show, showPath } from "../table.ts";

export interface AllowFlags {
  readonly why?: string;
  readonly methods?: string;
  readonly paths?: string;
  readonly until?: string;
}

export async function allow(what: string, flags: AllowFlags): Promise<number> {
  const caller = readCaller();
  const file = userFile(caller);
  const { host, ...where } = readPlace(what);
  const parsed = parseHost(host);
  if (parsed !== undefined && isLoopback(parsed)) {
    warn(
      `inside, ${show(host, 80)} is the tool's own`,
      `for a server of this machine:  postern why ${show(host, 80)}:PORT`,
    );
    return 1;
  }
  const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const amended = allowHost(text, host, file, {
    ...where,
    ...list("methods", flags.methods?.toUpperCase()),
    ...list("paths", flags.paths),
    ...(flags.why === undefined ? {} : { why: flags.why }),
    ...(flags.until === undefined ? {} : { until: flags.until }),
  });
  if (!amended.ok) {
    say(renderFaults(amended.faults).trimEnd());
    return 1;
  }
  if (amended.changed) replace(file, amended.text);
  const place = showPath(file, caller.home);
  print(amended.changed ? `${host} added to ${place}` : `${host} stands in ${place} already`);
  if (amended.changed) print("it counts for sessions that start from now on");
  return 0;
}

/** `https://host:port/path`, `host:port`, `host/path` → the host, and what narrows it. What is none of these stays as it is. */
export function readPlace(what: string): { readonly host: string } & Pick<AllowOptions, "ports" | "paths"> {
  const [, scheme, rest = what] = /^(https?):\/\/(.*)$/i.exec(what) ?? [];
  const [, place = rest, path = ""] = /^([^/?#]+)([^?#]*)/.exec(rest) ?? [];
  const split = splitAddress(place);
  const usual = split === undefined || split.port === (scheme?.toLowerCase() === "http" ? 80 : 443);
  return {
    host: split?.host ?? place,
    ...(usual ? {} : { ports: [split.port] }),
    ...(path === "" || path === "/" ? {} : { paths: [path] }),
  };
}

function list<Key extends string>(key: Key, text: string | undefined): Partial<Record<Key, string[]>> {
  return text === undefined ? {} : ({ [key]: text.split(",").map((part) => part.trim()) } as Record<Key, string[]>);
}

/** Whole or not at all. Where a person keeps the file elsewhere, the link to it stays. */
export function replace(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const real = existsSync(file) ? realpathSync(file) : file;
  const next = `${real}.${process.pid}.new`;
  writeFileSync(next, text, { mode: 0o600, flag: "wx" });
  renameSync(next, real);
}
