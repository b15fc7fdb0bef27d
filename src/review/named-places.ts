// Paths that an existing git configuration names: where hooks and more configuration lie, and programs kept among git's own
// files. A hint for holding more, never a judgement. Enters: a configuration's text, *attacker-controlled*; pure.

import { isForeign } from "./git-directory.ts";

interface NamedPlace {
  /** `hooks`: relative to the git directory's parent; `include`: to the file itself; `program`: to the git directory. */
  readonly kind: "hooks" | "include" | "program";
  readonly place: string;
}

export function namedPlaces(text: string): readonly NamedPlace[] {
  const found: NamedPlace[] = [];
  let section = "";
  for (const line of text.replaceAll(/\\\r?\n/g, "").split("\n")) {
    section = /^\s*\[\s*([a-z-]+)/i.exec(line)?.[1]?.toLowerCase() ?? section;
    const [, key, rest] = /^(?:\s*\[[^\]]*\])?\s*([a-z][a-z0-9-]*)\s*=(.*)$/i.exec(line) ?? [];
    if (key === undefined || rest === undefined) continue;
    const value = valueOf(rest);
    if (value === "") continue;
    const name = `${section}.${key.toLowerCase()}`;
    if (name === "core.hookspath") found.push({ kind: "hooks", place: value });
    else if (/^include(?:if)?\.path$/.test(name)) found.push({ kind: "include", place: value });
    else found.push(...programsIn(value));
  }
  return found;
}

/** git-config(1), "Values": quotes may stand anywhere, a `#` or `;` outside of them begins a comment. */
function valueOf(rest: string): string {
  let value = "";
  let quoted = false;
  for (let at = 0; at < rest.length; at += 1) {
    const each = rest[at] ?? "";
    if (each === '"') quoted = !quoted;
    else if (!quoted && (each === "#" || each === ";")) break;
    else if (each === "\\") {
      at += 1;
      value += rest[at] ?? "";
    } else value += each;
  }
  return value.trim();
}

/** Words of a command with a slash: below the git directory if they say so, or begin where a shell puts it (`"$(…)"/crypt/clean`). */
function programsIn(value: string): readonly NamedPlace[] {
  return (value.match(/[^\s"'`(){}$;|&<>=]+/g) ?? []).flatMap((word): readonly NamedPlace[] => {
    const at = word.lastIndexOf(".git/");
    const place = at < 0 ? /^\/(.+)$/.exec(word)?.[1] : word.slice(at + 5);
    return place !== undefined && isProgram(place) ? [{ kind: "program", place }] : [];
  });
}

/** Not what git itself keeps there. */
function isProgram(place: string): boolean {
  const names = place.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) return false;
  return names.length > 1
    ? isForeign(names[0] ?? "")
    : !/^(?:[A-Z_]+|index|config|description|packed-refs)$/.test(place);
}
