import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../domain/brand.ts";
import type { Configured, RegistryClient, RegistryPlace } from "./registry.ts";
import { hostsOf, ids, policyOf, read } from "./rehearsal.ts";

const place = (host: string, more: Partial<RegistryPlace> = {}): RegistryPlace => ({
  host: host as Host,
  port: 443,
  paths: undefined,
  ...more,
});
const told = [{ name: "registry", value: "https://a.example/" }];
const found = (...places: RegistryPlace[]) => {
  const asked: RegistryClient[] = [];
  const configured: Configured = { ok: true, places, settings: told, claims: [] };
  const registries = (client: RegistryClient): Promise<Configured> => {
    asked.push(client);
    return Promise.resolve(configured);
  };
  return { asked, registries };
};
const npm = { network: { allow: [{ registry: "npm", methods: ["GET"] }] } };

test("an entry is a grant for each place of the configuration, with its port, paths and the entry's methods", async () => {
  const { asked, registries } = found(place("a.example", { port: 8443, paths: ["/npm/**"] }), place("b.example"));
  const policy = await policyOf({ user: npm }, { registries });
  assert.deepEqual(asked, ["npm"]);
  assert.deepEqual(
    policy.network.map(({ id, host, ports, paths, methods, purpose, registry }) => [
      id,
      host.kind === "exact" && host.name,
      ports,
      paths,
      methods,
      purpose,
      registry,
    ]),
    [
      ["user:network.allow[0]", "a.example", [8443], ["/npm/**"], ["GET"], "registry", "npm"],
      ["user:network.allow[0]", "b.example", [443], undefined, ["GET"], "registry", "npm"],
    ],
  );
  assert.deepEqual(policy.registries, [{ rule: "user:network.allow[0]", client: "npm", settings: told }]);
  assert.deepEqual([policy.unenforced, policy.voided], [[], []]);
  assert.equal(policy.origins["user:network.allow[0]"]?.line, 4);
});

test("the organisation's limits hold for each place; what is beyond is void and named", async () => {
  const { registries } = found(place("a.example"), place("b.example"));
  const policy = await policyOf({ organisation: { limits: { hosts: ["a.example"] } }, user: npm }, { registries });
  assert.deepEqual(hostsOf(policy), ["user:network.allow[0] a.example"]);
  assert.match(policy.voided[0]?.message ?? "", /leads npm to b\.example, which is beyond the hosts/);
  assert.equal(policy.voided[0]?.about, "b.example");
  const none = await policyOf({ organisation: { limits: { hosts: ["c.example"] } }, user: npm }, { registries });
  assert.deepEqual([none.network, none.registries], [[], []]);
});

test("a repository's entry looks nothing up and grants nothing until it is trusted", async () => {
  const { asked, registries } = found(place("a.example"));
  const policy = await policyOf({ repository: npm }, { registries });
  assert.deepEqual([policy.network, asked, ids(policy.requested)], [[], [], ["repository:network.allow[0]"]]);
  const trusted = await policyOf({ repository: npm }, { registries, trusted: () => true });
  assert.deepEqual(hostsOf(trusted), ["repository:network.allow[0] a.example"]);
});

test("this machine's loopback is void with the way to it; so is one upstream for two hosts, and a configuration of none", async () => {
  for (const host of ["localhost", "x.localhost", "127.0.0.2", "::1"]) {
    const policy = await policyOf({ user: npm }, { registries: found(place(host, { port: 4873 })).registries });
    assert.deepEqual(policy.network, [], host);
    assert.match(policy.voided[0]?.message ?? "", /loopback inside is the tool's own; network\.services: .*:4873/);
  }
  const upstream = { network: { allow: [{ registry: "npm", upstream: { address: "10.0.0.5:443" } }] } };
  const one = await policyOf({ user: upstream }, { registries: found(place("a.example")).registries });
  assert.equal(one.network[0]?.upstream?.address, "10.0.0.5:443");
  const two = await policyOf(
    { user: upstream },
    { registries: found(place("a.example"), place("b.example")).registries },
  );
  assert.deepEqual(two.network, []);
  assert.match(two.voided[0]?.message ?? "", /one upstream for the 2 hosts npm uses/);
  const nothing = (): Promise<Configured> => Promise.resolve({ ok: false, message: "names none", hint: "set it" });
  const lost = await policyOf({ user: npm }, { registries: nothing });
  assert.deepEqual([lost.network, lost.voided[0]?.message], [[], "`network.allow[0].registry` names none; set it"]);
});

test("an entry past its day is void; place keys beside a registry are a fault", async () => {
  const { registries } = found(place("a.example"));
  const past = { network: { allow: [{ registry: "npm", until: "2026-01-01" }] } };
  assert.deepEqual((await policyOf({ user: past }, { registries })).network, []);
  for (const more of [{ ports: [443] }, { paths: ["/x"] }, { protocol: "ssh" }, { push: "ask" }]) {
    const outcome = await read({ user: { network: { allow: [{ registry: "npm", ...more }] } } }, { registries });
    assert.ok(
      !outcome.ok && outcome.faults.some(({ key }) => key === "network.allow[0].registry"),
      JSON.stringify(more),
    );
  }
});

test("what a tool could have written is no place to start from; it is told what it may write", async () => {
  const asked: unknown[] = [];
  const registries = (_: RegistryClient, { writable }: { writable: readonly string[] }): Promise<Configured> => {
    asked.push(writable);
    return Promise.resolve({ ok: false, tampered: true, message: "X decides", hint: "take it out" });
  };
  const user = { files: { write: [".", "/data/cargo"] }, ...npm };
  const outcome = await read({ user }, { registries });
  assert.deepEqual(!outcome.ok && outcome.faults.map(({ key, message, line }) => [key, message, line > 0]), [
    ["network.allow[0].registry", "X decides", true],
  ]);
  assert.match(String(asked), /,\/data\/cargo$/);
  const past = { network: { allow: [{ registry: "npm", until: "2001-01-01" }] } };
  assert.equal((await read({ user: past }, { registries })).ok, true);
});
