// What each client inside is told of its registries: variables where it reads them, else files in places it reads that hide
// nothing the tool may write itself. A credential stands there as its placeholder.

import { existsSync } from "node:fs";
import { stringify } from "smol-toml";
import type { RegistryClient, RegistrySetting } from "../../policy/registry.ts";
import { variableOf } from "./cargo.ts";

/** A credential's placeholder, and the place in the settings it is for. */
export interface Standing {
  readonly at: string;
  readonly user: string | undefined;
  readonly placeholder: string;
}

export interface Told {
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** The host's, shown as they are. */
  readonly shown: readonly string[];
}

export interface Telling {
  readonly settings: readonly RegistrySetting[];
  readonly standing: readonly Standing[];
}

const writers: Readonly<Record<RegistryClient, (telling: Telling) => Partial<Told>>> = {
  npm: tellNpm,
  pip: tellPip,
  cargo: tellCargo,
  go: tellGo,
  debian: tellDebian,
};

export function tellClient(client: RegistryClient, telling: Telling): Told {
  return { environment: {}, files: {}, shown: [], ...writers[client](telling) };
}

/** The file says once more what a shell may drop, for many keep no variable with such a name. */
function tellNpm({ settings, standing }: Telling): Partial<Told> {
  const logins = standing.flatMap(({ at, user, placeholder }): [string, string][] => {
    const address = at.replace(/^https?:/, "").replace(/\/?$/, "/");
    if (user === undefined) return [[`${address}:_authToken`, placeholder]];
    const password = Buffer.from(placeholder).toString("base64");
    return [
      [`${address}:username`, user],
      [`${address}:_password`, password],
    ];
  });
  const all = [...settings.map(({ name, value }): [string, string] => [name, value]), ...logins];
  const environment = Object.fromEntries(all.map(([name, value]) => [`npm_config_${name}`, value]));
  if (all.every(([name]) => name === "registry")) return { environment };
  const path = "/etc/postern/npmrc";
  const text = all.map(([name, value]) => `${name}=${value}\n`).join("");
  return { environment: { ...environment, npm_config_globalconfig: path }, files: { [path]: text } };
}

function tellPip({ settings, standing }: Telling): Partial<Told> {
  const variables = settings.map(({ name, value }): [string, string] => [
    `PIP_${name.toUpperCase().replaceAll("-", "_")}`,
    value
      .split(" ")
      .map((url) => withLogin(url, standing))
      .join(" "),
  ]);
  return { environment: Object.fromEntries(variables) };
}

function tellGo({ settings, standing }: Telling): Partial<Told> {
  const variables = settings.map(({ name, value }): [string, string] => [
    name,
    value
      .split(/([,|])/)
      .map((url) => withLogin(url, standing))
      .join(""),
  ]);
  return { environment: Object.fromEntries(variables) };
}

function withLogin(text: string, standing: readonly Standing[]): string {
  const own = standing.find(({ at }) => at === text);
  const url = own === undefined ? null : URL.parse(text);
  if (own === undefined || url === null) return text;
  url.username = encodeURIComponent(own.user ?? "");
  url.password = own.placeholder;
  return url.href;
}

/** Sources cannot be said by variables. At the root, for a file there is read in every directory and covers none of the tool's. */
function tellCargo({ settings, standing }: Telling): Partial<Told> {
  const environment: Record<string, string> = { CARGO_REGISTRIES_CRATES_IO_PROTOCOL: "sparse" };
  const tables: Tables = new Map();
  for (const { name, value } of settings) {
    const [kind = "", own = "", what = ""] = name.split(".");
    if (name === "registry.default") environment["CARGO_REGISTRY_DEFAULT"] = value;
    else if (kind === "registries" && what === "index") environment[variableOf(own, "INDEX")] = value;
    if (kind === "source" || what === "index") put(tables, [kind, own, what], value);
  }
  for (const { at, placeholder } of standing) {
    const scheme = settings.find(({ name }) => name === `registries.${at}.scheme`)?.value;
    environment[variableOf(at, "TOKEN")] = scheme === undefined ? placeholder : `${scheme} ${placeholder}`;
    put(tables, ["registries", at, "credential-provider"], ["cargo:token"]);
  }
  const text = stringify(plain(tables));
  return { environment, files: text === "" ? {} : { "/.cargo/config.toml": text } };
}

/** By names that the configuration chose: no plain objects. */
type Tables = Map<string, Map<string, Map<string, unknown>>>;

function put(tables: Tables, [kind, name, key]: readonly [string, string, string], value: unknown): void {
  const named = tables.get(kind) ?? new Map<string, Map<string, unknown>>();
  const table = named.get(name) ?? new Map<string, unknown>();
  tables.set(kind, named.set(name, table.set(key, value)));
}

function plain(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...(value as Map<string, unknown>)].map(([key, inner]) => [key, plain(inner)]));
}

/** Keys that lists name by themselves, or that hold for all of them. */
const keys = ["/etc/apt/keyrings", "/etc/apt/trusted.gpg.d", "/etc/apt/trusted.gpg"];

/** apt makes a directory of that name itself (`CreateAPTDirectoryIfNeeded`). Nothing is installed, so nothing is known to be. */
const aptSettings = 'Dir::State "/tmp/apt/";\nDir::Cache "/tmp/apt/";\nDir::State::status "/dev/null";\n';

/** The lists as they are. Inside nobody is root: what apt writes, it writes where the session ends with it. */
function tellDebian({ settings, standing }: Telling): Partial<Told> {
  const lists = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  const logins = standing.map(
    ({ at, user, placeholder }) => `machine ${at} login ${user ?? ""} password ${placeholder}\n`,
  );
  return {
    files: {
      ...lists,
      "/etc/apt/apt.conf.d/postern.conf": aptSettings,
      ...(logins.length === 0 ? {} : { "/etc/apt/auth.conf": logins.join("") }),
    },
    shown: keys.filter((path) => existsSync(path)),
  };
}
