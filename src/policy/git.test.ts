// The words of a policy about git: what they become, and what is said of those that make no sense.

import assert from "node:assert/strict";
import { test } from "node:test";
import { policyOf, read } from "./rehearsal.ts";

const told = async (user: object): Promise<string> => {
  const outcome = await read({ user });
  return outcome.ok ? "" : outcome.faults.map(({ message, hint }) => `${message}: ${hint}`).join("; ");
};
const place = { host: "git.example", header: "Authorization", scheme: "basic" };

test("a push rule and a Basic credential", async () => {
  const user = {
    network: { allow: [{ host: "git.example", push: "ask" }] },
    credentials: {
      one: { from: { file: "~/key" }, to: { ...place, user: "oauth2" } },
      two: { from: { file: "~/key" }, to: { ...place, host: "other.example" } },
    },
  };
  const policy = await policyOf({ user });
  assert.deepEqual([policy.network[0]?.push, policy.unenforced], ["ask", []]);
  const [one, two] = policy.credentials;
  assert.deepEqual(
    [one?.to.basic, two?.to.basic, one?.to.header],
    [{ user: "oauth2" }, { user: undefined }, "authorization"],
  );
});

test("what makes no sense is told with what was meant", async () => {
  const from = { file: "~/key" };
  const allow = (entry: object) => told({ network: { allow: [{ host: "git.example", ...entry }] } });
  const to = (more: object) => told({ credentials: { a: { from, to: { ...place, ...more } } } });
  assert.match(await allow({ push: "maybe" }), /is no value of `network.allow\[0\].push`: one of allow, ask, refuse/);
  assert.match(await allow({ push: "ask", protocol: "tcp", ports: [22] }), /nobody can tell a push in it/);
  assert.match(await to({ header: "x-key" }), /scheme basic stands in the header authorization/);
  assert.match(await to({ scheme: undefined, user: "me" }), /user needs scheme: basic/);
  for (const user of ["a:b", "a'b", "$(x)", "", "a\nb", "-x"]) assert.notEqual(await to({ user }), "", user);
});
