// What Postern itself runs of outside: its code, most of which is loaded only when it is needed, so also while the tool runs; its
// packages, its Node, the system's programs it starts. In: the trees a tool may write. Out: which of them holds a part of it. Such a
// tool would write what runs out here with the person's rights, in this session already.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../domain/fault.ts";
import { leading, showing } from "./seclusion.ts";

const bundled = !import.meta.url.endsWith(".ts");
const code = fileURLToPath(new URL(bundled ? "." : "..", import.meta.url));
/** git and what the boundary is built with are looked for here and nowhere else. */
const system = ["/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** `started`: the file Node was told to run, as it was named: by that name it is started again. */
export function objectToOwnProgram(
  trees: readonly string[],
  started: string | undefined,
): Fault<"own-program"> | undefined {
  for (const part of [code, findPackages(code) ?? code, process.execPath, ...system]) {
    const tree = showing(part, trees);
    if (tree !== undefined) return refuse(tree, part.replace(/\/$/, ""));
  }
  const tree = started !== undefined && existsSync(started) ? leading(started, trees) : undefined;
  return tree === undefined ? undefined : refuse(tree, started ?? "");
}

/** Where Node finds the packages of what lies at `from`: up from there. */
export function findPackages(from: string): string | undefined {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    const packages = join(at, "node_modules");
    if (existsSync(join(packages, "koffi/package.json"))) return packages;
  }
  return undefined;
}

function refuse(tree: string, part: string): Fault<"own-program"> {
  return new Fault({
    code: "own-program",
    message: `${tree} would be writable inside, and with it ${part}, which is a part of Postern and runs outside`,
    hint: "install Postern apart from what tools write: npm install --global postern; or take the tree out of files.write",
  });
}
