// npm's registries: its variables, then the person's npmrc, the installation's, the system's; where none names one, the
// default that npm itself brings. What logs in there is taken only for a credential of the policy (npm-login.ts).

import { dirname, join } from "node:path";
import { absolute } from "../../policy/way.ts";
import { type Found, heldFor } from "./found.ts";
import { npmLogin } from "./npm-login.ts";
import { apart, type Place, placeOf } from "./place.ts";
import { programsOf } from "./program.ts";
import { parseSettings, type Surroundings, textOf } from "./settings.ts";

const hint = "set it: npm config set registry https://YOUR-REGISTRY/ (your own ~/.npmrc), or name the host";
const scoped = /^@[a-z0-9~][a-z0-9._~-]{0,213}:registry$/;

export async function npmRegistries(from: Surroundings): Promise<Found> {
  const named = new Map<string, string>();
  const sources = [variablesOf(from), ...(await filesOf(from))];
  for (const source of sources)
    for (const [key, text] of source)
      if ((key === "registry" || scoped.test(key)) && !named.has(key)) named.set(key, text);
  if (!named.has("registry")) {
    const own = await ownDefault(from);
    if (own === undefined)
      return { ok: false, message: "npm's configuration names no registry, and no npm is here", hint };
    named.set("registry", own);
  }
  const placed = [...named].map(([key, text]) => [key, placeOf(expand(text, from.variables))] as const);
  const lost = placed.find(([, place]) => place === undefined);
  if (lost !== undefined) return { ok: false, message: `npm's \`${lost[0]}\` is no address of a server`, hint };
  const places = placed.flatMap(([key, place]): [string, Place][] => (place === undefined ? [] : [[key, place]]));
  const all = places.map(([, place]) => place);
  const said = (key: string): string | undefined => {
    const text = sources.find((source) => source.has(key))?.get(key);
    return text === undefined ? undefined : expand(text, from.variables);
  };
  return {
    ok: true,
    places: apart(all),
    settings: places.map(([name, { url }]) => ({ name, value: url })),
    held: from.claims ? heldFor(all, ({ url, login }) => npmLogin(url, said) ?? login) : [],
  };
}

/** npm reads its variables in any case, with `_` or `-`. */
function variablesOf({ variables }: Surroundings): Map<string, string> {
  const own = Object.entries(variables).flatMap(([name, value]): [string, string][] =>
    value !== undefined && value !== "" && /^npm_config_/i.test(name)
      ? [[keyOf(name.slice("npm_config_".length)), value]]
      : [],
  );
  return new Map(own);
}

/** What belongs to an address is written as it is. */
function keyOf(name: string): string {
  return name.startsWith("//") ? name : name.toLowerCase().replaceAll("_", "-");
}

async function filesOf(from: Surroundings): Promise<Map<string, string>[]> {
  const { home, system } = from;
  const variables = variablesOf(from);
  const user = absolute(variables.get("userconfig") ?? "~/.npmrc", home, home);
  const global = variables.get("globalconfig");
  const prefix = variables.get("prefix");
  const node = programsOf("node", from)[0];
  const roots = [prefix, node === undefined ? undefined : dirname(dirname(node))];
  const globals =
    global === undefined
      ? roots.flatMap((root) => (root === undefined ? [] : [join(absolute(root, home, home), "etc/npmrc")]))
      : [absolute(global, home, home)];
  const builtIn = programsOf("npm", from).map((program) => join(dirname(dirname(program)), "npmrc"));
  const read: Map<string, string>[] = [];
  for (const file of [user, ...globals, join(`${system}/`, "etc/npmrc"), ...builtIn]) {
    const text = await textOf(file, from);
    const top = text === undefined ? undefined : parseSettings(text, { continued: false }).get("");
    read.push(new Map([...(top ?? [])].flatMap(([key, [value]]) => (value === undefined ? [] : [[key, value]]))));
  }
  return read;
}

/** `${NAME}` is the caller's variable, as npm has it; one that is not set stays, and leads nowhere. */
function expand(text: string, variables: Surroundings["variables"]): string {
  return text.replace(/\$\{([^${}]{1,100})\}/g, (whole, name: string) => variables[name] ?? whole);
}

/** As it stands in the definitions of npm's own options. */
async function ownDefault(from: Surroundings): Promise<string | undefined> {
  for (const program of programsOf("npm", from)) {
    const root = dirname(dirname(program));
    for (const below of ["definitions/definitions.js", "definitions.js"]) {
      const text = await textOf(join(root, "node_modules/@npmcli/config/lib", below), from);
      const found = /\n {2}registry: new Definition\('registry', \{\s{1,40}default: '([^'\n]{1,300})'/.exec(text ?? "");
      const older = found ?? /\ndefine\('registry', \{\s{1,40}default: '([^'\n]{1,300})'/.exec(text ?? "");
      if (older?.[1] !== undefined) return older[1];
    }
  }
  return undefined;
}
