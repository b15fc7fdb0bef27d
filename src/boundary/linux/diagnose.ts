// What a boundary needs here, each tried for real: programs, namespaces, redirect, file view. Out: what was seen, and
// the exact command that mends what is missing. Changes nothing on the machine.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Fault } from "../../domain/fault.ts";
import { type Lack, sayLacks } from "../../domain/session.ts";
import type { Check, Diagnose, Plan } from "../contract.ts";
import { amountsOf } from "./bounds/amounts.ts";
import { endGroup, openCgroup } from "./bounds/cgroup.ts";
import { type Read, readSetting } from "./confinement.ts";
import { enterBoundary } from "./enter.ts";
import { chooseEntrance } from "./entrance.ts";
import { closeHouse, openHouse } from "./house.ts";
import { probes } from "./network.ts";
import { explainLack, lacksOf, type Place } from "./place.ts";
import { findProgram, findPrograms, installing, type Program, type Programs, programNames } from "./programs.ts";
import { blame, oneLine, refuseNamespaces, refuseStep, settings } from "./remedies.ts";
import { bystander } from "./watch/bystander.ts";

const run = promisify(execFile);

export const diagnose: Diagnose = async () => {
  const present = await Promise.all(programNames.map(checkProgram));
  const programs = findPrograms();
  if (programs instanceof Fault) return present;
  const namespaces = await checkNamespaces(programs);
  const checks = [...present, ...checkSettings(namespaces.ok), namespaces];
  if (!namespaces.ok) return checks;
  const redirect = await checkRedirect(programs);
  return redirect.every((check) => check.ok)
    ? [...checks, ...redirect, ...(await checkRoom())]
    : [...checks, ...redirect];
};

async function checkProgram(name: Program): Promise<Check> {
  const path = findProgram(name);
  const title = name === "bwrap" ? "bubblewrap" : name;
  if (path === undefined) return { name: title, ok: false, seen: "not found", remedy: installing([name]) };
  const version = await run(path, [name === "ip" ? "-V" : "--version"], { env: {} }).catch(() => undefined);
  return {
    name: title,
    ok: true,
    seen: `${path}: ${oneLine(version?.stdout ?? "version unknown")}`,
    remedy: undefined,
  };
}

/** A setting that forbids is only at fault where namespaces do not work, for the real root passes some of them; nor where a container's runtime forbids them first. */
export function checkSettings(working: boolean, read: Read = readSetting): readonly Check[] {
  return settings.flatMap(({ path, forbids, remedy }) => {
    const seen = read(path);
    if (seen === undefined) return [];
    const blamed = working || seen !== forbids ? undefined : blame(remedy, read);
    const name = path.slice("/proc/sys/".length).replaceAll("/", ".");
    return [{ name, ok: blamed === undefined, seen, remedy: blamed }];
  });
}

async function checkNamespaces(programs: Programs): Promise<Check> {
  const name = "user namespaces";
  const [program, ...flags] = (await chooseEntrance(programs)).command;
  try {
    await run(program, [...flags, "true"], { env: {} });
    return { name, ok: true, seen: "made one with mounts, network and processes of its own", remedy: undefined };
  } catch (error) {
    return failed(name, refuseNamespaces(error instanceof Error ? error.message : String(error)));
  }
}

async function checkRedirect(programs: Programs): Promise<readonly Check[]> {
  try {
    const house = await openHouse(programs, []);
    await closeHouse(house);
    const { place } = house.keeper;
    const caught = (kind: string, host: string): Check => judge(`${kind} ${host}`, house.missing);
    const four = ["tcp", "dns", "udp"].map((kind) => caught(kind, probes.v4));
    const none = { name: "IPv6", ok: true, seen: "the kernel has none, so none can leave", remedy: undefined };
    const six = place.v6 ? ["tcp", "dns", "udp"].map((kind) => caught(kind, probes.v6)) : [none];
    return [...four, ...six, ...(await checkBounds(programs, place))];
  } catch (error) {
    return [failed("redirect", error)];
  }
}

/** What the inside lacks, and what bounds it. */
async function checkBounds({ sh }: Programs, place: Place): Promise<readonly Check[]> {
  const cgroup = await openCgroup(amountsOf(), sh);
  const bounded = "end" in cgroup;
  await endGroup(cgroup);
  const why = bounded ? "" : cgroup.seen;
  const { memory, processes } = amountsOf();
  const seen = `${Math.floor(memory / 2 ** 20)} MiB and ${processes} processes for everything inside together, by a cgroup`;
  const has: readonly Check[] = bounded ? [{ name: "bounds inside", ok: true, seen, remedy: undefined }] : [];
  return [...has, ...lacksOf({ ...place, bounded }).map((lack) => tellLack(lack, why))];
}

const tellLack = (lack: Lack, why: string): Check => ({
  name: `${sayLacks([lack])} inside`,
  ok: true,
  ...explainLack(lack, why),
});

function judge(attempt: string, missing: readonly string[]): Check {
  const name = `redirect: ${attempt}`;
  if (!missing.includes(attempt)) return { name, ok: true, seen: "caught, with its destination", remedy: undefined };
  return failed(name, refuseStep("probe", attempt));
}

/** The whole of it: the file view, the seccomp program, the watch, a process inside. */
async function checkRoom(): Promise<readonly Check[]> {
  const name = "a program inside";
  const whole = await tryRoom(false);
  if (whole === undefined) return [{ name, ok: true, seen: "ran", remedy: undefined }];
  if (!(whole instanceof Fault) || whole.code !== "no-watch") return [failed(name, whole)];
  const lesser = await tryRoom(true);
  if (lesser !== undefined) return [failed("the watch over commands", whole), failed(name, lesser)];
  return [
    { ...failed("the watch over commands", whole), lesser: "partial", missing: ["watch"] },
    { name, ok: true, seen: "ran, with nobody watching what begins", remedy: undefined },
  ];
}

/** `lesser`: without what may be missing. What went wrong; undefined where nothing did. */
async function tryRoom(lesser: boolean): Promise<unknown> {
  const plan: Plan = {
    mounts: [],
    identity: { uid: 1_000, gid: 1_000, name: "doctor", home: "/tmp", shell: "/bin/sh" },
    environment: { PATH: "/usr/bin:/bin" },
    directory: "/tmp",
    authority: "",
    lesser: lesser ? ["partial"] : [],
  };
  try {
    await using walls = await enterBoundary(plan);
    const { code } = await walls.run(["true"], bystander());
    return code === 0 ? undefined : refuseNamespaces(`true ended with ${code}`);
  } catch (error) {
    return error;
  }
}

function failed(name: string, error: unknown): Check {
  if (!(error instanceof Fault)) throw error;
  return { name, ok: false, seen: error.message, remedy: error.hint ?? "postern doctor" };
}
