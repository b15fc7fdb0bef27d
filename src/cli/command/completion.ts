// `postern completion SHELL`: prints what makes the shell complete postern's commands and flags.

import type { Command } from "commander";
import { completeInBash } from "../completion/bash.ts";
import { completeInFish } from "../completion/fish.ts";
import { outline } from "../completion/outline.ts";
import { completeInZsh } from "../completion/zsh.ts";
import type { Shell } from "../setup/shell.ts";

const writers = { bash: completeInBash, zsh: completeInZsh, fish: completeInFish } as const;

export function completionOf(program: Command) {
  return async (shell: Shell): Promise<number> => {
    process.stdout.write(writers[shell](outline(program)));
    return 0;
  };
}
