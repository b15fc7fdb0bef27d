// A person's shell: which file it reads at its start, and the lines there that put a directory first on PATH.

import { join } from "node:path";
import { quote } from "../quote.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export interface Person {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** `/usr/bin/zsh` → `zsh`; undefined for a shell we do not know. */
export function shellNamed(path: string): Shell | undefined {
  const name = path.split("/").at(-1);
  return shells.find((shell) => shell === name);
}

/** Where interactive shells read last. */
export function startFile(shell: Shell, { home, environment }: Person): string {
  const { ZDOTDIR: zsh, XDG_CONFIG_HOME: xdg } = environment;
  if (shell === "bash") return join(home, ".bashrc");
  if (shell === "zsh") return join(zsh?.startsWith("/") ? zsh : home, ".zshrc");
  return join(xdg?.startsWith("/") ? xdg : join(home, ".config"), "fish/config.fish");
}

export const blockBegin = "# >>> postern: typed tools run inside (postern setup --undo removes this)";
export const blockEnd = "# <<< postern";

/** Marked lines, each shell's own words; a directory that is first already stays so once. */
export function pathBlock(shell: Shell, directory: string, home: string): string {
  const word = wordFor(shell, directory, home);
  const lines =
    shell === "fish"
      ? [`if test "$PATH[1]" != ${word}`, `  set -gx PATH ${word} $PATH`, "end"]
      : ['case "$PATH" in', `  ${word}:*) ;;`, `  *) PATH=${word}:"$PATH" ;;`, "esac"];
  return [blockBegin, ...lines, blockEnd, ""].join("\n");
}

/** Below the home directory as `"$HOME/…"`, so that the file may be shared between machines. */
function wordFor(shell: Shell, directory: string, home: string): string {
  const below = directory.startsWith(`${home}/`) ? directory.slice(home.length) : undefined;
  if (below !== undefined && /^[A-Za-z0-9_@%+=:,./-]+$/.test(below)) return `"$HOME${below}"`;
  return shell === "fish" ? `'${directory.replaceAll(/['\\]/g, String.raw`\$&`)}'` : quote(directory);
}
