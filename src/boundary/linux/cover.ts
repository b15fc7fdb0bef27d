// What has come to lie in a shown tree while the tool runs, covered there and nowhere else: `mount` in the mount namespace of
// the inside, with the rights the helper's user namespace gives whoever made it. Enters: a path, *attacker-controlled* and
// looked up inside, so that the worst it leads to is another place of the inside's own that is covered. Nothing that lies
// inside is run for it: whoever could lay a program over that one would begin it outside, with those rights.

import { spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, lstatSync, openSync, readlinkSync, statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Blanks, Walls } from "../contract.ts";
import { limits } from "./limits.ts";

export interface Covering {
  /** A process inside; undefined where there is none yet. */
  readonly inside: () => number | undefined;
  readonly mount: string;
  readonly blanks: Blanks | undefined;
}

const places = ["/usr/bin/nsenter", "/bin/nsenter"];
/** Of the namespace, in what is started. */
const place = 3;

/** `helper`: its process. */
export function openCover(helper: number, { inside, mount, blanks }: Covering): Walls["cover"] {
  return async (path, kind) => {
    const nsenter = places.find((place) => existsSync(place));
    if (blanks === undefined || nsenter === undefined) return "failed";
    for (let turn = 0; inside() === undefined && turn < limits.coverTurns; turn += 1) await wait(limits.signalMs);
    const target = inside();
    if (target === undefined) return "failed";
    if (isCovered(target, path)) return "before";
    const space = openSpace(target, inside);
    if (space === undefined) return "failed";
    try {
      const words = [nsenter, ...intoHelper(helper), mount, ...laying(blanks[kind], path)];
      return (await carryOut(words, space)) ? "now" : "failed";
    } finally {
      closeSync(space);
    }
  };
}

/** Another file lies there inside, or none: nobody inside mounts anything, so it is a cover of ours. Whoever cannot tell covers. */
function isCovered(target: number, path: string): boolean {
  try {
    const [here, inside] = [path, `/proc/${target}/root${path}`].map((place) => lstatSync(place, { bigint: true }));
    return here?.ino !== inside?.ino || here?.dev !== inside?.dev;
  } catch {
    return false;
  }
}

/** Its mount namespace, held: a number may have become another process's, up to one that is nobody's inside. */
function openSpace(target: number, inside: Covering["inside"]): number | undefined {
  let space: number | undefined;
  try {
    space = openSync(`/proc/${target}/ns/mnt`, "r");
    if (inside() === target && fstatSync(space).ino !== statSync("/proc/self/ns/mnt").ino) return space;
  } catch {
    // it has just ended
  }
  if (space !== undefined) closeSync(space);
  return undefined;
}

/**
 * Where /usr is this system's, nothing leads out, and whoever ends the session ends it; not the inside. mount(8) has to come
 * back from there to where it began, which takes rights over that place too.
 */
function intoHelper(helper: number): readonly string[] {
  const of = (kind: string): string => `/proc/${helper}/ns/${kind}`;
  const user = userOf(helper) === userOf("self") ? [] : [`--user=${of("user")}`];
  return ["--preserve-credentials", ...user, `--mount=${of("mnt")}`, `--net=${of("net")}`, `--pid=${of("pid")}`, "--"];
}

/** It enters by itself, only for what it asks of the kernel. */
const laying = (blank: string, path: string): readonly string[] => [
  ...["--namespace", `/proc/self/fd/${place}`, "--no-mtab", "--bind", blank, path],
];

function userOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`);
  } catch {
    return undefined;
  }
}

function carryOut([program = "", ...words]: readonly string[], space: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stdio = ["ignore", "ignore", "ignore", space] as const;
    const child = spawn(program, words, { stdio: [...stdio], env: {}, cwd: "/", timeout: limits.goneMs });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}
