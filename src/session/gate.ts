// The gateway of one session: what it is given to ask, to look for, to answer with, and how it goes out. Keeps the names
// that were refused, for the summary.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ambiguity, withoutScope } from "../decision/request-path.ts";
import { isSpecial } from "../decision/special-addresses.ts";
import type { Append } from "../domain/entry.ts";
import { Fault } from "../domain/fault.ts";
import type { Inside } from "../domain/inside.ts";
import type { Judge } from "../domain/judge.ts";
import type { Mint } from "../gateway/authority/mint.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { openGatewayOnDemand } from "../gateway/on-demand.ts";
import { readProxy } from "../outbound/proxy.ts";
import { matchesPath } from "../policy/glob.ts";
import { readPush } from "../protocol/git/http.ts";
import { refusalFor } from "../protocol/refusal.ts";
import type { Asking } from "./asking.ts";
import type { Checkouts } from "./checkout.ts";
import { type DisclosedTally, openDisclosed } from "./disclosed.ts";
import { openGitDesk } from "./git-desk.ts";
import { openCollect } from "./incoming.ts";
import { knownValues } from "./inspecting/known-values.ts";
import { type Inspecting, openInspecting } from "./inspecting/thread.ts";
import { veiledValues } from "./inspecting/veiled-values.ts";
import type { Prepared } from "./prepare.ts";
import { openRefusedFor, type RefusedFor } from "./refused-for.ts";
import { openKeptPlace } from "./sources/kept-place.ts";
import { sourceRoots } from "./sources/roots.ts";

export interface Gate extends Gateway {
  /** Names asked for that no grant covers, in the order they came, bounded. Attacker-controlled. */
  readonly namesRefused: () => readonly string[];
  readonly refusedFor: () => readonly RefusedFor[];
  readonly disclosed: Omit<DisclosedTally, "append">;
}

/** A person reads a dozen; a tool that asks for more than this is seen in the count. */
const mostNames = 200;

/** A credential's own paths. One that may be read in two ways is nobody's home, also in `audit`, where it passes. */
export function matchesHome(glob: string, path: string, registry?: string): boolean {
  const plain = registry === "npm" ? withoutScope(path) : path;
  return ambiguity(plain) === undefined && matchesPath(glob, plain);
}

export interface GateParts {
  readonly prepared: Prepared;
  readonly mint: Mint;
  readonly judge: Judge;
  readonly append: Append;
  readonly inside: Inside;
  readonly asking: Asking;
  readonly checkouts: Checkouts;
}

export async function openGate(parts: GateParts): Promise<Gate> {
  const { prepared, mint, judge, append, inside, asking, checkouts } = parts;
  const { request, state, session, policy, passes, logins, seekers } = prepared;
  const directory = state.workspace(session.workspace);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const out = readProxy(policy.proxy, request.environment);
  if (out instanceof Fault) throw out;
  const names = new Set<string>();
  const disclosed = openDisclosed(append);
  const refused = openRefusedFor(disclosed.append);
  const inspecting = openInspecting({
    known: () => knownValues(request.environment, passes.credentials, { logins, veiled: veiledValues(checkouts.view) }),
    rules: policy.content,
    more: prepared.secretRules,
    sources: () => sourceRoots(prepared, checkouts),
    kept: () => openKeptPlace(state.directory, session.build),
    trusted: policy.trusted?.files.map(({ glob }) => glob),
  });
  const gateway = openGatewayOnDemand({
    mint,
    judge: { ...judge, reach: waking(judge, inspecting) },
    ...seekers,
    ...{ inspect: inspecting.inspect, restore: inspecting.restore, overhear: inspecting.overhear },
    collect: openCollect(policy, inspecting.enter),
    append: refused.append,
    credentials: passes.credentials,
    passes,
    logins: logins.map(({ login }) => login),
    refusalFor,
    isSpecial,
    matchesPath: matchesHome,
    pushes: {
      read: readPush,
      ask: (rule, place, push) => asking.ask(rule, { kind: "push", ...place, ...push }),
    },
    desk: openGitDesk(prepared, asking),
    addresses: { salt: session.workspace, file: join(directory, "addresses") },
    upstream: out,
    spool: directory,
    onEvent: (event) => {
      if (event.kind === "name" && names.size < mostNames) names.add(event.name);
    },
  });
  await publish(gateway, prepared, inside);
  const close = async (): Promise<void> => {
    await gateway.close();
    await inspecting[Symbol.asyncDispose]();
  };
  return { ...gateway, close, namesRefused: () => [...names], refusedFor: refused.told, disclosed };
}

/** Where something may go, something is about to be looked into. */
function waking({ reach }: Judge, { wake }: Inspecting): Judge["reach"] {
  return (host, port) => {
    const verdict = reach(host, port);
    if (verdict.kind === "allow") wake();
    return verdict;
  };
}

/** A session whose server nobody could open is not what was asked for: refused, in `audit` said and gone without. */
async function publish(gateway: Gateway, { policy, request }: Prepared, inside: Inside): Promise<void> {
  try {
    await gateway.publish(policy.publish, inside);
  } catch (error) {
    if (error instanceof Fault && policy.mode === "audit") {
      request.tell({ kind: "warning", text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
      return;
    }
    await gateway.close();
    throw error;
  }
}
