// Every published agent tells its conversation again as it was delivered: over whole sessions, also with secrets in what it reads, so that
// placeholders are taken out and given back between, nothing of it is found to be otherwise. Needs what agents.test.ts needs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "./packages.ts";
import { patience, play } from "./play.ts";
import { roster } from "./roster.ts";

for (const agent of roster)
  for (const way of agent.ways.filter(({ name }, at) => at === 0 || /WebSocket|HTTP\/2|zstd/.test(name)))
    for (const scene of ["demo", "read", "planted"] as const)
      void test(`${agent.name}, ${way.name}, ${scene}: its history is what was delivered`, {
        timeout: 2 * patience,
      }, async (context) => {
        const played = await play({ agent, installed: install(agent.name), way, edits: "live", scene });
        const asked = played.log.filter(({ kind }) => kind === "request");
        const told = asked.flatMap(({ sealed }) => {
          const content = sealed["content"] as { transcript?: { known: number } } | undefined;
          return content?.transcript === undefined ? [] : [content.transcript];
        });
        for (const { counts, sealed } of asked)
          for (const count of ["findings-transcript", "transcript-before", "transcript-unheard"])
            assert.equal(counts[count] ?? 0, 0, `${count}: ${JSON.stringify(sealed["content"])}\n${played.told}`);
        const known = told.reduce((sum, one) => sum + one.known, 0);
        context.diagnostic(`${asked.length} requests, ${known} blocks known again`);
        // a WebSocket's later messages tell nothing again
        if (way.protocol !== "websocket") assert.ok(known >= 3, `${known} known\n${played.told}`);
      });
