// The archives apt is told of: one-line and deb822 lists, and apt's own proxy left alone. There is no default: a system's
// lists name their archives.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Configured } from "../../policy/registry.ts";
import { apart, placeOf } from "./place.ts";
import { type Surroundings, textOf } from "./settings.ts";

const hint = "see /etc/apt/sources.list and sources.list.d, or name the hosts";
/** Files of one directory, lines of one file, archives in all. */
const most = { files: 200, lines: 10_000, places: 100 };

export async function debianRegistries(from: Surroundings): Promise<Configured> {
  const root = join(`${from.system}/`, "etc/apt");
  const texts = await Promise.all(listsIn(root).map(async (path) => ({ path, text: await textOf(path, from) })));
  const named = texts.flatMap(({ path, text = "" }) => (path.endsWith(".sources") ? stanzasIn(text) : linesIn(text)));
  // whatever is no web server needs no network, or is no registry: cdrom:, file:, mirror+file:
  const places = named.flatMap((url) => placeOf(url) ?? []).slice(0, most.places);
  if (places.length === 0) return { ok: false, message: "no list of apt's names an archive", hint };
  return { ok: true, places: apart(places), environment: {} };
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
