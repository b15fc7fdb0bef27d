// A published agent, pi, as the tool of a round, and the vendor it works for: both in the lane's world.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoCommand, demoPolicy } from "../../src/vendor/demo.ts";
import type { Outside } from "../journeys/outside.ts";
import type { Word } from "./agent-vendor.ts";

const pi = fileURLToPath(new URL("../../node_modules/@mariozechner/pi-coding-agent/dist/cli.js", import.meta.url));

export interface Agent extends AsyncDisposable {
  readonly command: readonly string[];
  readonly policy: object;
  /** File with the vendor's key. */
  readonly key: string;
  /** The vendor's process. */
  readonly pid: number | undefined;
  /** Targets of everything the vendor was asked so far in its life. */
  readonly asked: () => Promise<readonly string[]>;
}

export async function openAgent(place: Outside, directory: string): Promise<Agent> {
  const key = "sk-ant-of-the-faults";
  const [program = "", ...words] = place.enter;
  const vendor = new URL("./agent-vendor.ts", import.meta.url).pathname;
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", vendor, key];
  const child = spawn(program, [...words, ...node], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const hear = async (): Promise<Word> => {
    const [word]: unknown[] = await once(child, "message");
    return word as Word;
  };
  const ready = await hear();
  if (ready.kind !== "ready") throw new Error("the vendor did not say where it is");
  const at = { ca: join(directory, "vendor.pem"), key: join(directory, "vendor.key") };
  writeFileSync(at.ca, ready.ca);
  writeFileSync(at.key, key, { mode: 0o600 });
  return {
    pid: child.pid,
    key: at.key,
    command: demoCommand(pi),
    policy: { ...(JSON.parse(demoPolicy({ address: ready.address, ...at })) as object), files: { write: ["."] } },
    asked: async () => {
      child.send("asked");
      const word = await hear();
      return word.kind === "asked" ? word.targets : [];
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}
