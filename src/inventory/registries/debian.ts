// The archives apt is told of: one-line and deb822 lists, and apt's own proxy left alone. There is no default: a system's
// lists name their archives. The lists themselves are what apt inside is told, without users and passwords.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Found, heldFor, type Login } from "./found.ts";
import { type Netrc, parseNetrc } from "./netrc.ts";
import { apart, type Place, placeOf } from "./place.ts";
import { type Surroundings, textOf } from "./settings.ts";

const hint = "see /etc/apt/sources.list and sources.list.d, or name the hosts";
/** Files of one directory, lines of one file, archives in all. */
const most = { files: 200, lines: 10_000, places: 100 };

export async function debianRegistries(from: Surroundings): Promise<Found> {
  const root = join(`${from.system}/`, "etc/apt");
  const lists = await readAll(listsIn(root), from);
  const named = lists.flatMap(({ path, text }) => (path.endsWith(".sources") ? stanzasIn(text) : linesIn(text)));
  // whatever is no web server needs no network, or is no registry: cdrom:, file:, mirror+file:
  const places = named.flatMap((url) => placeOf(url) ?? []).slice(0, most.places);
  if (places.length === 0) return { ok: false, message: "no list of apt's names an archive", hint };
  const logins = from.claims ? await loginsOf(root, from) : new Map();
  return {
    ok: true,
    places: apart(places),
    settings: lists.map(({ path, text }) => ({ name: path.slice(from.system.length), value: withoutLogins(text) })),
    held: from.claims ? heldFor(places, (place) => place.login ?? loginFor(place, logins)) : [],
  };
}

async function readAll(paths: readonly string[], from: Surroundings): Promise<{ path: string; text: string }[]> {
  const texts = await Promise.all(paths.map(async (path) => ({ path, text: await textOf(path, from) })));
  return texts.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
}

/** Whatever stands before an address's `@` anywhere in a list, a comment too. */
function withoutLogins(text: string): string {
  return text.replace(/:\/\/[^/\s@]{0,2048}@/g, "://");
}

/** apt_auth.conf(5) */
async function loginsOf(root: string, from: Surroundings): Promise<Netrc> {
  const below = join(root, "auth.conf.d");
  const names = entries(below).filter((name) => /^[A-Za-z0-9_.-]+\.conf$/.test(name));
  const read = await readAll([join(root, "auth.conf"), ...names.map((name) => join(below, name))], from);
  return new Map(read.flatMap(({ text }) => [...parseNetrc(text)]).toReversed());
}

/** A machine is `[scheme://]host[:port][/path]`; https where it names no scheme. */
function loginFor({ url }: Place, logins: Netrc): Login | undefined {
  for (const [machine, login] of logins) {
    const named = URL.parse(machine.includes("://") ? machine : `https://${machine}`);
    const address = new URL(url);
    if (named?.origin === address.origin && address.pathname.startsWith(named.pathname)) return login;
  }
  return undefined;
}

function listsIn(root: string): string[] {
  const below = join(root, "sources.list.d");
  const names = entries(below).filter((name) => /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name));
  return [join(root, "sources.list"), ...names.map((name) => join(below, name))];
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted().slice(0, most.files);
  } catch {
    return [];
  }
}

/** `deb [signed-by=…] URL suite component` */
function linesIn(text: string): string[] {
  return text.split("\n", most.lines).flatMap((line) => {
    const plain = line.split("#")[0]?.trim() ?? "";
    const end = plain.indexOf("]");
    const [kind, next = ""] = plain.split(/\s+/);
    if (kind !== "deb" && kind !== "deb-src") return [];
    return next.startsWith("[")
      ? (plain
          .slice(end + 1)
          .trim()
          .split(/\s+/)[0] ?? [])
      : [next];
  });
}

/** Stanzas of fields; `Enabled: no` takes one back. */
function stanzasIn(text: string): string[] {
  const lines = text.split("\n", most.lines).filter((line) => !line.startsWith("#"));
  const stanzas: Map<string, string>[] = [new Map()];
  let field = "";
  for (const line of lines) {
    const stanza = stanzas.at(-1);
    const at = line.indexOf(":");
    if (line.trim() === "") stanzas.push(new Map());
    else if (/^\s/.test(line)) stanza?.set(field, `${stanza.get(field) ?? ""} ${line.trim()}`);
    else if (at > 0) {
      field = line.slice(0, at).toLowerCase();
      stanza?.set(field, line.slice(at + 1).trim());
    }
  }
  return stanzas
    .filter((stanza) => !/^(?:no|false|off|0|without|disable)$/i.test(stanza.get("enabled") ?? ""))
    .flatMap((stanza) => (stanza.get("uris") ?? "").split(/\s+/))
    .filter((uri) => uri !== "");
}
