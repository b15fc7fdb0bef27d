// `outer`: whose word counts for where a tool is started, and what may stand there.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { home, policyOf, read } from "./rehearsal.ts";

const told = async (user: object): Promise<string> => {
  const outcome = await read({ user });
  return outcome.ok ? "" : outcome.faults.map(({ message }) => message).join("; ");
};

const work = {
  enter: ["/usr/bin/docker", "exec", "-i", "work"],
  door: { host: "~/.postern-door", inside: "/run/postern-door" },
};

test("the person's and the organisation's count, the organisation's first; a repository's never, trusted or not", async () => {
  const own = await policyOf({ user: { outer: { work } } });
  assert.deepEqual(own.outer?.["work"], {
    rule: "user:outer.work",
    enter: work.enter,
    terminal: work.enter,
    door: { host: join(home, ".postern-door"), inside: "/run/postern-door" },
    workspace: undefined,
    node: "node",
  });
  const both = await policyOf({
    organisation: { outer: { work: { ...work, node: "/opt/node" } } },
    user: { outer: { work, other: { ...structuredClone(work), workspace: "/work" } } },
  });
  const { work: theirs, other } = both.outer ?? {};
  assert.deepEqual([theirs?.rule, theirs?.node, other?.workspace], ["organisation:outer.work", "/opt/node", "/work"]);
  assert.deepEqual(
    both.voided.map(({ id }) => id),
    ["user:outer.work"],
  );
  for (const trusted of [true, false]) {
    const asked = await policyOf({ repository: { outer: { work } } }, { trusted: () => trusted });
    assert.equal(asked.outer, undefined);
  }
  const past = await policyOf({ user: { outer: { work: { ...work, until: "2020-01-01" } } } });
  assert.deepEqual([past.outer, past.voided.length], [undefined, 1]);
  assert.equal((await policyOf({ user: {} })).outer, undefined, "a policy that says nothing of it keeps its digest");
});

test("what leads inside is named by its whole path, and both ends of the door are", async () => {
  assert.match(
    await told({ outer: { work: { ...work, enter: ["docker", "exec"] } } }),
    /is not a program's whole path/,
  );
  assert.match(await told({ outer: { work: { ...work, enter: [] } } }), /outer\.work\.enter/);
  assert.match(
    await told({ outer: { work: { ...work, door: { host: "~/d", inside: "run/d" } } } }),
    /is not a whole path inside/,
  );
  assert.match(
    await told({ outer: { work: { ...work, door: { host: "~/d", inside: "/run/../d" } } } }),
    /is not a whole path inside/,
  );
  assert.match(await told({ outer: { work: { enter: work.enter } } }), /outer\.work\.door/);
  assert.match(await told({ outer: { Work: work } }), /is not a name/);
});
