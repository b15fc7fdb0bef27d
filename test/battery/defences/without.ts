// The command line as it would be without one defence: the sources copied, the edit made, built. A defence that cannot be
// taken out as the registry says is a fault of the registry, and said.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Defence, Edit } from "./defence.ts";

const root = new URL("../../..", import.meta.url).pathname;
const copied = ["src", "package.json", "rolldown.config.ts", "tsconfig.json"];

export interface Weakened extends Disposable {
  /** Of the built command line. */
  readonly program: string;
}

/** Throws where an edit does not fit. */
export function buildWithout({ without }: Defence): Weakened {
  // not below a home, and readable for whoever the person is
  const directory = mkdtempSync("/var/tmp/postern-defence-");
  chmodSync(directory, 0o755);
  for (const name of copied) cpSync(join(root, name), join(directory, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  for (const edit of without) writeFileSync(join(directory, edit.file), applied(edit, join(directory, edit.file)));
  execFileSync(process.execPath, [join(root, "node_modules/rolldown/bin/cli.mjs"), "-c", "rolldown.config.ts"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return {
    program: join(directory, "dist/postern.cjs"),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The file's text with the edit made. */
export function applied({ file, from, to }: Edit, path = join(root, file)): string {
  const text = readFileSync(path, "utf8");
  const pattern = new RegExp(from.split(/\s+/).map(escape).join("\\s+"), "g");
  const times = [...text.matchAll(pattern)].length;
  if (times !== 1) throw new Error(`${file}: ${times} times, and not once: ${from}`);
  return text.replace(pattern, () => to);
}
