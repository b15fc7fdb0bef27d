// What stands where no wall can: the tool as an ordinary child, told by variables of a proxy that is the gateway. A plan in; of it
// the environment, the working directory and the private home are used, and nothing of it is enforced. Out: the contract's walls,
// of grade `record-only`, with all that is missing.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { BoundaryFault, Plan, Streams, Walls } from "../contract.ts";
import { loadNative } from "../linux/native.ts";
import { openRelay } from "../linux/terminal/streams.ts";
import { mergedTrust } from "../linux/view/base.ts";
import { proxyVariables, type TrustFiles, trustVariables, withoutInside } from "../proxy-variables.ts";
import { type Child, startChild } from "./child.ts";
import { openListener } from "./listener.ts";
import { bareMissing } from "./missing.ts";

/** Rejects with a BoundaryFault where there is no terminal to be had. */
export async function openBare(plan: Plan, streams: Streams | undefined, uid: number): Promise<Walls> {
  const relay = await openRelay(streams, loadNative);
  await using begun = new AsyncDisposableStack();
  begun.defer(relay.end);
  const trust = layTrust(plan.authority);
  begun.defer(() => rmSync(trust.folder, { recursive: true, force: true }));
  const listener = await openListener(uid);
  begun.defer(listener.close);
  const environment = {
    ...withoutInside(plan.environment),
    HOME: homeOf(plan),
    ...trustVariables(trust),
    ...proxyVariables(`http://127.0.0.1:${listener.port}`),
  };
  let child: Child | undefined;
  let killed = false;
  const all = begun.move();
  return {
    grade: "record-only",
    missing: bareMissing,
    lacks: ["memory-bound"],
    // nothing is hidden here: a policy that hides is refused
    cover: () => Promise.resolve("failed" as const),
    doors: listener.doors,
    inside,
    run: async (command) => {
      if (child !== undefined || killed) throw notTwice();
      relay.begin(() => undefined);
      child = startChild({ command, environment, directory: plan.directory, relay });
      const exit = await child.ended;
      await relay.end();
      return exit;
    },
    kill: () => {
      killed = true;
      child?.kill();
    },
    signal: (name) => child?.signal(name),
    broken: new Promise<never>(() => undefined),
    [Symbol.asyncDispose]: async () => {
      child?.kill();
      await child?.ended;
      await all.disposeAsync();
    },
  };
}

/** The tool's own servers are this machine's. Nobody looks for them, and nothing leads to them. */
const inside: Inside = {
  listening: () => Promise.resolve([]),
  reach: async (port) => {
    const stream = connect({ host: "127.0.0.1", port });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.once("connect", resolve).once("error", reject);
    await promise;
    return { stream, attribute: () => Promise.resolve({ kind: "gone" }) };
  },
};

/** The private one, as in every session: what the tool keeps of a login there is placeholders. */
function homeOf({ mounts, identity }: Plan): string {
  const home = mounts.find((mount) => mount.kind === "write" && mount.path === identity.home);
  return home !== undefined && "from" in home ? home.from : identity.home;
}

/** Certificates alone: the key that signs them stays in memory. */
function layTrust(authority: string): TrustFiles & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "postern-trust-"));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o444 });
    return join(folder, name);
  };
  const files = { authority: put("authority.pem", authority), bundle: put("trust.pem", mergedTrust(authority)) };
  return { folder, ...files };
}

const notTwice = (): BoundaryFault =>
  new Fault({ code: "helper", message: "it was used already", hint: "enter a new one for each run" });
