// Walls that somebody else built: the tool inside a container or machine whose only way out is our door. A plan in; of it the
// environment is used, as far as it means anything there. Nothing of the tool exists before every other way out was tried and
// found to lead nowhere. Out: the contract's walls, of grade `outer`.

import { statSync } from "node:fs";
import type { Arrival } from "../../domain/door.ts";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { BoundaryFault, BreakGround, Exit, OuterPlace, Plan, Streams, Walls } from "../contract.ts";
import { openQueue } from "../linux/doors/queue.ts";
import { limits } from "../linux/limits.ts";
import { loadNative } from "../linux/native.ts";
import { openRelay, type Relay } from "../linux/terminal/streams.ts";
import { mergedTrust } from "../linux/view/base.ts";
import { proxyVariables, trustVariables, withoutInside } from "../proxy-variables.ts";
import { type Hand, reachInside } from "./hand.ts";
import { outerLimits } from "./limits.ts";
import { outerMissing } from "./missing.ts";
import { refusal } from "./share.ts";
import { findPrograms, seenOf, waysOut } from "./ways-out.ts";

/** Nothing takes time before the plan says where. */
export const breakOuter: BreakGround = (streams) => ({
  enter: async (plan) => {
    if (plan.outer === undefined) throw refusal("nothing says where the tool is to run", "postern run --outer NAME");
    if (plan.lesser?.includes("outer") !== true) throw notAccepted(plan.outer);
    return await openOuter(plan, plan.outer, streams);
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

async function openOuter(plan: Plan, place: OuterPlace, streams: Streams | undefined): Promise<Walls> {
  const relay = await openRelay(streams, loadNative);
  await using begun = new AsyncDisposableStack();
  begun.defer(relay.end);
  const hand = begun.use(await reachInside({ place, uid: process.getuid?.() ?? -1, relay }).catch(showing(relay)));
  const queue = openQueue<Arrival>(limits.arrivals);
  let refused = 0;
  const door = { ip: "127.0.0.1", port: hand.here.port };
  hand.share.onArrival((stream) => {
    stream.on("error", () => undefined);
    const arrival: Arrival = {
      ...{ stream, destination: door, source: door, direct: false, proxy: true },
      attribute: () => Promise.resolve({ kind: "gone" }),
    };
    if (queue.push(arrival)) return;
    refused += 1;
    stream.destroy();
  });
  await checkCheckout(hand, place);
  const out = await waysOut(hand);
  if (out.length > 0) throw leadsOut(place, out);
  const environment = environmentOf(plan, hand);
  const watched = watchWays(hand, place);
  begun.defer(watched.end);
  const all = begun.move();
  return {
    grade: "outer",
    missing: outerMissing,
    lacks: ["memory-bound"],
    // nothing is hidden here: a policy that hides is refused
    cover: () => Promise.resolve("failed" as const),
    doors: {
      onArrival: queue.listen,
      onQuestion: () => undefined,
      onDatagram: () => undefined,
      overflow: () => refused,
    },
    inside,
    ...running({ hand, relay, environment, directory: directoryOf(plan, place) }),
    broken: watched.broken,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** What the program that leads inside has said of it is on the terminal then. */
function showing(relay: Relay) {
  return (error: unknown): never => {
    relay.begin(() => undefined);
    throw error;
  };
}

interface Tenant {
  readonly hand: Hand;
  readonly relay: Relay;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
}

function running({ hand, relay, environment, directory }: Tenant): Pick<Walls, "run" | "kill" | "signal"> {
  let begun = false;
  return {
    run: async (command): Promise<Exit> => {
      if (begun) throw refusal("it was used already", "enter a new one for each run");
      begun = true;
      relay.begin(() => undefined);
      const ended = hand.next("ended");
      hand.tell({ kind: "run", command, environment, directory });
      const answer = await ended;
      hand.cut();
      await relay.end();
      // attacker-controlled, as any tool's own code is
      return answer === undefined ? { code: 137, byTool: false } : { code: answer.code, byTool: true };
    },
    kill: hand.cut,
    signal: (name) => hand.tell({ kind: "signal", name }),
  };
}

/** One that appears later breaks the walls, as soon as it is seen; where nothing is seen from here, it is not. */
function watchWays(hand: Hand, place: OuterPlace) {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  const pids = findPrograms(hand);
  const timer = setInterval(() => {
    const out = seenOf(pids);
    if (out.length === 0) return;
    clearInterval(timer);
    broken.reject(leadsOut(place, out));
    hand.cut();
  }, outerLimits.lookMs).unref();
  return { broken: broken.promise, end: () => clearInterval(timer) };
}

/** What is written there is what is looked after here. */
async function checkCheckout(hand: Hand, { workspace, name }: OuterPlace): Promise<void> {
  const order = { kind: "look", command: "sh", directory: workspace.inside } as const;
  const { directory } = await hand.ask(order, "looked");
  const own = statSync(workspace.host);
  if (directory?.inode === own.ino) return;
  throw refusal(
    `${workspace.inside} inside is not ${workspace.host}`,
    `mount the checkout there, or say in \`outer.${name}.workspace\` where it is`,
  );
}

/** What means something only out here, or in a view of ours, is the place's own. */
function environmentOf(plan: Plan, { here, share }: Hand): Readonly<Record<string, string>> {
  const { SHELL: _shell, USER: _user, LOGNAME: _logname, TMPDIR: _tmp, ...told } = withoutInside(plan.environment);
  share.lay("authority", plan.authority);
  share.lay("bundle", mergedTrust(plan.authority));
  return {
    ...told,
    HOME: here.home,
    PATH: here.path,
    ...trustVariables({ authority: share.inside("authority"), bundle: share.inside("bundle") }),
    ...proxyVariables(`http://127.0.0.1:${here.port}`),
    // its own servers are inside, like it
    ...{ NO_PROXY: loopback, no_proxy: loopback },
  };
}

const loopback = "localhost,127.0.0.1,::1";

function directoryOf({ directory }: Plan, { workspace }: OuterPlace): string {
  return directory.startsWith(workspace.host)
    ? workspace.inside + directory.slice(workspace.host.length)
    : workspace.inside;
}

/** Nothing leads in: `publish` is refused at this grade. */
const inside: Inside = {
  listening: () => Promise.resolve([]),
  reach: () => Promise.reject(refusal("nothing leads to a server inside", "publish it where the container is built")),
};

function leadsOut({ name }: OuterPlace, out: readonly string[]): BoundaryFault {
  const told = `${out.slice(0, 6).join(", ")}${out.length > 6 ? `, ${out.length - 6} more` : ""}`;
  return new Fault({
    code: "outer",
    message: `${name} has another way out than the door: ${told}`,
    hint: "give it no network at all (docker run --network none), and none of this machine's sockets",
  });
}

const notAccepted = ({ name }: OuterPlace): BoundaryFault =>
  new Fault({
    code: "outer",
    message: `the policy does not accept the grade outer, which ${name} has`,
    hint: "only the organisation's policy can: limits: { accept-grades: [full, outer] }",
  });
