// Long output on a terminal goes through the person's pager; anywhere else it is simply written. Resolves when the pager
// has been left.

import { spawn } from "node:child_process";
import { searchPath } from "../outbound/search-path.ts";
import { print, say } from "./speech.ts";

/** `workspace`: whose changes are shown; what lies there is the tool's. */
export async function page(lines: readonly string[], workspace: string): Promise<void> {
  const fits = lines.length < (process.stdout.rows ?? 24);
  const pager = process.env["PAGER"] ?? "less";
  if (process.stdout.isTTY !== true || fits || pager === "" || pager === "cat") {
    for (const line of lines) print(line);
    return;
  }
  const around = pagerAround(process.env, workspace);
  const child = spawn("/bin/sh", ["-c", pager], { stdio: ["pipe", "inherit", "inherit"], ...around });
  // left before all was read
  child.stdin.on("error", () => undefined);
  child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  const code = await new Promise<number | null>((settle) => {
    child.on("error", () => settle(127));
    child.on("close", (code) => settle(code));
  });
  if (code !== 127) return;
  say(`postern: the pager ${JSON.stringify(pager)} cannot be started`);
  for (const line of lines) print(line);
}

/** It is not looked for where the tool could have put one, and reads nothing that the tool left beside it. */
export function pagerAround(environment: Readonly<Record<string, string | undefined>>, workspace: string) {
  // as git does: colours pass, what fits is not held, nothing is run or saved from within
  const own = { LESS: "FRX", LESSSECURE: "1", ...environment };
  return { cwd: "/", env: { ...own, PATH: searchPath(environment["PATH"] ?? "/usr/bin:/bin", [workspace]) } };
}
