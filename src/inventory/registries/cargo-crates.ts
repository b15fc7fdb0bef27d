// Where the crates of an index are downloaded from: the index says it itself, in its `config.json`, and it may be another host.
// Taken is what the person's own cargo, outside, was told last and keeps beside its index. Nothing is fetched for it here,
// for reading a policy dials nobody; and what an index answers inside grants nothing, for then a server would decide
// in the middle of a session what may be reached.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Lacking } from "../../policy/registry.ts";
import { type Place, placeOf } from "./place.ts";
import { type Surroundings, textOf } from "./settings.ts";

/** Indexes of one host looked at. */
const most = 20;

export type Crates = { readonly place: Place } | { readonly lacking: Lacking };

/** `kept`: where cargo keeps its indexes, each by the host's name and a hash only that cargo can make. */
export async function cratesPlace(index: Place, isSparse: boolean, kept: string, from: Surroundings): Promise<Crates> {
  const message = `of the index at ${index.host} are at a place that is not known here`;
  const lacking = (hint: string): Crates => ({ lacking: { part: "crates", message, hint, about: index.host } });
  if (!isSparse) return lacking("where they are on another host or path, name it beside: - host: …");
  const own = entries(kept).filter(
    (name) => /^-[0-9a-f]{16}$/.test(name.slice(index.host.length)) && name.startsWith(index.host),
  );
  if (own.length > most) return lacking("name it beside: - host: …");
  const texts = await Promise.all(own.map((name) => textOf(join(kept, name, "config.json"), from)));
  const said = new Set(texts.flatMap((text) => downloadIn(text ?? "") ?? []));
  const [only] = said;
  const place = said.size === 1 && only !== undefined ? placeOf(only) : undefined;
  if (place !== undefined) return { place };
  // of two registries of one host, nobody can tell whose directory is whose
  return lacking(
    said.size > 1
      ? "name it beside: - host: …"
      : "run `cargo fetch` with it once outside, or name it beside: - host: …",
  );
}

/** What all its crates lie below: the template up to its first marker (the Cargo book, "Index Format"). */
function downloadIn(text: string): string | undefined {
  try {
    const said: unknown = JSON.parse(text);
    const template: unknown = typeof said === "object" && said !== null ? Reflect.get(said, "dl") : undefined;
    if (typeof template !== "string") return undefined;
    const [plain = ""] = template.split("{");
    return plain === template ? template : plain.slice(0, plain.lastIndexOf("/") + 1);
  } catch {
    return undefined;
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
