// A netrc, as pip and Go read it, and apt's auth.conf, which is one with addresses in place of names → who logs in where.
// The text is the person's or the system's; it may be anything all the same.

import { join } from "node:path";
import { Secret } from "../../domain/secret.ts";
import { absolute } from "../../policy/way.ts";
import type { Login } from "./found.ts";
import { type Surroundings, textOf } from "./settings.ts";

/** Words of one file. */
const most = 20_000;

/** By machine; the first of each. A `default` is for no place by name, and gives nothing here. */
export type Netrc = ReadonlyMap<string, Login>;

export function parseNetrc(text: string): Netrc {
  const machines = new Map<string, Login>();
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  const words = lines.join("\n").split(/\s+/, most);
  let machine: string | undefined;
  let [user, password]: (string | undefined)[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    const next = words[at + 1];
    if (word === "default" || word === "macdef") machine = undefined;
    if (word === "machine") [machine, user, password] = [next, undefined, undefined];
    else if (word === "login") user = next;
    else if (word === "password") password = next;
    else continue;
    at += 1;
    if (machine === undefined || user === undefined || password === undefined || password === "") continue;
    if (!machines.has(machine)) machines.set(machine, { user, secret: new Secret(password) });
  }
  return machines;
}

/** The person's own, where credentials are wanted. */
export async function netrcOf(from: Surroundings): Promise<Netrc> {
  if (!from.claims) return new Map();
  const chosen = from.variables["NETRC"];
  const path =
    chosen === undefined || chosen === "" ? join(from.home, ".netrc") : absolute(chosen, from.home, from.home);
  return parseNetrc((await textOf(path, from)) ?? "");
}
