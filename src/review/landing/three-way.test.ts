import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decide, type Sides, same, type Version } from "./three-way.ts";

const version: fc.Arbitrary<Version | undefined> = fc.option(
  fc.record(
    {
      kind: fc.constantFrom("file" as const, "symlink" as const),
      object: fc.constantFrom("a", "b", "c"),
      mode: fc.constantFrom(0o644, 0o755, 0o600),
    },
    { noNullPrototype: true },
  ),
  { nil: undefined },
);
const sides: fc.Arbitrary<Sides> = fc.record(
  { base: version, ours: version, theirs: version },
  { noNullPrototype: true },
);

/** What stands in the checkout afterwards; undefined where it has to be joined, or cannot be. */
function result({ base, ours, theirs }: Sides): { readonly version: Version | undefined } | undefined {
  const decision = decide({ base, ours, theirs });
  if (decision.kind === "none") return { version: ours };
  return decision.kind === "take" ? { version: decision.after } : undefined;
}

test("one side's change alone is taken whole, a change on neither is none", () => {
  fc.assert(
    fc.property(version, version, (base, other) => {
      assert.deepEqual(result({ base, ours: base, theirs: other }), { version: other });
      assert.deepEqual(result({ base, ours: other, theirs: base }), { version: other });
      assert.deepEqual(result({ base, ours: other, theirs: other }), { version: other });
    }),
  );
});

test("it is the same whoever is whom, and whoever lands first", () => {
  fc.assert(
    fc.property(sides, ({ base, ours, theirs }) => {
      const [one, other] = [result({ base, ours, theirs }), result({ base, ours: theirs, theirs: ours })];
      assert.deepEqual(one, other);
    }),
  );
});

test("no change of anybody is lost: each field is one side's change, or what both had", () => {
  fc.assert(
    fc.property(sides, ({ base, ours, theirs }) => {
      const decided = result({ base, ours, theirs });
      if (decided === undefined) return;
      const made = decided.version;
      for (const [mine, other] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        if (same(mine, base)) continue;
        // deleted or made: then it is just that
        if (mine === undefined || base === undefined || made === undefined) assert.ok(same(made, mine));
        else
          for (const field of ["kind", "object", "mode"] as const)
            if (mine[field] !== base[field])
              assert.ok(made[field] === mine[field], `${field} of ${JSON.stringify([base, mine, other])}`);
      }
    }),
  );
});

test("landing again what has landed does nothing", () => {
  fc.assert(
    fc.property(sides, ({ base, ours, theirs }) => {
      const once = result({ base, ours, theirs });
      if (once !== undefined && same(once.version, theirs))
        assert.equal(decide({ base, ours: once.version, theirs }).kind, "none");
    }),
  );
});

test("contents that both changed are joined only where all three are files", () => {
  fc.assert(
    fc.property(sides, (all) => {
      if (decide(all).kind !== "join") return;
      assert.ok([all.base, all.ours, all.theirs].every((each) => each?.kind === "file"));
      assert.equal(new Set([all.base?.object, all.ours?.object, all.theirs?.object]).size, 3);
    }),
  );
});
