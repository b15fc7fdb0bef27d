// In the guest: tries what it is ordered to and says a line of JSON for each, so that whatever becomes of the machine
// afterwards takes nothing back. Argument: the file of its orders. Started by guest/begin, never by hand.

import { readFileSync } from "node:fs";
import { release, version } from "node:os";
import { openGround } from "../battery/ground.ts";
import type { Outcome } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { runProbe } from "../battery/run.ts";
import { findTargets } from "../battery/targets/all.ts";
import type { Order, Orders } from "./orders.ts";

export type Told =
  /** What the orders are carried out on. */
  | { readonly kind: "machine"; readonly release: string; readonly build: string; readonly modules: string }
  | { readonly kind: "trying"; readonly order: Order }
  | { readonly kind: "outcome"; readonly order: Order; readonly outcome: Outcome; readonly seconds: number }
  | ({ readonly kind: "test" } & OwnTest)
  | { readonly kind: "end" };

export interface OwnTest {
  readonly name: string;
  readonly passed: boolean;
  readonly why?: string;
}

if (process.argv[1] === import.meta.filename) await carryOut(readOrders(process.argv[2] ?? ""));

function readOrders(file: string): Orders {
  return JSON.parse(readFileSync(file, "utf8")) as Orders;
}

function say(told: Told): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

async function carryOut({ asRoot, orders }: Orders): Promise<void> {
  if (orders.length === 0) return;
  say({
    kind: "machine",
    release: release(),
    build: version(),
    modules: readFileSync("/sys/kernel/security/lsm", "utf8"),
  });
  const { targets } = await findTargets(["postern", "none"]);
  await using ground = await openGround(asRoot);
  for (const order of orders) {
    const [probe, target] = [
      probes.find(({ id }) => id === order.id),
      targets.find(({ name }) => name === order.target),
    ];
    if (probe === undefined || target === undefined) throw new Error(`nothing is called ${JSON.stringify(order)}`);
    say({ kind: "trying", order });
    const begun = performance.now();
    // one that cannot be laid out is no reason to leave out the others
    const outcome = await runProbe(probe, target, ground).catch(
      (cause: unknown): Outcome => ({ kind: "broken", why: String(cause) }),
    );
    say({ kind: "outcome", order, outcome, seconds: Math.round(performance.now() - begun) / 1000 });
  }
}
