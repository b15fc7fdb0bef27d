// A tree that `files.write` names by a link: no session, for nothing would be held, put away, taken back or covered there; named by
// where it is, all of that.

import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Stage } from "./stage.ts";

const timeout = 60_000;

/** As a tool would leave something that others run later. */
const plant = (tree: string) => [
  "sh",
  "-c",
  `cd ${tree} && echo '{}' >.mcp.json && echo tool >x; cat .env >loot; true`,
];
const policyOf = (stage: Stage, tree: string) => ({
  files: { write: [".", join(stage.base, tree)], read: [process.execPath], mask: [".env"] },
});

function lay(): Stage {
  const stage = new Stage();
  stage.write("real/x", "person\n");
  stage.write("real/.env", "TOKEN=canary-root\n");
  symlinkSync("real", join(stage.base, "linked"));
  return stage;
}

for (const edits of ["live", "staged"])
  test(`edits ${edits}: a tree named by a link is refused, and nothing began in it`, { timeout }, async () => {
    using stage = lay();
    const ran = await stage.run(plant(join(stage.base, "linked")), {
      policy: policyOf(stage, "linked"),
      flags: ["--edits", edits],
    });
    assert.equal(ran.code, 125, ran.errors);
    assert.match(ran.errors, /files\.write names .*\/linked, and by a link that is .*\/real/);
    assert.equal(existsSync(join(stage.base, "real/.mcp.json")), false);
    assert.equal(readFileSync(join(stage.base, "real/x"), "utf8"), "person\n");
  });

test("named by where it is, its control files are put away, its values masked (needs namespaces)", {
  timeout,
}, async () => {
  using stage = lay();
  const ran = await stage.run(plant(join(stage.base, "real")), { policy: policyOf(stage, "real") });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(existsSync(join(stage.base, "real/.mcp.json")), false);
  assert.equal(readFileSync(join(stage.base, "real/loot"), "utf8"), "TOKEN=postern-masked-1\n");
  assert.equal((await stage.call(["undo"], { at: join(stage.base, "real") })).code, 0);
  assert.equal(readFileSync(join(stage.base, "real/x"), "utf8"), "person\n");
});
