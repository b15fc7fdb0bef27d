// The real toolchains of this machine, for one test: what the caller's PATH has and where their managers keep them, told
// by variables, for a stage has a home of its own.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const kept: Readonly<Record<string, string>> = {
  RUSTUP_HOME: ".rustup",
  CARGO_HOME: ".cargo",
  PYENV_ROOT: ".pyenv",
  NVM_DIR: ".nvm",
};

const path = (process.env["PATH"] ?? "")
  .split(":")
  .filter((entry) => entry.startsWith("/") && !entry.includes("node_modules"));
const managers = Object.entries(kept)
  .map(([name, usual]) => [name, process.env[name] ?? join(homedir(), usual)] as const)
  .filter(([, root]) => existsSync(root));

/** For a command on the host and for `postern run` alike. */
export const environment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(managers),
  PATH: [...new Set([...path, "/usr/local/bin", "/usr/bin", "/bin"])].join(":"),
};

/** `false` where all of these run here, else what to say loudly. */
export function without(...programs: readonly (readonly string[])[]): string | false {
  const missing = programs.filter(
    ([name = "", ...words]) => spawnSync(name, words, { env: { ...environment, HOME: "/nonexistent" } }).status !== 0,
  );
  return missing.length === 0 ? false : `not here: ${missing.map(([name]) => name).join(", ")}`;
}
