// The disclosure map of every published agent, after a session in which it reads in all the ways it has and commands give it. Judged by
// the script, the files and what the vendor received. Needs what agents.test.ts needs.

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { decodeBody } from "../../src/vendor/body.ts";
import { lastOf } from "../../src/vendor/record.ts";
import { judgeMap, readMap } from "../journeys/read-scene.ts";
import { install } from "./packages.ts";
import { patience, play } from "./play.ts";
import { roster } from "./roster.ts";

for (const agent of roster)
  for (const way of agent.ways.filter(({ by }, at) => at === 0 || by !== undefined))
    void test(`${agent.name}, ${way.name}: the map is what it read, and nothing else`, {
      timeout: 2 * patience,
    }, async (context) => {
      const { requests, map, work, told, summary } = await play({
        agent,
        installed: install(agent.name),
        way,
        edits: "live",
        scene: "read",
      });
      assert.equal(summary?.exit.by, "tool", told);
      const bodies = requests.map(({ body, headers }) =>
        String(decodeBody(body, lastOf(headers).get("content-encoding")) ?? body),
      );
      const host = (way.by ?? agent).hosts[0] ?? "";
      const judged = judgeMap({ told: readMap(map), work, host, bodies });
      context.diagnostic(JSON.stringify(judged));
    });
