// Cargo's registries: those its own configuration names, what stands in place of its default one, and else the default that
// cargo itself brings. Of configuration there is the person's alone, in CARGO_HOME: what lies beside or above a project is not
// asked. Tokens are taken only for a credential of the policy.

import { join } from "node:path";
import { parse, type TomlTable } from "smol-toml";
import { Secret } from "../../domain/secret.ts";
import type { Lacking, RegistrySetting } from "../../policy/registry.ts";
import { cratesPlace } from "./cargo-crates.ts";
import { ownIndex } from "./cargo-default.ts";
import type { Found, Held } from "./found.ts";
import { apart, type Place, placeOf } from "./place.ts";
import { type Surroundings, textOf } from "./settings.ts";

const hint = "set it in $CARGO_HOME/config.toml ([source.crates-io] or [registries.NAME]), or name the host";
/** Registries and sources one configuration may name. */
const most = 50;
const plainName = /^[A-Za-z0-9_-]{1,64}$/;
/** What cargo calls the registry of crates that name none. */
const main = "crates-io";

interface Named {
  /** `registries.company.index`, `source.mirror.registry` */
  readonly setting: string;
  readonly text: string;
}

interface Addressed extends Named {
  readonly place: Place;
}

export async function cargoRegistries(from: Surroundings): Promise<Found> {
  const home = cargoHome(from);
  const config = await tableIn([join(home, "config"), join(home, "config.toml")], from);
  if (typeof config === "string") return { ok: false, message: config, hint };
  const named = [...indexesOf(config, from), ...sourcesOf(config)].slice(0, most);
  const replaced = textAt(config, "source", main, "replace-with");
  const lost = replaced === undefined ? undefined : endOf(config, replaced);
  if (lost !== undefined) return { ok: false, message: lost, hint };
  const own = replaced === undefined ? await ownIndex(from) : undefined;
  if (replaced === undefined && own === undefined && named.length === 0)
    return { ok: false, message: "cargo's configuration names no registry, and no cargo is here", hint };
  const all = [...named, ...(own === undefined ? [] : [{ setting: main, text: own }])];
  const addressed = all.flatMap((one): Addressed[] => {
    const place = placeOf(one.text.replace(/^sparse\+/, ""));
    return place === undefined ? [] : [{ ...one, place }];
  });
  const odd = all.find(({ setting }) => !addressed.some((one) => one.setting === setting));
  if (odd !== undefined) return { ok: false, message: `cargo's \`${odd.setting}\` is no address of a server`, hint };
  const { places, lacking } = await withCrates(addressed, from);
  const held = from.claims ? await heldIn(addressed, from) : [];
  return { ok: true, places, lacking, settings: settingsOf(config, addressed, held), held: held.map(({ one }) => one) };
}

function cargoHome({ home, variables }: Surroundings): string {
  const chosen = variables["CARGO_HOME"];
  return chosen?.startsWith("/") === true ? chosen : join(home, ".cargo");
}

/** The first of these files that is there; a text says why it cannot be used. */
async function tableIn(paths: readonly string[], from: Surroundings): Promise<TomlTable | string> {
  for (const path of paths) {
    const text = await textOf(path, from);
    if (text === undefined) continue;
    try {
      return parse(text);
    } catch {
      return `${path} is no TOML`;
    }
  }
  return {};
}

function tableAt(table: unknown, ...keys: readonly string[]): Readonly<Record<string, unknown>> {
  let at = table;
  for (const key of keys)
    at = typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : {};
  return typeof at === "object" && at !== null && !Array.isArray(at) ? (at as Record<string, unknown>) : {};
}

function textAt(table: unknown, ...keys: readonly string[]): string | undefined {
  const value = tableAt(table, ...keys.slice(0, -1))[keys.at(-1) ?? ""];
  return typeof value === "string" ? value : undefined;
}

/** Variables stand before files. */
function indexesOf(config: TomlTable, { variables }: Surroundings): Named[] {
  const names = Object.keys(tableAt(config, "registries")).filter((name) => name !== main && plainName.test(name));
  const files = names.flatMap((name): Named[] => {
    const text = variables[variableOf(name, "INDEX")] ?? textAt(config, "registries", name, "index");
    return text === undefined ? [] : [{ setting: `registries.${name}.index`, text }];
  });
  const known = names.map((name) => variableOf(name, "INDEX"));
  const others = Object.entries(variables).flatMap(([name, text]): Named[] => {
    const [, own] = /^CARGO_REGISTRIES_([A-Z0-9_]{1,64})_INDEX$/.exec(name) ?? [];
    if (own === undefined || own === "CRATES_IO" || text === undefined || known.includes(name)) return [];
    return [{ setting: `registries.${own.toLowerCase().replaceAll("_", "-")}.index`, text }];
  });
  return [...files, ...others];
}

export function variableOf(registry: string, what: string): string {
  return `CARGO_REGISTRIES_${registry.toUpperCase().replaceAll("-", "_")}_${what}`;
}

function sourcesOf(config: TomlTable): Named[] {
  return Object.keys(tableAt(config, "source")).flatMap((name): Named[] => {
    const text = plainName.test(name) ? textAt(config, "source", name, "registry") : undefined;
    return text === undefined ? [] : [{ setting: `source.${name}.registry`, text }];
  });
}

/** Why what stands in place of the default one is no registry, where it is none. */
function endOf(config: TomlTable, first: string): string | undefined {
  let name = first;
  for (let step = 0; step < most; step += 1) {
    const next = textAt(config, "source", name, "replace-with");
    if (next === undefined) {
      const index = textAt(config, "source", name, "registry") ?? textAt(config, "registries", name, "index");
      return plainName.test(name) && index !== undefined
        ? undefined
        : `cargo's \`source.${main}\` is replaced by what is no registry`;
    }
    name = next;
  }
  return `cargo's \`source.${main}\` is replaced in a circle`;
}

async function withCrates(addressed: readonly Addressed[], from: Surroundings) {
  const places: Place[] = [];
  const lacking: Lacking[] = [];
  for (const { text, place } of addressed) {
    const crates = await cratesPlace(place, text.startsWith("sparse+"), join(cargoHome(from), "registry/index"), from);
    places.push(place, ...("place" in crates ? [crates.place] : []));
    if ("lacking" in crates) lacking.push(crates.lacking);
  }
  return { places: apart(places), lacking };
}

interface Token {
  readonly one: Held;
  /** Before the token, where the configuration has it there: `Bearer`. */
  readonly scheme: string | undefined;
}

/** Of registries by name: cargo knows no other way to have one. */
async function heldIn(addressed: readonly Addressed[], from: Surroundings): Promise<Token[]> {
  const home = cargoHome(from);
  const tokens = await tableIn([join(home, "credentials"), join(home, "credentials.toml")], from);
  return addressed.flatMap(({ setting, place }): Token[] => {
    const [, name] = /^registries\.(.+)\.index$/.exec(setting) ?? [];
    if (name === undefined || !place.url.startsWith("https:")) return [];
    const text = from.variables[variableOf(name, "TOKEN")] ?? textAt(tokens, "registries", name, "token");
    const [, scheme, value] = /^(?:([A-Za-z][A-Za-z0-9-]{0,31}) +)?(\S+)$/.exec(text ?? "") ?? [];
    if (value === undefined) return [];
    const { host, paths } = place;
    return [{ scheme, one: { at: name, host, paths, user: undefined, secret: new Secret(value) } }];
  });
}

function settingsOf(config: TomlTable, addressed: readonly Addressed[], held: readonly Token[]): RegistrySetting[] {
  const replacing = Object.keys(tableAt(config, "source")).flatMap((name): RegistrySetting[] => {
    const value = textAt(config, "source", name, "replace-with");
    return value === undefined || !plainName.test(name) ? [] : [{ name: `source.${name}.replace-with`, value }];
  });
  const standard = textAt(config, "registry", "default");
  return [
    ...addressed
      .filter(({ setting }) => setting !== main)
      .map(({ setting, text, place }) => ({
        name: setting,
        value: `${text.startsWith("sparse+") ? "sparse+" : ""}${place.url}`,
      })),
    ...replacing,
    ...(standard === undefined ? [] : [{ name: "registry.default", value: standard }]),
    ...held.flatMap(({ one, scheme }) =>
      scheme === undefined ? [] : [{ name: `registries.${one.at}.scheme`, value: scheme }],
    ),
  ];
}
