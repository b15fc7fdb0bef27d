// Postern as built, under a policy such as a person writes: the checkout, one host with two methods and one path, one
// credential, a directory that is hidden and a file that is masked. The record is what `postern log` says of it.

import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logged } from "../../journeys/stage.ts";
import type { Rig } from "../rig/rig.ts";
import { allowed } from "../rig/world.ts";
import { type Ended, launch, type Target } from "./target.ts";

const root = new URL("../../..", import.meta.url).pathname;
const built = join(root, "dist/postern.cjs");

/** The variable inside that holds the placeholder. */
export const keyVariable = "ALLOWED_KEY";

export function policyOf(rig: Rig, names: readonly string[]): object {
  const grant = (host: string): object =>
    host === allowed.name ? { host, methods: ["GET", "POST"], paths: ["/v1/**"] } : { host };
  const key = {
    from: { file: join(rig.home, ".config/postern-keys/real") },
    to: { host: allowed.name, header: "x-api-key" },
    as: keyVariable,
  };
  return {
    version: 1,
    mode: "enforce",
    files: { write: ["."], hide: ["hidden/**", "*.hidden"], mask: ["settings.env"] },
    network: { allow: names.map(grant) },
    credentials: names.includes(allowed.name) ? { allowed: key } : {},
    commands: { deny: [["forbidden-program"]] },
  };
}

const resumed = { review: ["review"], land: ["review", "--accept", "all"], undo: ["undo"] } as const;

/** `bundle`: another build of it. */
export function posternTarget(edits: "live" | "staged", version: string, bundle = built): Target {
  const program = [process.execPath, "--disable-warning=ExperimentalWarning", bundle];
  const runs = (rig: Rig, command: readonly string[]): readonly string[] => {
    const words = ["run", "--headless", "--policy", join(rig.base, "policy.yaml"), "--edits", edits, "--", ...command];
    return [...program, ...words];
  };
  return {
    name: edits === "live" ? "postern" : "postern-staged",
    settings: `one host, one key, \`edits: ${edits}\``,
    version,
    run: async (rig, field, { command, names, environment, around }) => {
      const state = join(rig.base, "state");
      mkdirSync(state, { mode: 0o700, recursive: true });
      chownSync(state, rig.person.uid, rig.person.gid);
      const policy = join(rig.base, "policy.yaml");
      rig.write(policy, JSON.stringify(policyOf(rig, names)));
      const own = { POSTERN_HOME: state };
      const ended = await launch(rig, field, runs(rig, command), { environment: { ...own, ...environment }, around });
      const logged = await launch(rig, field, [...program, "log", "--json"], { environment: own });
      return { ended, record: { kind: "entries", entries: parseLog(logged) } };
    },
    resume: (rig, field, what) => {
      const words = what === "run" ? runs(rig, ["true"]) : [...program, ...resumed[what]];
      return launch(rig, field, words, { environment: { POSTERN_HOME: join(rig.base, "state") } });
    },
  };
}

function parseLog({ code, output, errors }: Ended): readonly Logged[] {
  // what never began has left no record
  if (errors.includes("there is no record")) return [];
  if (code !== 0) throw new Error(`postern log: ${errors}`);
  const lines = Buffer.from(output, "latin1").toString().trim().split("\n").filter(Boolean);
  return lines.map((line) => {
    const logged = JSON.parse(line) as Logged;
    return { ...logged, sealed: logged.sealed ?? {} };
  });
}
