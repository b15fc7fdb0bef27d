// What has come to lie in a shown tree while the tool runs, covered there and nowhere else: `mount` in the mount namespace of
// the inside, with the rights the helper's user namespace gives whoever made it. Enters: a path, *attacker-controlled* and
// looked up inside, so that the worst it leads to is another place of the inside's own that is covered. What runs in there
// lies in /usr, which nobody inside writes, and in a process namespace that nobody inside sees.

import { spawn } from "node:child_process";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
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

/** `helper`: its process. */
export function openCover(helper: number, { inside, mount, blanks }: Covering): Walls["cover"] {
  return async (path, kind) => {
    const nsenter = places.find((place) => existsSync(place));
    if (blanks === undefined || nsenter === undefined) return "failed";
    let target = inside();
    for (let turn = 0; target === undefined && turn < limits.coverTurns; turn += 1) {
      await wait(limits.signalMs);
      target = inside();
    }
    if (target === undefined) return "failed";
    if (isCovered(target, path)) return "before";
    const done = await carryOut(nsenter, [
      "--preserve-credentials",
      ...(userOf(helper) === userOf("self") ? [] : [`--user=/proc/${helper}/ns/user`]),
      ...[`--mount=/proc/${target}/ns/mnt`, "--", mount, "--no-mtab", "--bind", blanks[kind], path],
    ]);
    return done ? "now" : "failed";
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

function userOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`);
  } catch {
    return undefined;
  }
}

function carryOut(program: string, words: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: "ignore", env: {}, cwd: "/", timeout: limits.goneMs });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}
