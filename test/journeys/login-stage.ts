// What the journeys of logins share: the tool that runs inside, what it says in the checkout, and the person who says yes in a browser.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Authorisation } from "../../src/vendor/oauth/server.ts";
import type { Stage } from "./stage.ts";

/** A file of the checkout, `tool.ts`. */
export const loginTool = readFileSync(new URL("./login-tool.ts", import.meta.url), "utf8");

export const commandOf = (...words: readonly string[]): readonly string[] => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  "tool.ts",
  ...words,
];

export async function until<Value>(look: () => Value | undefined | false, what: string): Promise<Value> {
  const end = performance.now() + 60_000;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    assert.ok(performance.now() < end, `waited in vain for ${what}`);
    await pause(10);
  }
}

/** What the tool said, in the checkout. */
export function said(stage: Stage, name: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(join(stage.work, `${name}.said`), "utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The person says yes at the page; where it leads back. */
export async function sayYes(server: Authorisation, ca: string, page: unknown): Promise<string> {
  const { pathname, search } = new URL(String(page));
  const [host = "", port] = server.address.split(":");
  const sent = request({ host, port, path: `${pathname}${search}`, ca, servername: "platform.claude.com" }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.headers.location ?? "";
}
