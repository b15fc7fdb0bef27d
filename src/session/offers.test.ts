import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Policy } from "../policy/policy.ts";
import { type Offering, openOffers } from "./offers.ts";
import type { Notice } from "./request.ts";

interface Stage {
  readonly told: Notice[];
  readonly offering: Offering;
}

function stage(recognised: boolean, publish: readonly number[] = []): Stage {
  const told: Notice[] = [];
  const policy = { publish: publish.map((port) => ({ port, rule: "user:network.publish[0]" })) } as unknown as Policy;
  const session = { tool: { recognised } } as unknown as Offering["session"];
  const person = { name: "a", uid: 1, gid: 1, home: "/home/a", shell: "/bin/sh", host: "h" };
  const request = { tell: (notice: Notice) => void told.push(notice), policy: undefined, environment: {}, person };
  return { told, offering: { policy, session, request } };
}

async function withClock(work: (pass: () => Promise<void>) => Promise<void>): Promise<void> {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    await work(async () => {
      mock.timers.tick(3000);
      await new Promise((resolve) => setImmediate(resolve));
    });
  } finally {
    mock.timers.reset();
  }
}

test("a port nobody published is offered once, with the line that publishes it beside those that are", async () => {
  await withClock(async (pass) => {
    const { told, offering } = stage(false, [3000]);
    let listening: readonly number[] = [3000];
    using offers = openOffers({ listening: async () => listening }, offering);
    await pass();
    assert.deepEqual(told, []);
    listening = [3000, 5173, 45_001];
    await pass();
    await pass();
    assert.deepEqual(told, [
      {
        kind: "warning",
        text: "port 5173 is listened on inside, where nothing outside can reach it",
        hint: "to open it from this machine, in /home/a/.config/postern/policy.yaml: network: { publish: [3000, 5173] }",
      },
    ]);
    assert.deepEqual(offers.seen(), [5173]);
    offers.end();
    listening = [8080];
    await pass();
    assert.equal(told.length, 1);
  });
});

test("an agent's screen is left alone until it has ended, and a hundred ports are not a hundred lines", async () => {
  await withClock(async (pass) => {
    const { told, offering } = stage(true);
    const offers = openOffers({ listening: async () => Array.from({ length: 100 }, (_, at) => 4000 + at) }, offering);
    await pass();
    assert.deepEqual(told, []);
    offers.end();
    offers.end();
    assert.deepEqual(
      told.map(({ text }) => text),
      ["port 4000, 4001, 4002, 4003, 4004 is listened on inside, where nothing outside can reach it"],
    );
    assert.equal(offers.seen().length, 64);
  });
});
