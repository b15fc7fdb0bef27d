// Go's module proxies and its checksum database: its variables, then the person's `go env -w`, then the go.env that Go
// itself brings since 1.21.

import { dirname, join } from "node:path";
import { absolute } from "../../policy/way.ts";
import { type Found, heldFor } from "./found.ts";
import { netrcOf } from "./netrc.ts";
import { apart, placeOf } from "./place.ts";
import { programsOf } from "./program.ts";
import { parseSettings, type Surroundings, textOf } from "./settings.ts";

const hint = "set it: go env -w GOPROXY=https://YOUR-PROXY GOSUMDB=off, or name the hosts";
/** Not places: `direct` means the modules' own hosts, which need entries of their own. */
const words = ["direct", "off"];
/** Which modules are nobody else's: inside too, no proxy and no database is asked for them. */
const own = ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"];

export async function goRegistries(from: Surroundings): Promise<Found> {
  const files = await filesOf(from);
  const said = (name: string): string | undefined =>
    [from.variables[name], ...files.map((file) => file.get("")?.get(name)?.[0])].find(
      (value) => value !== undefined && value !== "",
    );
  const list = said("GOPROXY");
  if (list === undefined) return { ok: false, message: "nothing says which module proxy Go uses", hint };
  // separators stay: `,` goes on after a 404, `|` after any fault
  const parts = list.split(/([,|])/, 101).map((part) => part.trim());
  const placed = parts.map((part) => (/^[,|]?$/.test(part) || words.includes(part) ? part : placeOf(part)));
  if (placed.includes(undefined))
    return { ok: false, message: "a proxy in Go's GOPROXY is no address of a server", hint };
  const proxies = placed.flatMap((part) => (typeof part === "object" ? [part] : []));
  if (proxies.length === 0) return { ok: false, message: "Go's GOPROXY names no server", hint };
  const sums = said("GOSUMDB");
  const database = sums === undefined || sums === "off" ? undefined : databaseOf(sums);
  if (sums !== undefined && sums !== "off" && database === undefined)
    return { ok: false, message: "Go's GOSUMDB is no address of a server", hint };
  const netrc = await netrcOf(from);
  return {
    ok: true,
    places: apart([...proxies, ...(database === undefined ? [] : [database])]),
    settings: [
      { name: "GOPROXY", value: placed.map((part) => (typeof part === "object" ? part.url : part)).join("") },
      ...(sums === undefined ? [] : [{ name: "GOSUMDB", value: withoutUser(sums) }]),
      ...own.flatMap((name) => {
        const value = said(name);
        return value === undefined ? [] : [{ name, value }];
      }),
    ],
    held: from.claims ? heldFor(proxies, ({ host, login }) => login ?? netrc.get(host)) : [],
  };
}

/** `name`, `name+key`, or either and a URL. */
function databaseOf(text: string): ReturnType<typeof placeOf> {
  const [name = "", url] = text.trim().split(/\s+/);
  return placeOf(url ?? `https://${name.split("+")[0] ?? ""}/`);
}

function withoutUser(text: string): string {
  const [name = "", url] = text.trim().split(/\s+/);
  const place = url === undefined ? undefined : placeOf(url);
  return place === undefined ? name : `${name} ${place.url}`;
}

async function filesOf(from: Surroundings): Promise<ReturnType<typeof parseSettings>[]> {
  const { home, variables } = from;
  const { GOENV: chosen, GOROOT: root, XDG_CONFIG_HOME: xdg } = variables;
  const own = join(xdg?.startsWith("/") === true ? xdg : join(home, ".config"), "go/env");
  const user = chosen === undefined || chosen === "" ? own : absolute(chosen, home, home);
  const roots = [root, ...programsOf("go", from).map((program) => dirname(dirname(program)))];
  const paths = [
    ...(chosen === "off" ? [] : [user]),
    ...roots.flatMap((at) => (at?.startsWith("/") === true ? [join(at, "go.env")] : [])),
  ];
  const texts = await Promise.all(paths.map((path) => textOf(path, from)));
  return texts.flatMap((text) => (text === undefined ? [] : [parseSettings(text, { continued: false })]));
}
