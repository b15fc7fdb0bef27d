// Version managers put a small program in a tool's place that finds the real one by its own configuration. Enters: the
// file PATH gave; leaves: the real tool and the interpreter the manager would choose, or a Fault that says how to ask it.

import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Fault } from "../domain/fault.ts";
import { readJson } from "./package-tree.ts";
import type { InventoryFault } from "./search.ts";

export interface Direct {
  readonly path: string;
  /** Undefined: the one PATH gives. */
  readonly interpreter: string | undefined;
}

export function resolveShim(found: string): Direct | InventoryFault {
  const direct = { path: found, interpreter: undefined };
  const manager = managerOf(found);
  if (manager === undefined) return direct;
  const name = basename(found);
  const target = manager === "volta" ? voltaTool(dirname(dirname(found)), name) : undefined;
  if (target !== undefined) return target;
  return new Fault({
    code: "shim",
    message: `${found} is a shim of ${manager}, not the tool`,
    hint: `run it by the path that \`${manager} which ${name}\` prints`,
  });
}

function managerOf(found: string): "volta" | "mise" | "asdf" | "pyenv" | undefined {
  const file = basename(realpathSync(found));
  if (file === "volta-shim") return "volta";
  if (file === "mise" && basename(found) !== "mise") return "mise";
  if (basename(dirname(found)) !== "shims") return undefined;
  const text = statSync(found).size < 4096 ? readText(found) : "";
  if (/\basdf\b.* exec /.test(text)) return "asdf";
  return /\bpyenv"? exec /.test(text) ? "pyenv" : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Volta: `tools/user/bins/<name>.json` says which package and which Node (volta-core, tool/package/metadata). */
function voltaTool(root: string, name: string): Direct | undefined {
  const config = readJson(`${root}/tools/user/bins/${name}.json`);
  if (typeof config !== "object" || config === null || !("package" in config) || typeof config.package !== "string")
    return undefined;
  const path = `${root}/tools/image/packages/${config.package}/bin/${name}`;
  const platform = "platform" in config ? config.platform : undefined;
  const version = typeof platform === "object" && platform !== null && "node" in platform ? platform.node : undefined;
  const node = `${root}/tools/image/node/${typeof version === "string" ? version : ""}/bin/node`;
  return existsSync(path) && existsSync(node) ? { path, interpreter: node } : undefined;
}
