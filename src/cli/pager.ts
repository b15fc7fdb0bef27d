// Long output on a terminal goes through the person's pager; anywhere else it is simply written. Resolves when the pager
// has been left.

import { spawn } from "node:child_process";
import { print, say } from "./speech.ts";

export async function page(lines: readonly string[]): Promise<void> {
  const fits = lines.length < (process.stdout.rows ?? 24);
  const pager = process.env["PAGER"] ?? "less";
  if (process.stdout.isTTY !== true || fits || pager === "" || pager === "cat") {
    for (const line of lines) print(line);
    return;
  }
  // as git does: colours pass, what fits is not held, nothing is run or saved from within
  const environment = { LESS: "FRX", LESSSECURE: "1", ...process.env };
  const child = spawn("sh", ["-c", pager], { stdio: ["pipe", "inherit", "inherit"], env: environment });
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
