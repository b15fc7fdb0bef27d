// Where each version manager keeps the tool its shim stands for. Enters: the shim; leaves: the tool and its interpreter, or
// undefined where more than the files here would have to be known (then the manager has to be asked).

import { existsSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ancestors, readJson, readText } from "./package-tree.ts";
import type { Direct, Managed } from "./shim.ts";

/** Volta: `tools/user/bins/<name>.json` says which package and which Node (volta-core, tool/package/metadata). */
export function voltaTool({ found, name }: Managed): Direct | undefined {
  const root = dirname(dirname(found));
  const config = readJson(`${root}/tools/user/bins/${name}.json`);
  if (typeof config !== "object" || config === null || !("package" in config) || typeof config.package !== "string")
    return undefined;
  const path = `${root}/tools/image/packages/${config.package}/bin/${name}`;
  const platform = "platform" in config ? config.platform : undefined;
  const version = typeof platform === "object" && platform !== null && "node" in platform ? platform.node : undefined;
  const node = `${root}/tools/image/node/${typeof version === "string" ? version : ""}/bin/node`;
  return existsSync(path) && existsSync(node) ? { path, interpreter: node } : undefined;
}

/** asdf: the shim names plugin and version of every installation that has the tool; `.tool-versions` chooses among them. */
export function asdfTool({ found, name, text, directory }: Managed): Direct | undefined {
  const installed = [...text.matchAll(/^# asdf-plugin: ([\w.-]+) ([\w.+-]+)$/gm)].map(
    ([, plugin = "", version = ""]) => ({
      plugin,
      version,
    }),
  );
  const only = installed.length === 1 ? installed[0] : undefined;
  const chosen = only ?? installed.find(({ plugin, version }) => chosenVersion(plugin, directory) === version);
  if (chosen === undefined) return undefined;
  const root = `${dirname(dirname(found))}/installs/${chosen.plugin}/${chosen.version}`;
  // a plugin may keep its packages' programs apart (asdf-nodejs before 2023)
  return besideNode([`${root}/bin/${name}`, `${root}/.npm/bin/${name}`], root);
}

/** The nearest file upwards that names the plugin, as asdf looks. *Attacker-controlled* in a workspace: it only chooses. */
function chosenVersion(plugin: string, directory: string): string | undefined {
  for (const each of [directory, ...ancestors(directory)]) {
    const lines = readText(`${each === "/" ? "" : each}/.tool-versions`).split("\n");
    const named = lines.map((line) => line.trim().split(/\s+/)).find(([first]) => first === plugin);
    if (named !== undefined) return named[1];
  }
  return undefined;
}

/** mise: `installs/<tool>/<version>`; versions that are links are only other names. Several: only mise knows which. */
export function miseTool({ found, name }: Managed): Direct | undefined {
  const installs = `${dirname(dirname(found))}/installs`;
  const roots = directoriesIn(installs)
    .flatMap((tool) => directoriesIn(`${installs}/${tool}`).map((version) => `${installs}/${tool}/${version}`))
    .filter((root) => existsSync(`${root}/bin/${name}`));
  const [root] = roots;
  return root === undefined || roots.length > 1 ? undefined : besideNode([`${root}/bin/${name}`], root);
}

function besideNode(paths: readonly string[], root: string): Direct | undefined {
  const path = paths.find(existsSync);
  const node = `${root}/bin/node`;
  return path === undefined ? undefined : { path, interpreter: existsSync(node) ? node : undefined };
}

/** Links left out. */
function directoriesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** pnpm (@zkochan/cmd-shim): a script that starts `node` on a path beside it; newer ones say it in their last line. */
export function pnpmTool({ found, text }: Managed): Direct | undefined {
  const here = dirname(found);
  const said = /^# cmd-shim-target=(\/.+)$/m.exec(text)?.[1];
  const started = /^\s*exec node\s+"\$basedir(?:_abs)?"?\/'?([^"'\n]+)["'] "\$@"$/m.exec(text)?.[1];
  const path = said ?? (started === undefined ? undefined : resolve(here, started));
  if (path === undefined || !existsSync(path)) return undefined;
  return { path, interpreter: existsSync(`${here}/node`) ? `${here}/node` : undefined };
}
