// A control group around all of Postern and the tool, as a container or a service manager has one: from one moment on there is
// no more memory in it, or no more processes. Made by root, in whichever hierarchy has the controller (cgroups of version 1 or 2).

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { descendants } from "../../journeys/kill-rounds.ts";
import { type Kind, pause, type Scene } from "../kind.ts";

type Controller = "memory" | "pids";

/** The file of the bound, by version. */
const files = {
  memory: { 1: "memory.limit_in_bytes", 2: "memory.max" },
  pids: { 1: "pids.max", 2: "pids.max" },
} as const;

interface Hierarchy {
  readonly version: 1 | 2;
  readonly mount: string;
}

/** Where groups with this controller can be made. */
function findHierarchy(controller: Controller): Hierarchy | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .map((fields) => ({ mount: fields[4] ?? "", rest: fields.slice(fields.indexOf("-") + 1) }));
  const first = mounts.find(({ rest: [type, , options = ""] }) => type === "cgroup" && options.includes(controller));
  if (first !== undefined) return { version: 1, mount: first.mount };
  const second = mounts.find(({ rest: [type] }) => type === "cgroup2");
  const given = second && join(second.mount, "cgroup.subtree_control");
  const handedOut = given !== undefined && existsSync(given) && readFileSync(given, "utf8").includes(controller);
  return second && handedOut ? { version: 2, mount: second.mount } : undefined;
}

const why = "whoever runs this may make no control group with that controller";

/** From now on everything of the session is in it. The group, for whoever takes it away once it is empty. */
function surround({ cli }: Scene, controller: Controller, most: number): string | undefined {
  const hierarchy = findHierarchy(controller);
  if (hierarchy === undefined) throw new Error(why);
  const group = join(hierarchy.mount, `postern-fault-${process.pid}-${cli}`);
  mkdirSync(group);
  writeFileSync(join(group, files[controller][hierarchy.version]), String(most));
  for (const pid of [cli, ...descendants(cli).map((one) => one.pid)])
    try {
      writeFileSync(join(group, "cgroup.procs"), String(pid));
    } catch {
      // it has just ended
    }
  return group;
}

const clear = (group: string | undefined) => (): void => {
  if (group !== undefined) rmdirSync(group);
};

const kindOf = (
  controller: Controller,
  more: Pick<Kind, "name" | "strike" | "hungry" | "starting" | "working">,
): Kind => ({
  notHere: () => (findHierarchy(controller) === undefined ? why : undefined),
  ...more,
});

export const grouped: readonly Kind[] = [
  kindOf("memory", {
    name: "a control group around all of it has little memory, and the tool wants more",
    // what was taken before is not counted there, so it is surrounded before the tool is
    starting: true,
    hungry: 1_024,
    strike: async (scene) => {
      if (scene.over()) return undefined;
      const group = surround(scene, "memory", (40 + scene.chance(360)) * 2 ** 20);
      for (let waited = 0; !scene.over() && waited < 20_000; waited += 10) await pause(10);
      // the tool is what the kernel ends first; where another part goes, all of it closes
      return { ending: "goes on", codes: [0, 124, 137], unwritable: true, after: clear(group) };
    },
  }),
  kindOf("pids", {
    name: "a control group around all of it has no processes left",
    working: true,
    strike: async (scene) => {
      if (scene.over()) return undefined;
      const group = surround(scene, "pids", 1);
      await pause(scene.chance(1_000));
      return { ending: "goes on", codes: [0, 124, 134], unwritable: true, after: clear(group) };
    },
  }),
];
