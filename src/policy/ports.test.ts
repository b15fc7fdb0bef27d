import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, policyOf, read } from "./rehearsal.ts";

const services = (...list: string[]) => ({ network: { services: list } });
const grantsOf = async (user: object) =>
  (await policyOf({ user })).network.map(
    ({ id, host, ports, protocol, upstream }) =>
      `${id} ${host.kind === "exact" ? host.name : "?"} ${ports.join()} ${protocol} ${upstream?.address}`,
  );

void test("a service of this machine is listened for inside and dialled by its name outside", async () => {
  const policy = await policyOf({ user: services("localhost:5432", "127.0.0.1:5432", "[::1]:6379", "127.0.0.5:1") });
  assert.deepEqual(policy.services, [
    { ip: "127.0.0.1", port: 5432 },
    { ip: "::1", port: 5432 },
    { ip: "::1", port: 6379 },
    { ip: "127.0.0.5", port: 1 },
  ]);
  assert.deepEqual(await grantsOf(services("localhost:5432", "[::1]:6379")), [
    "user:network.services[0] localhost 5432 tcp localhost:5432",
    "user:network.services[0] 127.0.0.1 5432 tcp localhost:5432",
    "user:network.services[0] ::1 5432 tcp localhost:5432",
    "user:network.services[1] ::1 6379 tcp [::1]:6379",
  ]);
});

void test("a service elsewhere is a grant for that one address, with nothing listened for inside", async () => {
  const policy = await policyOf({ user: services("db.internal:5432", "10.0.0.7:6379") });
  assert.deepEqual(policy.services, []);
  assert.deepEqual(await grantsOf(services("db.internal:5432", "10.0.0.7:6379")), [
    "user:network.services[0] db.internal 5432 tcp db.internal:5432",
    "user:network.services[1] 10.0.0.7 6379 tcp 10.0.0.7:6379",
  ]);
});

void test("ports of every layer that grants are published once, by the first that names them", async () => {
  const policy = await policyOf({
    organisation: { network: { publish: [3000] } },
    user: { network: { publish: [8080, 3000] } },
  });
  assert.deepEqual(policy.publish, [
    { port: 3000, rule: "organisation:network.publish[0]" },
    { port: 8080, rule: "user:network.publish[0]" },
  ]);
  assert.notEqual(policy.sha256, (await policyOf({ user: { network: { publish: [8080] } } })).sha256);
});

void test("what a repository publishes or reaches counts only when it is trusted", async () => {
  const repository = { network: { publish: [3000], services: ["localhost:5432"] } };
  const asked = await policyOf({ repository });
  assert.deepEqual([asked.publish, asked.services, asked.network], [[], [], []]);
  assert.deepEqual(ids(asked.requested), ["repository:network.publish[0]", "repository:network.services[0]"]);
  const trusted = await policyOf({ repository }, { trusted: () => true });
  assert.deepEqual([trusted.publish.length, trusted.services.length], [1, 2]);
});

void test("a port that is published cannot be a service of the loopback too: it would lead back to itself", async () => {
  const policy = await policyOf({
    user: { network: { publish: [3000], services: ["localhost:3000", "db.internal:3000"] } },
  });
  assert.deepEqual(policy.services, []);
  assert.deepEqual(ids(policy.voided), ["user:network.services[0]"]);
  assert.deepEqual(
    policy.network.map(({ id }) => id),
    ["user:network.services[1]"],
  );
});

void test("the organisation's hosts bind services too", async () => {
  const organisation = { limits: { hosts: ["db.internal"] } };
  const policy = await policyOf({ organisation, user: services("db.internal:5432", "localhost:5432") });
  assert.deepEqual(ids(policy.voided), ["user:network.services[1]"]);
  assert.deepEqual([policy.services, policy.network.length], [[], 1]);
});

void test("what is no one server is refused with what to write instead", async () => {
  for (const [text, hint] of [
    ["0.0.0.0:5432", "localhost:5432"],
    ["[::]:5432", "localhost:5432"],
    ["[::ffff:127.0.0.1]:5432", "localhost:5432"],
    ["*.db.internal:5432", "one entry"],
    ["localhost", "host:port"],
    ["localhost:0", "host:port"],
    ["localhost:70000", "host:port"],
  ] as const) {
    const outcome = await read({ user: services(text) });
    assert.ok(!outcome.ok && outcome.faults[0]?.hint.includes(hint), `${text} ${JSON.stringify(outcome)}`);
  }
});
