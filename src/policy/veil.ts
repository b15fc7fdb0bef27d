// What `files.hide` and `files.mask` say of one path of a checkout. Enters: globs that were checked when the policy was read,
// and a path from the checkout's root, *attacker-controlled*. Names are compared folded, so that another spelling some file
// system takes for the same is the same. Never costs more than stars times the path's length for each glob.

import { fold } from "../domain/fold.ts";
import { matchesPath } from "./glob.ts";
import type { Policy } from "./policy.ts";

export interface Veiled {
  readonly kind: "hide" | "mask";
  readonly glob: string;
}

export interface Veil {
  /** Hides and masks nothing. */
  readonly empty: boolean;
  /** Whether a glob that goes by directories means anything below this one: `named` by its own names, `crossed` by a `**`. */
  readonly below: (path: string) => "named" | "crossed" | undefined;
  /** By the path's own names and those above it; hidden before masked. `directory`: it is one, or a link. */
  readonly of: (path: string, directory?: boolean) => Veiled | undefined;
}

interface Pattern extends Veiled {
  /** Ends in `/**`: means a directory with all that is in it. */
  readonly whole: boolean;
  /** Goes by the directories above a file, and not by its name alone: the names, from the root. */
  readonly names: readonly string[] | undefined;
  readonly ways: readonly Way[];
}

/** A glob over `/` and the path. */
interface Way {
  readonly glob: string;
  /** What stands in every path that it matches: nearly all others are told by this alone. */
  readonly parts: readonly string[];
}

export function veilOf({ hide, mask }: Pick<Policy["files"], "hide" | "mask">): Veil {
  const patterns = [
    ...hide.map((glob) => compile({ kind: "hide", glob })),
    ...mask.map((glob) => compile({ kind: "mask", glob })),
  ];
  return {
    empty: patterns.length === 0,
    below: (path) => {
      const names = path.split("/").map(fold);
      const reached = patterns.map((pattern) => reach(pattern, names));
      return reached.find((each) => each === "named") ?? reached.find((each) => each !== undefined);
    },
    of: (path, directory = false) => {
      if (patterns.length === 0) return undefined;
      const names = path.split("/").map(fold);
      // git's own files are meant by no glob
      if (names.some(isGits)) return undefined;
      const found = patterns.find((pattern) => covers(pattern, names, directory));
      return found && { kind: found.kind, glob: found.glob };
    },
  };
}

const isGits = (name: string): boolean => name === ".git" || name === "git~1";

function compile({ kind, glob }: Veiled): Pattern {
  const written = glob.replace(/\/+$/, "");
  // first: of `./**` nothing but a dot would be left
  const named = written.replace(/^(?:\.\/+)+/, "");
  const whole = /(?:^|\/)\*\*$/.test(named);
  const plain = named.replace(/(?:\/\*\*)+$/, "");
  const placed = plain.includes("/") || named !== written || (whole && plain !== "**");
  const free = /^\*\*(?:\/|$)/.test(plain);
  // without a slash a name is meant wherever it stands, as in an ignore file
  const rooted = free ? plain : placed ? `/${plain}` : `**/${plain}`;
  const ways = withoutBetween(fold(rooted)).map((way) => ({
    glob: way,
    parts: way.split(/\*+/).filter((part) => part !== ""),
  }));
  const names = placed && !/^\*\*\/[^/]*$/.test(plain) ? fold(plain).split("/") : undefined;
  return { kind, glob, whole: whole && plain !== "**", names, ways };
}

/** What is longer than the glob is meant by it, or is not. */
function reach({ names: glob = [] }: Pattern, names: readonly string[]): "named" | "crossed" | undefined {
  for (const [at, name] of names.entries()) {
    const own = glob[at];
    if (own?.includes("**") === true) return "crossed";
    if (own === undefined || !matchesPath(own, name)) return undefined;
  }
  return names.length < glob.length ? "named" : undefined;
}

/** `**` between slashes stands for no directory, too. */
function withoutBetween(glob: string): readonly string[] {
  const at = glob.indexOf("/**/");
  if (at < 0) return [glob];
  const [head, rest] = [glob.slice(0, at), withoutBetween(glob.slice(at + 3))];
  return rest.flatMap((tail) => [`${head}${tail}`, `${head}/**${tail}`]);
}

/** The path itself, or a directory above it. */
function covers({ whole, ways }: Pattern, names: readonly string[], directory: boolean): boolean {
  let path = "";
  for (const [at, name] of names.entries()) {
    path += `/${name}`;
    const last = at === names.length - 1;
    if (whole && last && !directory) return false;
    if (ways.some((way) => matches(way, path))) return true;
  }
  return false;
}

function matches({ glob, parts }: Way, path: string): boolean {
  return parts.every((part) => path.includes(part)) && matchesPath(glob, path);
}
