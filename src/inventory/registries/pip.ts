// pip's indexes: its variables, then the person's pip.conf, then the system's; where none names one, the default that pip
// itself brings, with the host its files are on. Passwords in these URLs, or of a netrc, are taken only for a credential
// of the policy.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { absolute } from "../../policy/way.ts";
import { type Found, heldFor } from "./found.ts";
import { netrcOf } from "./netrc.ts";
import { apart, type Place, placeOf } from "./place.ts";
import { programsOf } from "./program.ts";
import { parseSettings, type Surroundings, textOf } from "./settings.ts";

const hint = "set it: pip config --user set global.index-url https://YOUR-INDEX/simple, or name the host";
/** A command's own section counts before the one for all. */
const sections = ["install", "download", "global"];
/** What lies beside an index is its files. */
const placing = { besides: "simple" };
/** Indexes one configuration may name. */
const most = 50;

export async function pipRegistries(from: Surroundings): Promise<Found> {
  const files = await filesOf(from);
  const own = await ownDefault(from);
  const index = named("index-url", from, files)[0] ?? own?.index;
  if (index === undefined)
    return { ok: false, message: "pip's configuration names no index, and no pip is here", hint };
  const extra = named("extra-index-url", from, files).slice(0, most);
  const placed = [index, ...extra].map((text) => placeOf(text, placing));
  const places = placed.flatMap((place) => place ?? []);
  const [first, ...others] = places;
  if (first === undefined || places.length < placed.length)
    return { ok: false, message: "an index of pip's configuration is no address of a server", hint };
  const defaults = own === undefined ? undefined : placeOf(own.index);
  const stored = places.some(({ host }) => host === defaults?.host) ? filesHost(own?.files) : [];
  const netrc = await netrcOf(from);
  return {
    ok: true,
    places: apart([...places, ...stored]),
    settings: [
      { name: "index-url", value: first.url },
      ...(others.length === 0 ? [] : [{ name: "extra-index-url", value: others.map(({ url }) => url).join(" ") }]),
    ],
    held: from.claims ? heldFor(places, ({ host, login }) => login ?? netrc.get(host)) : [],
  };
}

function filesHost(host: string | undefined): Place[] {
  const place = host === undefined ? undefined : placeOf(`https://${host}/`);
  return place === undefined ? [] : [place];
}

type File = ReturnType<typeof parseSettings>;

/** The words of the strongest place that says any. */
function named(key: string, { variables }: Surroundings, files: readonly File[]): string[] {
  const variable = variables[`PIP_${key.toUpperCase().replaceAll("-", "_")}`];
  if (variable !== undefined && variable.trim() !== "") return variable.trim().split(/\s+/);
  for (const section of sections)
    for (const file of files) {
      const values = file.get(section);
      const found = values?.get(key) ?? values?.get(key.replaceAll("-", "_"));
      if (found !== undefined && found.length > 0) return found.flatMap((value) => value.split(/\s+/));
    }
  return [];
}

/** Strongest first. */
async function filesOf(from: Surroundings): Promise<File[]> {
  const { home, system, variables } = from;
  const chosen = variables["PIP_CONFIG_FILE"];
  if (chosen === "/dev/null") return [];
  const xdg = variables["XDG_CONFIG_HOME"];
  const own = xdg?.startsWith("/") === true ? xdg : join(home, ".config");
  const paths = [
    ...(chosen === undefined || chosen === "" ? [] : [absolute(chosen, home, home)]),
    join(own, "pip/pip.conf"),
    join(home, ".pip/pip.conf"),
    join(`${system}/`, "etc/pip.conf"),
    join(`${system}/`, "etc/xdg/pip/pip.conf"),
  ];
  const texts = await Promise.all(paths.map((path) => textOf(path, from)));
  return texts.flatMap((text) => (text === undefined ? [] : [parseSettings(text, { continued: true })]));
}

/** As it stands in pip's own table of indexes. */
async function ownDefault(from: Surroundings): Promise<{ index: string; files: string } | undefined> {
  for (const root of librariesOf(from)) {
    const text = await textOf(join(root, "pip/_internal/models/index.py"), from);
    const found =
      /\nPyPI = PackageIndex\(\s{0,40}"(https:[^"\n]{1,300})",\s{0,40}file_storage_domain="([^"\n]{1,253})"/.exec(
        text ?? "",
      );
    const [, index, files] = found ?? [];
    if (index !== undefined && files !== undefined) return { index: new URL("simple", index).href, files };
  }
  return undefined;
}

/** Where Pythons of PATH, of pyenv and of the system keep what is installed with them. */
function librariesOf(from: Surroundings): string[] {
  const { home, system, variables } = from;
  const pyenv = join(variables["PYENV_ROOT"] ?? join(home, ".pyenv"), "versions");
  const roots = [
    ...["python3", "python", "pip3", "pip"].flatMap((name) => programsOf(name, from)).map((at) => dirname(dirname(at))),
    ...entries(pyenv).map((version) => join(pyenv, version)),
  ];
  const inside = [...new Set(roots)].flatMap((root) =>
    entries(join(root, "lib"))
      .filter((name) => /^python3(?:\.\d{1,3})?$/.test(name))
      .flatMap((name) => ["site-packages", "dist-packages"].map((kind) => join(root, "lib", name, kind))),
  );
  return [...inside, join(`${system}/`, "usr/lib/python3/dist-packages")];
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).slice(0, 200);
  } catch {
    return [];
  }
}
