import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../domain/brand.ts";
import type { Configured, RegistryClaim, RegistryClient } from "./registry.ts";
import { ids, policyOf, read } from "./rehearsal.ts";

const claim = (host: string, user?: string): RegistryClaim => ({
  at: `https://${host}/npm/`,
  host: host as Host,
  paths: ["/npm", "/npm/**"],
  user,
});

function found(...claims: RegistryClaim[]) {
  const asked: [RegistryClient, boolean][] = [];
  const hosts = claims.length === 0 ? ["a.example" as Host] : claims.map(({ host }) => host);
  const places = hosts.map((host) => ({ host, port: 443, paths: undefined }));
  const registries = (client: RegistryClient, { claims: wanted }: { claims: boolean }): Promise<Configured> => {
    asked.push([client, wanted]);
    return Promise.resolve({ ok: true, places, settings: [], claims: wanted ? claims : [] });
  };
  return { asked, registries };
}

const allow = { network: { allow: [{ registry: "npm" }] } };
const own = { credentials: { mine: { from: { registry: "npm" } } } };

test("one credential for each place that has one, at its host and below its path", async () => {
  const { asked, registries } = found(claim("a.example"), claim("b.example", "me"));
  const policy = await policyOf({ user: { ...allow, ...own } }, { registries });
  assert.deepEqual(asked, [["npm", true]]);
  const rest = { rule: "user:credentials.mine", as: undefined, shape: "", optional: false };
  const to = { header: "authorization", paths: ["/npm", "/npm/**"], registry: "npm" };
  assert.deepEqual(policy.credentials, [
    { ...rest, id: "mine", from: { registry: "npm", at: "https://a.example/npm/" }, to: { ...to, host: "a.example" } },
    {
      ...rest,
      id: "mine[1]",
      from: { registry: "npm", at: "https://b.example/npm/" },
      to: { ...to, host: "b.example", basic: { user: "me" } },
    },
  ]);
  assert.deepEqual([policy.voided, policy.unenforced], [[], []]);
});

test("nobody's credentials are looked for where none is declared, nor for a repository, trusted or not", async () => {
  for (const sources of [{ user: allow }, { user: allow, repository: own }]) {
    const { asked, registries } = found(claim("a.example"));
    const policy = await policyOf(sources, { registries, trusted: () => true });
    assert.deepEqual([policy.credentials, asked], [[], [["npm", false]]]);
  }
  const { registries } = found(claim("a.example"));
  const trusted = await policyOf({ user: allow, repository: own }, { registries, trusted: () => true });
  assert.match(trusted.voided[0]?.message ?? "", /is a person's account, which no repository may ask for/);
  const untrusted = await policyOf({ user: allow, repository: own }, { registries });
  assert.deepEqual([untrusted.credentials, ids(untrusted.requested)], [[], ["repository:credentials.mine"]]);
});

test("what goes nowhere, finds nothing, is past, comes second or lies beyond the limits is void and told", async () => {
  const { registries } = found(claim("a.example"), claim("b.example"));
  const told = async (sources: object, lookup = registries): Promise<string> =>
    (await policyOf(sources, { registries: lookup })).voided.map(({ message }) => message).join("\n");
  assert.match(await told({ user: own }), /has no place to go: no entry of network\.allow grants npm's registries/);
  assert.match(
    await told({ user: { ...allow, ...own } }, found().registries),
    /finds nothing: npm's own configuration/,
  );
  const past = { credentials: { mine: { from: { registry: "npm" }, until: "2026-01-01" } } };
  assert.match(await told({ user: { ...allow, ...past } }), /ended: the last day was 2026-01-01/);
  assert.match(await told({ organisation: own, user: { ...allow, ...own } }), /gives way to user:credentials\.mine/);
  const twice = { credentials: { ...own.credentials, again: { from: { registry: "npm" } } } };
  assert.match(
    await told({ user: { ...allow, ...twice } }),
    /`credentials\.again` gives way to user:credentials\.mine/,
  );
  const sources = { organisation: { limits: { credentials: ["env"] } }, user: { ...allow, ...own } };
  assert.match(await told(sources), /comes from registry, which the organisation does not allow/);
  const limited = await policyOf(
    { organisation: { limits: { hosts: ["b.example"] } }, user: { ...allow, ...own } },
    { registries },
  );
  assert.deepEqual(
    limited.credentials.map(({ id, to }) => `${id} ${to.host}`),
    ["mine b.example"],
  );
});

test("neither a place nor a variable is said beside it", async () => {
  for (const more of [{ as: "TOKEN" }, { to: { host: "a.example", header: "authorization" } }]) {
    const outcome = await read({ user: { credentials: { mine: { from: { registry: "npm" }, ...more } } } }, {});
    assert.ok(!outcome.ok, JSON.stringify(more));
  }
  for (const from of [{ registry: "maven" }, { registry: "npm", env: "X" }, { registry: "npm", of: "host" }]) {
    const outcome = await read({ user: { credentials: { mine: { from } } } }, {});
    assert.ok(!outcome.ok, JSON.stringify(from));
  }
});
