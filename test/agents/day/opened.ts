// What this machine's own programs see of the dev server: Vite's messages to a page that is open, and a browser.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Day, Done } from "./day.ts";

/** As Vite's own client: its socket, and what it is told when a file changes. */
export async function watchReload(day: Day, why: string, change: () => Promise<Done>): Promise<string> {
  const client = await (await fetch(`http://127.0.0.1:${day.where.port}/@vite/client`)).text();
  const [, token = ""] = /wsToken = "([^"]+)"/.exec(client) ?? [];
  const socket = new WebSocket(`ws://127.0.0.1:${day.where.port}/?token=${token}`, "vite-hmr");
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(resolve, 15_000);
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as { type: string; updates?: { path: string }[] };
    if (message.type === "connected") change().catch(() => resolve());
    if (message.type !== "update") return;
    told.push(...(message.updates ?? []).map(({ path }) => path));
    resolve();
  });
  socket.addEventListener("error", () => resolve());
  // a module is known to be in use once a page has asked for it
  await fetch(`http://127.0.0.1:${day.where.port}/src/main.ts`);
  await promise;
  clearTimeout(late);
  socket.close();
  return `${why}: ${told.join(" ")}`;
}

const run = promisify(execFile);

/** Chromium on this machine, on the port that is published. */
export async function browseFromHere(day: Day): Promise<string> {
  const words = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", "--dump-dom"];
  const { stdout } = await run("/usr/bin/chromium", [...words, `http://127.0.0.1:${day.where.port}/`], {
    timeout: 60_000,
  });
  return /<div id="app">([^<]*)</.exec(stdout)?.[1] ?? stdout;
}
