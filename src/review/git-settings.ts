// Does a git configuration run something, or reach elsewhere? Enters: configuration text, *attacker-controlled*, read by
// git's own parser (`git config --file - --list`), so that there is no second reading of it. Leaves: the settings that
// are not known to be harmless. A list of what is harmless, not of what is harmful: git's next version may bring a new
// key that runs a program.

import { lstatSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import { leadsInto } from "./destination.ts";
import { runGit } from "./git.ts";

const plainCore = [
  "repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf",
  "sparsecheckout|sparsecheckoutcone|longpaths|quotepath|abbrev|compression|loosecompression|bigfilethreshold",
  "untrackedcache|preloadindex|splitindex|commitgraph|multipackindex|sharedrepository|trustctime|checkstat|fscache",
].join("|");

/** Whole keys, lower case but for the subsection, as git prints them. */
const harmless: readonly RegExp[] = [
  new RegExp(`^core\\.(?:${plainCore})$`),
  /^extensions\.(?:objectformat|worktreeconfig|refstorage|partialclone|noop|relativeworktrees|preciousobjects)$/,
  /^remote\..+\.(?:fetch|tagopt|prune|prunetags|promisor|partialclonefilter|skipfetchall|mirror)$/s,
  /^remote\.pushdefault$/,
  /^branch\..+\.(?:remote|pushremote|merge|rebase|description|vscode-merge-base|gh-merge-base)$/s,
  /^branch\.(?:autosetupmerge|autosetuprebase|sort)$/,
  /^submodule\..+\.(?:active|branch|ignore|shallow|fetchrecursesubmodules)$/s,
  /^submodule\.(?:active|recurse|fetchjobs)$/,
  /^(?:user|author|committer)\.(?:name|email|useconfigonly)$/,
  /^(?:advice|color|column)\.[a-z]+$/,
  /^(?:pull\.(?:rebase|ff)|push\.(?:default|autosetupremote|followtags)|fetch\.(?:prune|prunetags)|init\.defaultbranch)$/,
  /^(?:rebase\.(?:autosquash|autostash|updaterefs)|rerere\.enabled|merge\.(?:conflictstyle|ff)|diff\.(?:algorithm|renames))$/,
  /^(?:log\.date|status\.[a-z]+|gc\.auto|index\.version|pack\.threads|commit\.(?:verbose|gpgsign)|tag\.(?:sort|gpgsign))$/,
  /^color\.[a-z]+\..+$/s,
  /^lfs\.repositoryformatversion$/,
];

/** Keys whose value decides. */
const byValue: readonly (readonly [RegExp, (value: string, place: SettingsPlace) => boolean])[] = [
  // `ext::`, `fd::` and any other transport helper; a leading dash; a repository in a tool's private home, whose hooks a push runs
  [
    /^(?:remote|submodule)\..+\.(?:url|pushurl)$/s,
    (value, place) => !value.includes("::") && !/^(?:-|file:)/i.test(value) && !leadsHome(value, place),
  ],
  [
    /^core\.worktree$/,
    (value, place) => isPlain(value) && isWithin(resolve(place.gitDirectory, value), place.workspace),
  ],
  [/^submodule\..+\.update$/s, (value) => /^(?:checkout|rebase|merge|none)$/.test(value)],
];

interface SettingsPlace {
  /** Absolute: the directory the configuration lies in. */
  readonly gitDirectory: string;
  readonly workspace: string;
  /** Our state directory. */
  readonly ours?: string | undefined;
}

export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** In order; undefined where git cannot read the text. */
export async function readSettings(text: string): Promise<readonly Setting[] | undefined> {
  const output = await runGit({
    place: { store: "/nonexistent", workTree: tmpdir() },
    arguments: ["config", "--file", "-", "--no-includes", "--list", "-z"],
    input: text,
  });
  return output instanceof Fault ? undefined : output.toString().split("\0").slice(0, -1).map(split);
}

/** `key=value` of each setting that is not known to be harmless; undefined where git cannot read the text either. */
export async function executingSettings(text: string, place: SettingsPlace): Promise<readonly string[] | undefined> {
  return (await readSettings(text))
    ?.filter(({ key, value }) => !isHarmless(key, value, place))
    .map(({ key, value }) => `${key}=${value}`);
}

/** `key\nvalue`; a key alone means true. */
function split(setting: string): Setting {
  const [key = "", ...rest] = setting.split("\n");
  return { key, value: rest.join("\n") };
}

function isHarmless(key: string, value: string, place: SettingsPlace): boolean {
  const judge = byValue.find(([pattern]) => pattern.test(key))?.[1];
  if (judge !== undefined) return judge(value, place);
  return harmless.some((pattern) => pattern.test(key));
}

const leadsHome = (value: string, { gitDirectory, ours }: SettingsPlace): boolean =>
  ours !== undefined && leadsInto(ours, resolve(dirname(gitDirectory), value));

/** `..` only in front: behind a name, which may be a link, the kernel goes elsewhere than the text does. */
function isPlain(place: string): boolean {
  const names = place.replace(/^(?:\.{0,2}\/)+/, "").split("/");
  return !names.slice(1).includes("..");
}

/** Where it really leads: a link inside the workspace may lead out of it. Of what is not there yet, the directory around it. */
function isWithin(path: string, directory: string): boolean {
  try {
    const [real, root] = [realOf(path), realpathSync(directory)];
    return real === root || real.startsWith(`${root}/`);
  } catch {
    return false;
  }
}

/** Throws where it cannot be told, as of a link that leads nowhere. */
function realOf(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return realpathSync(path);
  return path === "/" ? path : join(realOf(dirname(path)), basename(path));
}
