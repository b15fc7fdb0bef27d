// Version managers put a small program in a tool's place that finds the real one by its own configuration. Enters: the
// file PATH gave; leaves: the real tool and the interpreter the manager would choose, or a Fault that says how to ask it.

import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Fault } from "../domain/fault.ts";
import { asdfTool, miseTool, pnpmTool, voltaTool } from "./managers.ts";
import type { InventoryFault } from "./search.ts";
import { versionedTool, versionFiles } from "./version-files.ts";

export interface Direct {
  readonly path: string;
  /** Undefined: the one PATH gives. */
  readonly interpreter: string | undefined;
}

/** The small program as it stands, and where it was called. */
export interface Managed {
  readonly found: string;
  readonly name: string;
  /** Empty where it is no short text. */
  readonly text: string;
  /** The caller's working directory, whose configuration a manager looks at. */
  readonly directory: string;
  /** The caller's. */
  readonly path: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const managers: readonly {
  readonly name: string;
  readonly manages: (managed: Managed) => boolean;
  /** Undefined: by what is known here it cannot be told. */
  readonly find?: (managed: Managed) => Direct | undefined;
}[] = [
  { name: "volta", manages: ({ found }) => basename(realpathSync(found)) === "volta-shim", find: voltaTool },
  {
    name: "mise",
    manages: ({ found, name }) => basename(realpathSync(found)) === "mise" && name !== "mise",
    find: miseTool,
  },
  { name: "asdf", manages: ({ found, text }) => inShims(found) && /\basdf\b.* exec /.test(text), find: asdfTool },
  ...Object.keys(versionFiles).map((name) => ({
    name,
    manages: ({ found, text }: Managed) => inShims(found) && new RegExp(`\\b${name}"? exec `).test(text),
    find: (managed: Managed) => versionedTool(name, managed),
  })),
  { name: "pnpm", manages: ({ text }) => text.startsWith("#!/bin/sh\n") && /\bbasedir=/.test(text), find: pnpmTool },
];

export function resolveShim(
  found: string,
  caller: Pick<Managed, "directory" | "path" | "variables">,
): Direct | InventoryFault {
  const managed = { found, name: basename(found), text: readShort(found), ...caller };
  const manager = managers.find(({ manages }) => manages(managed));
  const direct = manager === undefined ? { path: found, interpreter: undefined } : manager.find?.(managed);
  if (direct !== undefined) return direct;
  // what pnpm writes for something else than a program of Node is a plain script
  if (manager?.name === "pnpm") return { path: found, interpreter: undefined };
  return new Fault({
    code: "shim",
    message: `${found} is a shim of ${manager?.name}, not the tool`,
    hint: `run it by the path that \`${manager?.name} which ${managed.name}\` prints`,
  });
}

function inShims(found: string): boolean {
  return basename(dirname(found)) === "shims";
}

/** Of a wrapper: pnpm's are some 6 kB. */
const short = 32 * 1024;

function readShort(path: string): string {
  try {
    return statSync(path).size > short ? "" : readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
