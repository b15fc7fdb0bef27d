// Nothing configured at all: each client inside asks where it asks by itself, and that is what its grant opens. The names are the
// clients' own, read from them here as Postern reads them; in the world outside they lead to a registry of the test's.
// Needs namespaces, nft, npm, pip, cargo.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { registriesHere } from "../../src/inventory/registries/find.ts";
import type { RegistryClient } from "../../src/policy/registry.ts";
import { environment, without } from "./equipment.ts";
import { putCrate, putNpm, putPip } from "./packages.ts";
import { lead, openRegistryWorld, type RegistryWorld } from "./registry-world.ts";
import { type Ran, type Running, Stage } from "./stage.ts";

const needs = (...programs: (readonly string[])[]) => ({
  skip: without(["nft", "--version"], ...programs),
  timeout: 300_000,
});
const cratesHost = "crates.example.org";

/** Where it would fetch with an empty home: as many hosts as it uses. */
async function hostsOf(stage: Stage, client: RegistryClient, variables: Record<string, string>): Promise<string[]> {
  const look = registriesHere({ home: stage.home, workspace: stage.work, variables });
  const found = await look(client, { claims: false, writable: [] });
  assert.ok(found.ok, JSON.stringify(found));
  assert.ok(found.places.every(({ port }) => port === 443));
  return found.places.map(({ host }) => host);
}

async function granted(stage: Stage, client: string, command: readonly string[], running: Running): Promise<Ran> {
  const network = { allow: [{ registry: client, methods: ["GET"] }] };
  const ran = await stage.run(command, { ...running, policy: { files: { write: ["."] }, network, ...running.policy } });
  assert.equal(ran.code, 0, ran.output + ran.errors);
  const requests = (await stage.log()).filter(({ kind }) => kind === "request" || kind === "refusal");
  assert.deepEqual(
    new Set(requests.map(({ rule, verdict }) => `${verdict} ${rule}`)),
    new Set(["allow user:network.allow[0]"]),
  );
  return ran;
}

const paths = (world: RegistryWorld): string[] => world.asked().map(({ host, path }) => host + path);

test(
  "npm install from npm's own default (needs namespaces, nft, npm)",
  needs(["/usr/bin/npm", "--version"]),
  async () => {
    using stage = new Stage({ files: { "package.json": '{"name":"shop","version":"1.0.0"}' } });
    const hosts = await hostsOf(stage, "npm", { PATH: "/usr/bin" });
    await using world = await openRegistryWorld(stage, { hosts });
    lead(world);
    putNpm(stage, { root: world.root, below: "", url: `https://${hosts[0]}/` });
    const words = "install --no-audit --no-fund --no-update-notifier --fetch-retries=0 tally @team/sum".split(" ");
    const policy = { proxy: { ca: world.ca } };
    await granted(stage, "npm", ["/usr/bin/npm", ...words], { before: world.enter, policy });
    assert.equal(readFileSync(join(stage.work, "node_modules/@team/sum/made"), "utf8"), "@team/sum");
    assert.deepEqual(
      paths(world).toSorted(),
      ["/@team%2fsum", "/@team/sum/-/sum-1.0.0.tgz", "/tally", "/tally/-/tally-1.0.0.tgz"].map(
        (path) => hosts[0] + path,
      ),
    );
  },
);

test(
  "pip install from pip's own default and its files' host (needs namespaces, nft, python3 with pip)",
  needs(["/usr/bin/python3", "-m", "pip", "--version"]),
  async () => {
    using stage = new Stage();
    const hosts = await hostsOf(stage, "pip", { PATH: "/usr/bin" });
    await using world = await openRegistryWorld(stage, { hosts });
    lead(world);
    putPip(stage, world.root, "");
    const wheel = "files/tally-1.0.0-py3-none-any.whl";
    stage.write(join(world.root, "simple/tally/index"), `<a href="https://${hosts[1]}/${wheel}">${wheel.slice(6)}</a>`);
    const words = "-m pip install --disable-pip-version-check --no-cache-dir --target made tally".split(" ");
    const policy = { proxy: { ca: world.ca } };
    await granted(stage, "pip", ["/usr/bin/python3", ...words], { before: world.enter, policy });
    assert.equal(readFileSync(join(stage.work, "made/tally.py"), "utf8"), "made = 'tally'\n");
    assert.deepEqual(paths(world), [`${hosts[0]}/simple/tally/`, `${hosts[1]}/${wheel}`]);
  },
);

test(
  "cargo build from cargo's own default and its crates' host (needs namespaces, nft, cargo)",
  needs(["cargo", "--version"], ["cc", "--version"]),
  async () => {
    const files = {
      "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ntally = "1"\n',
      "src/main.rs": 'fn main() { println!("{}", tally::total(&[1, 2])); }\n',
    };
    using stage = new Stage({ files });
    const variables = { ...environment, CARGO_HOME: join(stage.home, ".cargo") };
    const hosts = await hostsOf(stage, "cargo", variables);
    await using world = await openRegistryWorld(stage, { hosts: [...hosts, cratesHost] });
    lead(world);
    putCrate(stage, world.root, {
      index: ".",
      crates: "dl",
      config: { dl: `https://${cratesHost}/dl/{crate}/{crate}-{version}.crate` },
    });
    const elsewhere = dirname(stage.write("elsewhere/Cargo.toml", files["Cargo.toml"]));
    stage.write("elsewhere/src/main.rs", "fn main() {}\n");
    execFileSync("env", [...world.enter, "env", "-C", elsewhere, "cargo", "fetch"], {
      env: { ...variables, HOME: stage.home, CARGO_HTTP_CAINFO: world.ca },
      stdio: "pipe",
    });
    const before = world.asked().length;
    const policy = { files: { write: ["."], toolchains: ["rust"] }, proxy: { ca: world.ca } };
    await granted(stage, "cargo", ["cargo", "build"], { before: world.enter, policy, environment: variables });
    assert.equal(execFileSync(join(stage.work, "target/debug/shop")).toString(), "3\n");
    assert.deepEqual(paths(world).slice(before), [
      `${hosts[0]}/config.json`,
      `${hosts[0]}/ta/ll/tally`,
      `${cratesHost}/dl/tally/tally-1.0.0.crate`,
    ]);
  },
);
