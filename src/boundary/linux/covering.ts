// For tests: a tool that makes files which are covered while it runs. Out: what it could read then, and whether anything of its
// own began outside. Used by nothing else.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Walls } from "../contract.ts";
import { enterBoundary } from "./enter.ts";
import { openFolder, plan } from "./trial.ts";
import { bystander } from "./watch/bystander.ts";

export interface Covered {
  readonly covered: readonly Awaited<ReturnType<Walls["cover"]>>[];
  readonly read: string;
  readonly began: boolean;
}

/** `before`: bash, which puts `secret` where each of `paths` leads, in /ws. */
export async function cover(before: string, paths: readonly string[]): Promise<Covered> {
  using folder = openFolder();
  const [workspace, blank] = [join(folder.path, "ws"), join(folder.path, "blank")];
  for (const path of [workspace, blank, join(blank, "directory")]) mkdirSync(path);
  writeFileSync(join(blank, "file"), "");
  for (const [path, mode] of [
    [folder.path, 0o777] as const,
    [workspace, 0o777] as const,
    [join(blank, "file"), 0] as const,
  ])
    chmodSync(path, mode);
  await using walls = await enterBoundary(
    plan({
      mounts: [
        { kind: "write", path: "/ws", from: workspace },
        { kind: "read", path: "/run/postern/blank", from: blank },
      ],
      blanks: { file: "/run/postern/blank/file", directory: "/run/postern/blank/directory" },
    }),
  );
  const script = `${before}; echo >/ws/ready; until test -e /ws/go; do sleep 0.05; done; cat ${paths.join(" ")} >/ws/loot`;
  const running = walls.run(["/bin/bash", "-c", `exec 2>/dev/null; ${script}; true`], bystander());
  while (!existsSync(join(workspace, "ready"))) await setTimeout(20);
  const covered: Covered["covered"][number][] = [];
  for (const path of paths) covered.push(await walls.cover(path, "file"));
  writeFileSync(join(workspace, "go"), "");
  await running;
  return {
    covered,
    read: readFileSync(join(workspace, "loot"), "utf8"),
    began: existsSync(join(workspace, "began")),
  };
}
