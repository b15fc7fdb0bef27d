// A person's VS Code in the world outside of a test: the real server with its extension host and terminals, and a browser that shows it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { equip, nodeDirectory } from "../packages.ts";
import type { Order } from "./browse.ts";

export interface Seat extends AsyncDisposable {
  /** Throws where it cannot be done. */
  readonly order: (order: Order) => Promise<void>;
}

export interface Sitting {
  readonly enter: readonly string[];
  readonly directory: string;
  readonly work: string;
  readonly environment: Readonly<Record<string, string>>;
}

const browse = new URL("./browse.ts", import.meta.url).pathname;
const port = 8_377;

export async function sitDown({ enter, directory, work, environment }: Sitting): Promise<Seat> {
  const [editor, browser] = [equip("editor"), equip("browser")];
  // kept where somebody wants to look at them
  const pictures = process.env["POSTERN_PICTURES"] ?? join(directory, "pictures");
  mkdirSync(pictures, { recursive: true });
  const clean = ["env", "-i", ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
  const start = (words: readonly string[], stdio: readonly (string | number)[]): ChildProcess => {
    const [program = "", ...rest] = [...enter, ...words];
    return spawn(program, rest, { cwd: directory, stdio: stdio as ("ignore" | number)[] });
  };
  const log = openSync(join(directory, "editor.log"), "a");
  const flags = [
    "--auth=none",
    `--bind-addr=127.0.0.1:${port}`,
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
  ];
  const program = join(editor.prefix, "bin", editor.program);
  const server = start(
    [...clean, `PATH=${nodeDirectory}:${environment["PATH"]}`, program, ...flags, work],
    ["ignore", log, log],
  );
  const node = [join(nodeDirectory, "node"), "--disable-warning=ExperimentalWarning", browse];
  const playwright = join(browser.prefix, "lib/node_modules/playwright-core");
  await listening([...enter, "curl", "-fs", "-o", "/dev/null", `http://127.0.0.1:${port}/healthz`], server);
  const child = start(
    ["env", `HOME=${directory}`, ...node, playwright, `http://127.0.0.1:${port}/?folder=${work}`, pictures],
    ["ignore", log, log, "ipc"],
  );
  await answered(child);
  return {
    order: (order) => {
      child.send(order);
      return answered(child);
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of [child, server]) {
        if (one.exitCode !== null) continue;
        const gone = once(one, "exit");
        if (one === child) child.disconnect();
        else one.kill("SIGTERM");
        await gone;
      }
    },
  };
}

async function listening(look: readonly string[], server: ChildProcess): Promise<void> {
  const [program = "", ...words] = look;
  for (const end = Date.now() + 60_000; Date.now() < end; await setTimeout(300)) {
    if (server.exitCode !== null) throw new Error("code-server has ended");
    const [code] = (await once(spawn(program, words, { stdio: "ignore" }), "exit")) as [number];
    if (code === 0) return;
  }
  throw new Error("code-server does not answer");
}

async function answered(child: ChildProcess): Promise<void> {
  const ended = new AbortController();
  const gone = once(child, "exit", { signal: ended.signal }).then(() => ({ failed: "the browser has ended" }));
  const told = once(child, "message", { signal: ended.signal }).then(
    ([message]) => message as { readonly failed?: string },
  );
  gone.catch(() => undefined);
  told.catch(() => undefined);
  const { failed } = await Promise.race([told, gone]);
  ended.abort();
  if (failed !== undefined) throw new Error(failed);
}
