// Files: what is absent, what is unwritable, what the policy shows; judged by canaries that were read or written.

import { existsSync, lstatSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { exposes, tells } from "../../inventory/exposure.ts";
import { realPath } from "../../inventory/search.ts";
import { veilOf } from "../../policy/veil.ts";
import { grantedPlaces, isDirectory, newIn, sharedRoots } from "../plan.ts";
import { absent, coveredBy, type Evidence, judge, type Row, sayAnswer, type Tried, unwritable } from "../row.ts";
import type { Canary } from "../scratch.ts";

type Part = Omit<Tried, "area">;

export function fileRows(evidence: Evidence): Row[] {
  const { scratch, loot, inside } = evidence;
  const all = (part: Part): Row => judge(evidence, { area: "files", ...part });
  const setuid = (statOf(join(inside, "plain.txt"))?.mode ?? 0) & 0o6000;
  return [
    control(evidence),
    ...(scratch.home === undefined ? [homeless(evidence)] : [all(reading(evidence, "home", scratch.home))]),
    all(reading(evidence, "beside", scratch.beside)),
    all({
      ...{ id: "read:state", rule: "default files", tried: "read Postern's own state" },
      landed: seen(loot("read:state"), scratch.state),
      stopped: absent,
    }),
    ...(scratch.home === undefined ? [] : [all(writing(evidence, "home", scratch.home))]),
    all(writing(evidence, "beside", scratch.beside)),
    ...sharedRoots.map((root) => all(elsewhere(evidence, root))),
    all({
      ...{ id: "setuid", rule: "default files", tried: "give a file a setuid bit" },
      landed: setuid === 0 ? undefined : "it has one",
      stopped: unwritable,
    }),
    ...evidence.policy.files.toolchains.map((name) => toolchain(evidence, name)),
    ...grantedPlaces(evidence.policy, scratch.work).map(({ kind, path }) => granted(evidence, kind, path)),
  ];
}

/** Without it a file that was not read would say nothing. */
function control(evidence: Evidence): Row {
  const { loot, scratch } = evidence;
  const works = loot("read:control").includes(scratch.control.word);
  const veiled = veilOf(evidence.policy.files).of(basename(scratch.control.path));
  if (!works && veiled !== undefined) {
    const by = `it is hidden or masked too, by ${veiled.glob}`;
    return {
      area: "files",
      rule: "default files.write",
      place: undefined,
      tried: "read a file of the checkout",
      outcome: "untried",
      by,
    };
  }
  return {
    ...{ area: "files", rule: "default files.write", place: undefined, tried: "read a file of the checkout" },
    ...(works
      ? { outcome: "granted", by: "read: so reading is seen" }
      : { outcome: "broken", by: "nothing came of it: the proof itself does not work here" }),
  };
}

function homeless({ home }: Evidence): Row {
  const by = `no canary could be put into ${home}: it cannot be written`;
  const tried = "read a file of the home directory";
  return { area: "files", rule: "default files.read", place: undefined, tried, outcome: "untried", by };
}

const names = { home: "a file of the home directory", beside: "a file beside the checkout" } as const;

function reading({ policy, loot }: Evidence, what: "home" | "beside", canary: Canary): Part {
  return {
    ...{ id: `read:${what}`, rule: "default files.read", tried: `read ${names[what]}` },
    landed: seen(loot(`read:${what}`), canary),
    stopped: absent,
    let: coveredBy(policy, canary.path, ["read", "write"]),
  };
}

const seen = (loot: string, { word }: Canary): string | undefined => (loot.includes(word) ? "it was read" : undefined);

function writing({ policy }: Evidence, what: "home" | "beside", { path, word }: Canary): Part {
  const kept = existsSync(path) && readFileSync(path, "utf8").includes(word);
  return {
    ...{ id: `write:${what}`, rule: "default files.write", tried: `change ${names[what]}` },
    landed: kept ? undefined : "it was changed",
    stopped: unwritable,
    let: coveredBy(policy, path, ["write"]),
  };
}

function elsewhere({ policy, scratch }: Evidence, root: string): Part {
  const path = newIn(root, scratch.mark);
  return {
    ...{ id: `write:${root}`, rule: "default files.write", tried: `write into this machine's ${root}` },
    landed: existsSync(path) ? "a new file lies there" : undefined,
    // it has one of its own
    stopped: [...unwritable, "ok"],
    let: coveredBy(policy, path, ["write"]),
  };
}

function toolchain({ policy }: Evidence, name: string): Row {
  const rule = policy.files.rules[`toolchains:${name}`] ?? "default files.toolchains";
  const row = { area: "files", rule, place: policy.origins[rule], tried: `toolchain ${name}` } as const;
  return { ...row, outcome: "granted", by: "shown, unwritable" };
}

/** What is shown beyond the checkout: narrow, or more than one tool's business. */
function granted(evidence: Evidence, kind: "read" | "write", path: string): Row {
  const { policy, report, glimpses, scratch, prepared } = evidence;
  const rule = policy.files.rules[`${kind}:${path}`] ?? `default files.${kind}`;
  const row = { area: "files", rule, place: policy.origins[rule], tried: `${kind} ${path}` } as const;
  const real = realPath(path);
  const wide = exposes(real, { home: realPath(evidence.home), workspace: realPath(scratch.work) });
  const telling = tells(basename(real)) ? "it is where credentials lie" : undefined;
  const why = wide ?? telling;
  if (why !== undefined) return { ...row, outcome: "open", by: `${kind === "read" ? "shown" : "writable"}: ${why}` };
  const fresh = newIn(path, scratch.mark);
  const opened = glimpses.some(({ open }) => open.some(({ link, writable }) => link === real && writable));
  const landed = existsSync(fresh) || opened;
  if (kind === "read") {
    if (landed) return { ...row, outcome: "broken", by: "could be written, and is granted to be read" };
    const answer = report[`read:${path}`];
    return {
      ...row,
      outcome: "granted",
      by: `shown; to write there: ${answer === undefined ? "not there" : sayAnswer(answer)}`,
    };
  }
  if (prepared.session.edits === "staged") return { ...row, outcome: "granted", by: "in a private copy, until review" };
  if (isDirectory(join(path, ".git"))) return { ...row, outcome: "granted", by: "writable: another checkout" };
  return { ...row, outcome: "open", by: `writable, beyond the checkout${landed ? ": a file was left there" : ""}` };
}

function statOf(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}
