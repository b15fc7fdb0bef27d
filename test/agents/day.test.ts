// The ordinary day: the same steps outside, in a session with live edits and in one with staged edits, each compared with the
// same step outside; what may differ is one table (`day/differences.ts`). Needs namespaces, what `scripts/setup --agents` brings,
// and npm's registry as this machine's npm is told of it. pip, Cargo and Go fetch from servers of the test's own.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { freePort } from "../journeys/free-port.ts";
import type { Way } from "./day/day.ts";
import { differences } from "./day/differences.ts";
import { withoutForge } from "./day/forge.ts";
import { findRegistry, type Spent, spend } from "./day/spend.ts";
import { openStand, type Stand } from "./day/stand.ts";
import { steps } from "./day/steps.ts";
import { tableOf } from "./day/table.ts";

const inside = ["live", "staged"] as const;
const tried = steps.filter(({ without = false }) => without === false);

describe("the ordinary day (needs namespaces, npm's registry, scripts/setup --agents)", { timeout: 1_800_000 }, () => {
  const spent = new Map<Way, Spent>();
  let stand: Stand;
  before(async () => {
    stand = await openStand();
    const registry = await findRegistry();
    for (const way of ["outside", ...inside] as const)
      spent.set(way, await spend(way, { stand, steps: tried, registry, port: await freePort() }));
  });
  after(async () => {
    process.stdout.write(`${tableOf(tried, spent)}\n`);
    for (const { stage } of spent.values()) stage[Symbol.dispose]();
    await stand[Symbol.asyncDispose]();
  });

  for (const { name, without: skip = false } of steps) {
    test(`outside: ${name}`, { skip }, () => {
      const taken = takenOf("outside", name);
      assert.equal(taken.code, 0, taken.said);
      assert.notEqual(taken.facts, "");
    });
    for (const way of inside)
      test(`${way}: ${name}`, { skip }, () => {
        const [outside, taken] = [takenOf("outside", name), takenOf(way, name)];
        assert.equal(taken.code, outside.code, taken.said);
        assert.deepEqual(differences(name, way, { outside: outside.facts, inside: taken.facts }), []);
      });
  }

  for (const way of inside) {
    test(`${way}: nobody was asked anything but about the pushes`, () => {
      const { log = [], asked } = spent.get(way) ?? {};
      const pushes = ["push https refs/heads/pushed", "push ssh refs/heads/signed"];
      assert.deepEqual(asked, withoutForge === false ? pushes : pushes.slice(0, 1));
      const effects = log.filter(({ kind }) => kind === "approval").map(({ sealed }) => sealed["effect"]);
      assert.deepEqual(
        effects.filter((effect) => (effect as { kind?: string }).kind !== "push"),
        [],
      );
      assert.equal(log.find(({ kind }) => kind === "session.stop")?.counts["questions"], asked?.length);
    });
    test(`${way}: the checkout afterwards is as after the day outside`, () => {
      const facts = { outside: spent.get("outside")?.after ?? "", inside: spent.get(way)?.after ?? "" };
      assert.notEqual(facts.outside, "");
      assert.deepEqual(differences("afterwards", way, facts), [], spent.get(way)?.errors);
    });
    test(`${way}: what was fetched is on the record`, () => {
      const { log = [], stage } = spent.get(way) ?? {};
      assert.ok(stage !== undefined);
      const hosts = new Set(log.filter(({ kind }) => kind === "request").map(({ sealed }) => sealed["host"]));
      assert.ok(hosts.has("packages.example.org") && hosts.size > 1, [...hosts].join(" "));
    });
  }

  function takenOf(way: Way, name: string) {
    const taken = spent.get(way)?.taken.get(name);
    assert.ok(taken !== undefined, `${way}: ${name} was not reached`);
    return taken;
  }
});
