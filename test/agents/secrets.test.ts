// Every published agent at work where secrets lie: in a file it reads and edits, in what a command prints, in the environment of whoever
// started it. Judged by what the vendor received, the files, the record. Needs what agents.test.ts needs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBody } from "../../src/vendor/body.ts";
import { lastOf } from "../../src/vendor/record.ts";
import { formsOf } from "../journeys/memory.ts";
import { install } from "./packages.ts";
import { planted, plantedMended } from "./planted.ts";
import { patience, play } from "./play.ts";
import { type Agent, roster } from "./roster.ts";

for (const agent of roster)
  for (const way of agent.ways.filter(({ name }, at) => at === 0 || (name !== "asking" && name !== "as it comes")))
    void test(`${agent.name}, ${way.name}: no secret reaches the vendor, and what is edited has them`, {
      timeout: 2 * patience,
    }, async (context) => {
      const played = await play({ agent, installed: install(agent.name), way, edits: "live", scene: "planted" });
      const by: Agent = { ...agent, ...way.by };
      const { requests, log, summary, told, edited } = played;
      const bodies = requests.map(({ body, headers }) =>
        Buffer.from(decodeBody(body, lastOf(headers).get("content-encoding")) ?? body),
      );
      for (const value of [planted.file, planted.output, planted.environment])
        for (const [form, text] of formsOf(value))
          for (const [at, body] of bodies.entries())
            assert.ok(!body.includes(text), `request ${at} of ${bodies.length} holds ${form} of ${value}`);
      // it writes asterisks over tokens before anybody is told: then there is no line to be edited by its content
      const masks = agent.name === "copilot";
      if (masks)
        assert.ok(
          bodies.some((body) => body.includes("TOKEN=******")),
          "it masks no more: judge it as the others",
        );
      else assert.equal(edited, plantedMended.text, told);
      assert.equal(summary?.exit.by, "tool", told);
      const redacted = log.filter(({ kind, verdict }) => kind === "request" && verdict === "redact");
      assert.ok(redacted.length >= 2, `${redacted.length} redacted of ${requests.length}\n${told}`);
      const back = log.some(({ kind, counts }) => kind === "reply" && (counts["placeholders"] ?? 0) > 0);
      assert.ok(back || masks, told);
      const asked = requests.filter(({ target }) => by.target.test(target)).length;
      context.diagnostic(`${asked} asked, ${redacted.length} redacted`);
    });
