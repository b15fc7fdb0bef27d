// The first line of a script → which program runs it. Enters: the first bytes of a file, *attacker-controlled*; leaves: an
// absolute interpreter, or a name `env` looks up in PATH. Refuses lines env(1) would read in ways we do not follow.

import { limits } from "./limits.ts";

export type Shebang =
  | { readonly kind: "none" }
  /** `path`: named outright. `through`: the `env` in between. */
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "name"; readonly name: string; readonly through: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** execve(2), interpreter scripts: the path, then everything else as one argument. */
export function parseShebang(bytes: Buffer): Shebang {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return { kind: "none" };
  const end = bytes.indexOf(10);
  if (end < 0 && bytes.length >= limits.shebangBytes) return { kind: "unreadable", why: "its first line is too long" };
  const line = bytes.toString("utf8", 2, end < 0 ? bytes.length : end).trim();
  const [, path, argument = ""] = /^([^ \t]+)[ \t]*(.*)$/s.exec(line) ?? [];
  if (path === undefined || line.includes("\0"))
    return { kind: "unreadable", why: "its first line names no interpreter" };
  if (!path.startsWith("/")) return { kind: "unreadable", why: "its interpreter is not an absolute path" };
  return path.endsWith("/env") ? parseEnv(path, argument) : { kind: "path", path };
}

/** env(1): `-S` splits the one argument the kernel gives; without it the argument is the name, whatever it holds. */
function parseEnv(env: string, argument: string): Shebang {
  const split = /^(?:-S|--split-string[= ]|-vS)[ \t]*(.*)$/s.exec(argument);
  const words = (split?.[1] ?? argument).split(/[ \t]+/).filter((word) => word !== "");
  if (split === null && words.length !== 1) return { kind: "unreadable", why: "env is given several words without -S" };
  while (/^(?:-i|--ignore-environment|-u|--unset=.*|[A-Za-z_][A-Za-z0-9_]*=.*)$/s.test(words[0] ?? "")) {
    if (words.shift() === "-u") words.shift();
  }
  const name = words[0];
  if (name === undefined || /^-|["'\\$]/.test(name))
    return { kind: "unreadable", why: "env is used in a way not followed here" };
  return name.includes("/") ? { kind: "path", path: name } : { kind: "name", name, through: env };
}
