// The world outside with a registry in it: names that resolve there to addresses anybody could have, and a server behind them
// whose certificate is by an authority of its own. So what is dialled is found the ordinary way, by the name.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { type Outside, openOutside } from "./outside.ts";
import type { Asked, Serving } from "./registry-server.ts";
import type { Stage } from "./stage.ts";

export interface RegistryWorld extends AsyncDisposable {
  readonly enter: readonly string[];
  readonly port: number;
  /** PEM file of its authority, to be trusted beside the system's. */
  readonly ca: string;
  /** What the server serves. */
  readonly root: string;
  readonly asked: () => readonly Asked[];
  readonly seen: Outside["seen"];
}

const program = new URL("./registry-server.ts", import.meta.url).pathname;
const port = 8444;

export interface Placing {
  readonly hosts: readonly string[];
  readonly locked?: Serving["locked"];
}

export async function openRegistryWorld(stage: Stage, { hosts, locked = {} }: Placing): Promise<RegistryWorld> {
  const names = Object.fromEntries(hosts.map((host, index) => [host, [`93.184.216.${34 + index}`]]));
  const outside = await openOutside({ directory: stage.base, names });
  const { ca, cert, key } = issueForLoopback(hosts);
  const log = join(stage.base, "registry.log");
  const root = join(stage.base, "served");
  const serving: Serving = { root, log, port, cert, key, locked };
  const words = [...outside.enter, process.execPath, "--disable-warning=ExperimentalWarning", program];
  const child = spawn("env", [...words, JSON.stringify(serving)], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  if (said.toString() !== "listening\n") throw new Error(`the registry said ${said.toString()}`);
  return {
    enter: outside.enter,
    port,
    root,
    ca: stage.write("registry-authority.pem", ca),
    seen: outside.seen,
    asked: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as Asked)
        : [],
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.kill();
      await gone;
      await outside[Symbol.asyncDispose]();
    },
  };
}

/** Needs nft. What is meant for port 443 of the registry's addresses reaches it: the world itself listens there for others. */
export function lead({ enter, port }: RegistryWorld): void {
  const rules = `table ip lead { chain out { type nat hook output priority -100; ip daddr 93.184.216.32/28 tcp dport 443 redirect to :${port}; }; }`;
  execFileSync("env", [...enter, "nft", "-f", "-"], { input: rules });
}
