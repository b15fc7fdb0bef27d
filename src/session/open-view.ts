// The policy's `hide` and `mask`, found in the trees a session works in, and turned into mounts that cover them wherever
// something shown has them. The real values stay outside: nobody puts them in anywhere.

import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Blanks, Mount } from "../boundary/contract.ts";
import { Fault } from "../domain/fault.ts";
import { veilOf } from "../policy/veil.ts";
import { isWithin } from "../policy/way.ts";
import { committedIn } from "../review/veil/committed.ts";
import type { Concealed } from "../review/veil/concealed.ts";
import { findConcealed } from "../review/veil/find.ts";
import { withMounted } from "./mounted-again.ts";
import type { Prepared } from "./prepare.ts";
import { ruleOf, type View } from "./view.ts";

/** Throws a Fault where not everything that is meant can be found. */
export async function openView({ policy, session, state }: Prepared): Promise<View> {
  const places = [session.workspace, ...policy.files.write].filter((path) => existsSync(path));
  const roots = [...new Set(places.map((path) => realpathSync(path)))];
  const veil = veilOf(policy.files);
  const beside = policy.files.read.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const found = findConcealed(roots, veil, beside);
  if (found instanceof Fault) throw found;
  const concealed = withMounted(found, [...roots, ...beside], readFileSync("/proc/self/mountinfo", "utf8"));
  const committed = await Promise.all(roots.map((root) => committedIn(state.directory, root, concealed)));
  const rule = (glob: string): string =>
    ruleOf(policy.files, { kind: policy.files.hide.includes(glob) ? "hide" : "mask", glob });
  const rules = new Map([...concealed.masked, ...concealed.hidden].map(({ path, glob }) => [path, rule(glob)]));
  const names = new Map([...rules].map(([path, rule]) => [path.split("/").at(-1) ?? "", rule]));
  const within = (path: string) => roots.filter((root) => path.startsWith(`${root}/`));
  const of = (path: string, directory: boolean) => {
    const found = within(path).flatMap((root) => veil.of(path.slice(root.length + 1), directory) ?? []);
    return found.find(({ kind }) => kind === "hide") ?? found[0];
  };
  const directories = concealed.hidden.filter(({ directory }) => directory);
  return {
    ...concealed,
    committed: committed.flat(),
    of,
    leads: (path) => within(path).some((root) => veil.below(path.slice(root.length + 1)) === "named"),
    blanks: shownBlanks,
    lies: (path) => directories.some((one) => one.path !== path && isWithin(path, one.path)),
    covers: (mounts) => {
      const blanks = makeBlanks(state.blanks);
      const shown = (["file", "directory"] as const).map(
        (kind) => ({ kind: "read", path: shownBlanks[kind], from: blanks[kind] }) as const,
      );
      return [...shown, ...coversOver(mounts, concealed, blanks)];
    },
    ruleOf: (path) => {
      const above = directories.find((one) => isWithin(path, one.path));
      const moved = () => path.split("/").flatMap((name) => names.get(name) ?? [])[0];
      const veiled = of(path, true);
      return rules.get(path) ?? (above && rules.get(above.path)) ?? (veiled && ruleOf(policy.files, veiled)) ?? moved();
    },
  };
}

const shownBlanks: Blanks = { file: "/run/postern/blank/file", directory: "/run/postern/blank/directory" };

function makeBlanks(place: string): Blanks {
  const [file, directory] = [join(place, "file"), join(place, "directory")];
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, "", { mode: 0 });
  chmodSync(file, 0);
  chmodSync(directory, 0o555);
  return { file, directory };
}

/** For each mount that shows something of the host, what of the hidden lies in it and is not covered by a later one. */
function coversOver(mounts: readonly Mount[], { hidden, masked }: Concealed, blanks: Blanks): readonly Mount[] {
  const found = new Map<string, Mount>();
  const visible = (at: number, path: string): boolean =>
    mounts.findLastIndex((each) => isWithin(path, each.path)) === at;
  for (const [at, mount] of mounts.entries()) {
    if (mount.kind !== "read" && mount.kind !== "write") continue;
    const real = realOf(mount.from);
    if (real === undefined) continue;
    const inside = (path: string): string | undefined => {
      if (!isWithin(path, real)) return undefined;
      const place = `${mount.path}${path.slice(real.length)}`;
      return visible(at, place) ? place : undefined;
    };
    for (const { path, text } of masked) {
      const place = inside(path);
      if (place !== undefined) found.set(place, { kind: "text", path: place, text });
    }
    for (const { path, directory } of hidden) {
      // what lies in a hidden directory and is mounted by itself is hidden with it
      const place = directory && isWithin(real, path) && visible(at, mount.path) ? mount.path : inside(path);
      if (place === undefined) continue;
      const whole = place === mount.path ? isDirectory(real) : directory;
      const from = whole ? blanks.directory : blanks.file;
      found.set(place, { kind: "read", path: place, from });
    }
  }
  // a directory first: what lies in it is gone with it
  const all = [...found.values()].toSorted((a, b) => a.path.length - b.path.length);
  return all.filter(
    (one, at) =>
      !all
        .slice(0, at)
        .some((other) => other.kind === "read" && other.path !== one.path && isWithin(one.path, other.path)),
  );
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
