// `postern doctor --prove` as an ordinary user, in places as containers are, and under an organisation that accepts less.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { asInDocker, become, enterAs, enterCovered } from "../../src/boundary/linux/covered-room.ts";
import { underOrganisation } from "./organisation.ts";
import { bad, here, leftovers, proveUnder, tell } from "./prove-stage.ts";
import { Stage } from "./stage.ts";

const root = process.getuid?.() === 0;
/** In no account file. */
const uid = 1_234_568;

/** Beside these the rows are the same everywhere. */
const places: readonly { readonly what: string; readonly before: readonly string[]; readonly untried: number }[] = [
  { what: "an ordinary user", before: root ? enterAs(become(uid)) : [], untried: 0 },
  { what: "an ordinary user, /proc covered as in Docker", before: enterCovered(asInDocker, become(uid)), untried: 1 },
];

for (const { what, before, untried } of places)
  test(`real boundary, ${what}: everything holds`, { timeout: 90_000 }, async () => {
    using stage = new Stage({ files: { "a.txt": "a\n" }, git: true });
    stage.write("policy.yaml", "");
    if (root) stage.give(uid);
    const proved = await proveUnder(stage, "", { before, environment: here(stage) });
    assert.equal(proved.ran.code, 0, tell(proved));
    assert.deepEqual(bad(proved), []);
    assert.equal(proved.rows.filter(({ outcome }) => outcome === "untried").length, untried, tell(proved));
    assert.ok(proved.rows.length >= 45, tell(proved));
    const left = leftovers(stage);
    assert.deepEqual(left, []);
  });

const possible = spawnSync("unshare", ["-Urm", "true"]).status === 0;

test("an organisation that accepts a weaker boundary: the line that does so is named (needs user namespaces)", {
  skip: possible ? false : "no user namespaces here: /etc/postern cannot be bound",
}, async () => {
  using stage = new Stage();
  const before = underOrganisation(stage, "require: partial\n");
  const proved = await proveUnder(stage, "", { before, environment: here(stage) });
  assert.equal(proved.ran.code, 1, tell(proved));
  const [row, ...more] = bad(proved);
  assert.deepEqual(more, [], tell(proved));
  assert.deepEqual([row?.tried, row?.outcome, row?.rule], ["grade", "open", "require"]);
  assert.deepEqual([row?.place?.file, row?.place?.line], ["/etc/postern/policy.yaml", 2]);
  assert.match(row?.by ?? "", /outer, partial$/);
});
