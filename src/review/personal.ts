// What a person's own configuration names in a checkout: hooks and programs of git's by relative paths, and files that a
// link of the home leads to. Whoever changes them there runs something of the person's. Enters: the person's environment
// and home, asked for at a session's start; git's own parser reads its settings. Leaves: names, no judgement.

import { spawnSync } from "node:child_process";
import { readlinkSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, normalize, resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { Personal } from "./collected.ts";
import { belowOf, entriesOf } from "./entries.ts";
import { limits } from "./limits.ts";

export interface Person {
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** `roots`: real paths of checkouts → of each what is named in it. */
export function namedByPerson(person: Person, roots: readonly string[]): ReadonlyMap<string, Personal> {
  const settings = settingsOf(person);
  const words = settings.flatMap(({ key, value, origin }) => placesOf(key, value, { home: person.home, origin }));
  const absolute = [...new Set([...words.filter(isAbsolute), ...linksOf(person.home), ...settings.map(originOf)])];
  const places = [...new Set(words.filter((word) => !isAbsolute(word)))].slice(0, limits.personal);
  return new Map(
    roots.map((root) => {
      const files = [...new Set(absolute.flatMap((path) => withinOf(root, path)))];
      return [root, { places, files: files.slice(0, limits.personal) }];
    }),
  );
}

interface Setting {
  readonly key: string;
  readonly value: string;
  /** Absolute; empty where it is no file's. */
  readonly origin: string;
}

const originOf = ({ origin }: Setting): string => origin;

/** Also of what is included on a condition: it may hold in one checkout of many. */
function settingsOf({ home, environment }: Person): readonly Setting[] {
  const listed = [...askGit(["--includes"], environment)];
  const seen = new Set(listed.map(originOf));
  for (let at = 0; at < listed.length && seen.size < limits.personal; at += 1) {
    const { key, value, origin } = listed[at] ?? { key: "", value: "", origin: "" };
    if (!/^includeif\..*\.path$/s.test(key)) continue;
    const file = value.startsWith("~/") ? `${home}/${value.slice(2)}` : resolve(dirname(origin), value);
    if (seen.has(file)) continue;
    seen.add(file);
    listed.push(...askGit(["--includes", "--file", file], environment));
  }
  return listed;
}

/** git-config(1), `--null` and `--show-origin`: origin, NUL, key, newline, value, NUL. Nothing where git cannot tell. */
function askGit(options: readonly string[], environment: Person["environment"]): readonly Setting[] {
  const told = spawnSync("git", ["config", "--null", "--show-origin", ...options, "--list"], {
    cwd: "/",
    env: { ...environment, PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", LC_ALL: "C" },
    timeout: limits.gitMilliseconds,
    maxBuffer: limits.settingsBytes,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // no answer is no reason to hold nothing; of settings that git cannot read the person's git makes nothing either
  if (told.error !== undefined)
    throw new Fault({
      code: "git",
      message: `your git settings cannot be asked for: ${told.error.message}`,
      hint: "see that `git config --list` answers; at most 256 KiB of settings are read",
      cause: told.error,
    });
  if (told.status !== 0) return [];
  const parts = told.stdout.toString().split("\0");
  return Array.from({ length: Math.floor(parts.length / 2) }, (_, at) => {
    const [origin = "", setting = ""] = [parts[2 * at], parts[2 * at + 1]];
    const end = setting.indexOf("\n");
    const file = origin.startsWith("file:") ? resolve("/", origin.slice(5)) : "";
    // a key without a value stands for true
    return end < 0
      ? { key: setting, value: "", origin: file }
      : { key: setting.slice(0, end), value: setting.slice(end + 1), origin: file };
  });
}

/** Keys whose values are addresses and names: a slash in them is no path's. */
const other = /^(?:url|remote|branch|user|author|committer|http|https|safe|color|init|i18n|gui)\./;

/** What of a setting may be a path: relative ones count from wherever git works, the top of a working tree. */
function placesOf(key: string, value: string, from: { readonly home: string; readonly origin: string }): string[] {
  if (key === "core.hookspath") return placeOf(value, from.home);
  if (/^include(?:if\..*)?\.path$/s.test(key)) return from.origin === "" ? [] : [resolve(dirname(from.origin), value)];
  if (other.test(key) || (key.startsWith("alias.") && !value.startsWith("!"))) return [];
  const words = value.match(/[^\s"'`(){}$;|&<>=!]+/g) ?? [];
  return words.filter((word) => word.includes("/")).flatMap((word) => placeOf(word, from.home));
}

function placeOf(word: string, home: string): string[] {
  const place = normalize(word.startsWith("~/") ? `${home}/${word.slice(2)}` : word).replace(/\/+$/, "");
  return place === "" || place === "." || place === ".." || place.startsWith("../") ? [] : [place];
}

/** Settings a home keeps elsewhere: links among its hidden names, and two levels down its configuration. */
function linksOf(home: string): readonly string[] {
  const at = (directory: string, depth: number, hidden: boolean): string[] =>
    (entriesOf(directory) ?? []).slice(0, limits.personal).flatMap((entry) => {
      if (hidden && !entry.name.startsWith(".")) return [];
      const path = `${directory}/${entry.name}`;
      if (entry.isSymbolicLink()) return [path];
      return entry.isDirectory() && depth > 0 ? at(path, depth - 1, false) : [];
    });
  return [...at(home, 0, true), ...at(`${home}/.config`, 2, false), ...at(`${home}/.ssh`, 0, false)].slice(
    0,
    limits.personal,
  );
}

/** Below the checkout; not the checkout itself, nor what is around it. A name of what is not there yet counts by its text. */
function withinOf(root: string, path: string): readonly string[] {
  if (path === "") return [];
  const place = belowOf(root, realOf(path));
  return place === undefined || place === "" ? [] : [place];
}

function linkedTo(path: string): string {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return path;
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return linkedTo(path);
  }
}
