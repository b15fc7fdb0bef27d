// The desk: where the program that stands in for ssh and ssh-keygen inside comes with what git asked of it. One connection is one request.
// Reads what is wanted, and hands it to whoever serves that; anything else is refused, on the record.

import type { Address } from "../../domain/exchange.ts";
import { deskAddress, type GitDesk } from "../../domain/git-desk.ts";
import type { Gate } from "../gate.ts";
import type { Ask, Visit } from "./call.ts";
import { type Frame, kinds, readFrames } from "./frames.ts";
import { sign } from "./signing.ts";
import { carrySsh } from "./ssh.ts";

export function isDesk({ ip, port }: Address): boolean {
  return ip === deskAddress.ip && port === deskAddress.port;
}

/** Resolves when it is over; never rejects. */
export async function serveDesk(gate: Gate, desk: GitDesk, came: Pick<Visit, "stream" | "process">): Promise<void> {
  const { stream } = came;
  const visit = { ...came, gate, frames: readFrames(stream), started: gate.clock() };
  const timer = setTimeout(() => stream.destroy(), gate.limits.opening);
  try {
    const { value } = await visit.frames.next();
    clearTimeout(timer);
    const asked = value === undefined ? undefined : parseAsk(value);
    if (asked !== undefined) await serve(visit, desk, asked);
  } catch {
    // it left, or the record is gone and everything ends
  } finally {
    clearTimeout(timer);
    stream.end();
    setTimeout(() => stream.destroy(), gate.limits.ending).unref();
  }
}

async function serve(visit: Visit, { ssh, signing }: GitDesk, asked: Ask): Promise<void> {
  if (asked.signs && signing !== undefined) return sign(visit, signing, asked.words);
  if (!asked.signs && ssh !== undefined) return carrySsh({ ...visit, desk: ssh }, asked);
}

const mostWords = 32;

/** *Attacker-controlled.* */
function parseAsk({ kind, bytes }: Frame): Ask | undefined {
  if (kind !== kinds.ask || bytes.length > 16_384) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("words" in value) || !Array.isArray(value.words))
    return undefined;
  const words = value.words.filter((word): word is string => typeof word === "string");
  if (words.length !== value.words.length || words.length > mostWords) return undefined;
  const version = "version" in value && typeof value.version === "string" ? value.version : undefined;
  return { signs: "signs" in value && value.signs === true, words, version };
}
