// `registry: cargo`: real builds whose crates come from a sparse registry over TLS, found by its name as any host is. What counts
// is what the registry saw and what stands in the record. Needs namespaces, cargo.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { environment, without } from "./equipment.ts";
import { copyTo, putCrate, putGitIndex } from "./packages.ts";
import { lead, openRegistryWorld, type RegistryWorld } from "./registry-world.ts";
import { Stage } from "./stage.ts";

const needsCargo = { skip: without(["cargo", "--version"], ["cc", "--version"]), timeout: 300_000 };
const index = "index.example.org";
const crates = "crates.example.org";
const other = "other.example.org";

const project = {
  "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ntally = "1"\n',
  "src/main.rs": 'fn main() { println!("{}", tally::total(&[1, 2])); }\n',
};

const policyFor = ({ ca }: RegistryWorld) => ({
  files: { write: ["."], toolchains: ["rust"] },
  network: { allow: [{ registry: "cargo", methods: ["GET"] }] },
  proxy: { ca },
});

function variables(stage: Stage): Record<string, string> {
  return { ...environment, CARGO_HOME: join(stage.home, ".cargo") };
}

function putIndex(stage: Stage, { root, port }: RegistryWorld): void {
  const config = { dl: `https://${crates}:${port}/dl/{crate}/{crate}-{version}.crate` };
  putCrate(stage, root, { index: "index", crates: "dl", config });
}

const paths = (world: RegistryWorld): string[] => world.asked().map(({ host, path }) => `${host.split(":")[0]}${path}`);

const named = (port: number): string => `[registries.company]\nindex = "sparse+https://${index}:${port}/index/"\n`;

/** With cargo itself, outside: what it is told of the index it keeps. */
function fetchOutside(stage: Stage, world: RegistryWorld): void {
  const at = dirname(stage.write("elsewhere/Cargo.toml", project["Cargo.toml"]));
  stage.write("elsewhere/src/main.rs", "fn main() {}\n");
  const own = { ...variables(stage), HOME: stage.home, CARGO_HTTP_CAINFO: world.ca };
  execFileSync("env", [...world.enter, "env", "-C", at, "cargo", "fetch"], { env: own, stdio: "pipe" });
}

test(
  "cargo build: the default index replaced by the person's mirror, crates on another host (needs namespaces, cargo)",
  needsCargo,
  async () => {
    using stage = new Stage({ files: project });
    await using world = await openRegistryWorld(stage, { hosts: [index, crates, other] });
    putIndex(stage, world);
    const mirror = `[source.crates-io]\nreplace-with = "mirror"\n\n[source.mirror]\nregistry = "sparse+https://${index}:${world.port}/index/"\n`;
    stage.write(join(stage.home, ".cargo/config.toml"), mirror);
    const running = { policy: policyFor(world), before: world.enter, environment: variables(stage) };
    // nobody has told which host its crates are on
    const first = await stage.run(["cargo", "build"], running);
    assert.notEqual(first.code, 0);
    assert.match(
      first.errors,
      /registry\.crates does not count: .* of the index at index\.example\.org are at a place that is not known here/,
    );
    assert.deepEqual(new Set(paths(world)), new Set([`${index}/index/config.json`, `${index}/index/ta/ll/tally`]));
    const refused = (await stage.log()).filter(({ verdict }) => verdict === "refuse");
    assert.ok(
      refused.some(({ sealed }) => JSON.stringify(sealed).includes(crates)),
      JSON.stringify(refused),
    );

    fetchOutside(stage, world);
    const before = world.asked().length;
    const second = await stage.run(["cargo", "build"], running);
    assert.equal(second.code, 0, second.errors);
    assert.doesNotMatch(second.errors, /not known here/);
    assert.equal(execFileSync(join(stage.work, "target/debug/shop")).toString(), "3\n");
    const fetched = paths(world).slice(before);
    assert.deepEqual(
      fetched.filter((path) => path.startsWith(crates)),
      [`${crates}/dl/tally/tally-1.0.0.crate`],
    );
    const requests = (await stage.log()).filter(
      ({ kind, session }) => kind === "request" && session === second.summary?.session,
    );
    assert.deepEqual(
      new Set(requests.map(({ rule, verdict }) => `${verdict} ${rule}`)),
      new Set(["allow user:network.allow[0]"]),
    );
  },
);

test(
  "a project's cargo configuration chooses nothing outside, by its name or by a link (needs namespaces, cargo)",
  needsCargo,
  async () => {
    const evil = (port: number): string =>
      `[source.crates-io]\nreplace-with = "evil"\n\n[source.evil]\nregistry = "sparse+https://${other}:${port}/index/"\n`;
    using stage = new Stage({ files: project });
    await using world = await openRegistryWorld(stage, { hosts: [index, crates, other] });
    putIndex(stage, world);
    stage.write(join(stage.home, ".cargo/config.toml"), named(world.port));
    const running = { policy: policyFor(world), before: world.enter, environment: variables(stage) };
    stage.write(join(stage.work, ".cargo/config.toml"), evil(world.port));
    assert.notEqual((await stage.run(["cargo", "build"], running)).code, 0);
    // what the checkout holds, the person's own file being a link to it
    rmSync(join(stage.home, ".cargo/config.toml"));
    symlinkSync(join(stage.work, ".cargo/config.toml"), join(stage.home, ".cargo/config.toml"));
    assert.notEqual((await stage.run(["cargo", "build"], running)).code, 0);
    assert.deepEqual(world.asked(), []);
    const refused = (await stage.log()).filter(({ verdict }) => verdict === "refuse");
    assert.equal(refused.filter(({ sealed }) => JSON.stringify(sealed).includes(other)).length >= 2, true);
    // packages the project brings along need nobody
    stage.write(
      join(stage.work, ".cargo/config.toml"),
      '[source.crates-io]\nreplace-with = "own"\n\n[source.own]\ndirectory = "vendor"\n',
    );
    stage.write(join(stage.work, "vendor/tally/.cargo-checksum.json"), '{"files":{}}');
    for (const path of ["Cargo.toml", "src/lib.rs"])
      stage.write(
        join(stage.work, "vendor/tally", path),
        readFileSync(join(stage.base, "crate/tally-1.0.0", path), "utf8"),
      );
    rmSync(join(stage.home, ".cargo/config.toml"));
    const mirror = `[source.crates-io]\nreplace-with = "m"\n\n[source.m]\nregistry = "sparse+https://${index}:${world.port}/index/"\n`;
    stage.write(join(stage.home, ".cargo/config.toml"), mirror);
    const ran = await stage.run(["cargo", "build"], running);
    assert.equal(ran.code, 0, ran.errors);
    assert.deepEqual(world.asked(), []);
  },
);

test(
  "a registry by name that wants a token: taken outside, a placeholder inside (needs namespaces, cargo)",
  needsCargo,
  async () => {
    const dependency = project["Cargo.toml"].replace('"1"', '{ version = "1", registry = "company" }');
    using stage = new Stage({ files: { ...project, "Cargo.toml": dependency } });
    const token = "cargo-token-canary-0123456789";
    await using world = await openRegistryWorld(stage, { hosts: [index], locked: { "/index/": `Bearer ${token}` } });
    const config = { dl: `https://${index}:${world.port}/index/dl`, "auth-required": true };
    putCrate(stage, world.root, { index: "index", crates: "index/dl", config });
    copyTo(world.root, "index/dl/tally/tally-1.0.0.crate", "index/dl/tally/1.0.0/download");
    stage.write(join(stage.home, ".cargo/config.toml"), named(world.port));
    stage.write(join(stage.home, ".cargo/credentials.toml"), `[registries.company]\ntoken = "Bearer ${token}"\n`);
    const credentials = { crates: { from: { registry: "cargo" } } };
    const running = { policy: policyFor(world), before: world.enter, environment: variables(stage) };
    assert.notEqual((await stage.run(["cargo", "build"], running)).code, 0);
    const authorised = () => world.asked().filter(({ authorization }) => authorization !== undefined);
    assert.deepEqual(authorised(), []);

    const script = "env > env; cat /.cargo/config.toml ~/.cargo/credentials.toml > seen 2>&1; cargo build";
    const ran = await stage.run(["sh", "-c", script], { ...running, policy: { ...running.policy, credentials } });
    assert.equal(ran.code, 0, ran.errors);
    assert.equal(execFileSync(join(stage.work, "target/debug/shop")).toString(), "3\n");
    assert.deepEqual(
      authorised().map(({ path, authorization }) => `${path} ${authorization}`),
      [
        `/index/config.json Bearer ${token}`,
        `/index/ta/ll/tally Bearer ${token}`,
        `/index/dl/tally/1.0.0/download Bearer ${token}`,
      ],
    );
    const inside = ["env", "seen"].map((name) => readFileSync(join(stage.work, name), "utf8")).join("");
    assert.match(inside, /^CARGO_REGISTRIES_COMPANY_TOKEN=Bearer postern[0-9a-f]{48}$/m);
    assert.equal(inside.includes(token), false);
  },
);

test(
  "an index by git: fetched with the entry, its crates with one more (needs namespaces, nft, cargo, git)",
  needsCargo,
  async () => {
    const dependency = project["Cargo.toml"].replace('"1"', '{ version = "1", registry = "company" }');
    using stage = new Stage({ files: { ...project, "Cargo.toml": dependency } });
    await using world = await openRegistryWorld(stage, { hosts: [index, crates] });
    putIndex(stage, world);
    // what cargo fetches git with names no port but the usual one
    lead(world);
    const own = `https://${index}/${putGitIndex(world.root, "index")}`;
    stage.write(join(stage.home, ".cargo/config.toml"), `[registries.company]\nindex = "${own}"\n`);
    const policy = policyFor(world);
    const running = { before: world.enter, environment: variables(stage) };
    const beside = { host: crates, ports: [world.port], paths: ["/dl/**"] };
    const told = await stage.run(["cargo", "build"], {
      ...running,
      policy: { ...policy, network: { allow: [{ registry: "cargo" }, beside] } },
    });
    assert.equal(told.code, 0, told.errors);
    assert.match(told.errors, /at a place that is not known here/);
    assert.equal(execFileSync(join(stage.work, "target/debug/shop")).toString(), "3\n");
    assert.deepEqual(
      world.asked().map(({ method, path }) => `${method} ${path}`),
      [
        "GET /git/index/info/refs?service=git-upload-pack",
        "POST /git/index/git-upload-pack",
        "GET /dl/tally/tally-1.0.0.crate",
      ],
    );
  },
);
