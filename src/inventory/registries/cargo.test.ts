// Where cargo fetches: its own files and variables, its own default, and where an index's crates are.

import assert from "node:assert/strict";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Machine, placesOf, told } from "./rehearsal.ts";
import { tellClient } from "./told.ts";

const hash = "0123456789abcdef";
const known = (machine: Machine, host: string, dl: string, end = hash): void =>
  machine.put(`home/.cargo/registry/index/${host}-${end}/config.json`, JSON.stringify({ dl }));

test("named registries, sources in place of others, variables before files; sparse or git", async () => {
  using machine = new Machine();
  machine.put(
    "home/.cargo/config.toml",
    `[registries.own-one]
index = "sparse+https://u:hunter2@own.example/index/"
[registries.git]
index = "https://git.example/team/index"
[registry]
default = "own-one"
[source.crates-io]
replace-with = "mirror"
[source.mirror]
registry = "sparse+https://mirror.example:8443/"
`,
  );
  for (const [host, dl] of [
    ["own.example", "https://own.example/dl/{crate}/{version}"],
    ["mirror.example", "https://files.example/crates"],
  ] as const)
    known(machine, host, dl);
  const found = await machine.find("cargo");
  assert.deepEqual(placesOf(found), [
    "own.example:443/index",
    "own.example:443/dl",
    "git.example:443/team/index",
    "mirror.example:8443",
    "files.example:443/crates",
  ]);
  assert.equal(JSON.stringify(found).includes("hunter2"), false);
  assert.deepEqual(found.ok && found.lacking?.map(({ about }) => about), ["git.example"]);
  assert.deepEqual(told(found), {
    "registries.own-one.index": "sparse+https://own.example/index/",
    "registries.git.index": "https://git.example/team/index",
    "source.mirror.registry": "sparse+https://mirror.example:8443/",
    "source.crates-io.replace-with": "mirror",
    "registry.default": "own-one",
  });
  const said = {
    CARGO_REGISTRIES_OWN_ONE_INDEX: "sparse+https://said.example/",
    CARGO_REGISTRIES_NEW_INDEX: "https://new.example/i",
  };
  const other = placesOf(await machine.find("cargo", said));
  assert.equal(other.includes("said.example:443") && other.includes("new.example:443/i"), true);
  assert.equal(other.includes("own.example:443/index"), false);
});

test("cargo's own default is read out of its program, where it stands in one way alone", async () => {
  using machine = new Machine();
  const variables = { PATH: join(machine.base, "bin") };
  assert.match(placesOf(await machine.find("cargo", variables))[0] ?? "", /names no registry, and no cargo is here/);
  const filler = "x".repeat(4 * 1024 * 1024 - 10);
  const program = `${filler}sparse+https://own.example/https://next.example/`;
  machine.put("home/.rustup/toolchains/stable/bin/cargo", program);
  known(machine, "own.example", "https://files.example/crates");
  assert.deepEqual(placesOf(await machine.find("cargo", variables)), ["own.example:443", "files.example:443/crates"]);
  machine.put("home/.rustup/toolchains/stable/bin/cargo", `${program} sparse+https://two.example/`);
  assert.match(placesOf(await machine.find("cargo", variables))[0] ?? "", /no cargo is here/);
  // a program of the project's, by its name or by a link, is not looked into
  machine.put("project/bin/cargo", "sparse+https://evil.example/");
  machine.put("home/.rustup/toolchains/stable/bin/cargo", "");
  symlinkSync(machine.workspace, join(machine.home, ".rustup/toolchains/evil"));
  for (const path of [join(machine.workspace, "bin"), machine.base])
    assert.match(placesOf(await machine.find("cargo", { PATH: path }))[0] ?? "", /no cargo is here/);
});

test("what an index's crates are at: two answers for one host are none, and neither is a host in a marker", async () => {
  using machine = new Machine();
  machine.put("home/.cargo/config.toml", '[registries.a]\nindex = "sparse+https://a.example/i/"\n');
  machine.put(
    "home/.cargo/config.toml",
    '[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "sparse+https://a.example/i/"\n',
  );
  const places = async (): Promise<string[]> => placesOf(await machine.find("cargo"));
  assert.deepEqual(await places(), ["a.example:443/i"]);
  for (const host of ["evil-a.example", "b.example"]) known(machine, host, "https://evil.example/");
  known(machine, "a.example.evil", "https://evil.example/");
  known(machine, "a.example", "https://evil.example/", "not-a-hash");
  for (const dl of ["https://{crate}.example/", "ftp://x.example/", "nothing", "https://*.example/"]) {
    known(machine, "a.example", dl);
    assert.deepEqual(await places(), ["a.example:443/i"], dl);
  }
  known(machine, "a.example", "https://files.example/{prefix}/{crate}");
  assert.deepEqual(await places(), ["a.example:443/i", "files.example:443"]);
  for (let more = 1; more < 21; more += 1)
    known(machine, "a.example", "https://files.example/", `${more}`.padStart(16, "0"));
  assert.deepEqual(await places(), ["a.example:443/i"]);
  rmSync(join(machine.home, ".cargo/registry"), { recursive: true });
  known(machine, "a.example", "https://files.example/{prefix}/{crate}");
  known(machine, "a.example", "https://other.example/", "fedcba9876543210");
  assert.deepEqual(await places(), ["a.example:443/i"]);
});

test("no project's file, by its name or by a link; what is no registry is told", async () => {
  using machine = new Machine();
  const evil = '[source.crates-io]\nreplace-with = "evil"\n[source.evil]\nregistry = "sparse+https://evil.example/"\n';
  machine.put("project/.cargo/config.toml", evil);
  machine.put("project/config.json", '{"dl":"https://evil.example/"}');
  assert.match(placesOf(await machine.find("cargo"))[0] ?? "", /names no registry/);
  assert.match(
    placesOf(await machine.find("cargo", { CARGO_HOME: join(machine.workspace, ".cargo") }))[0] ?? "",
    /names no registry/,
  );
  symlinkSync(join(machine.workspace, ".cargo"), join(machine.home, ".cargo"));
  assert.match(placesOf(await machine.find("cargo"))[0] ?? "", /names no registry/);
  using other = new Machine();
  for (const [text, why] of [
    ['[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n', /replaced by what is no registry/],
    ['[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "crates-io"\n', /replaced in a circle/],
    ['[registries.x]\nindex = "ssh://git@x.example/i"\n', /`registries\.x\.index` is no address of a server/],
    ["[registries.x\n", /config\.toml is no TOML/],
  ] as const) {
    other.put("home/.cargo/config.toml", text);
    assert.match(placesOf(await other.find("cargo"))[0] ?? "", why, text);
  }
});

test("a registry may have any name: nothing but its own table is written", () => {
  const names = ["__proto__", "constructor", "toString"];
  const settings = names.map((name) => ({ name: `registries.${name}.index`, value: "sparse+https://a.example/" }));
  const { files } = tellClient("cargo", { settings, standing: [] });
  assert.equal(Object.hasOwn(Object.prototype, "index") || Object.hasOwn(Object, "index"), false);
  for (const name of names)
    assert.match(files["/.cargo/config.toml"] ?? "", new RegExp(`^\\[registries\\.${name}\\]$`, "m"));
});

test("a token is a registry's by name, with whatever stands before it; the file is left closed where nobody wants it", async () => {
  using machine = new Machine();
  machine.put(
    "home/.cargo/config.toml",
    '[registries.own-one]\nindex = "sparse+https://own.example/i/"\n[source.crates-io]\nreplace-with = "own-one"\n',
  );
  machine.put(
    "home/.cargo/credentials.toml",
    '[registries.own-one]\ntoken = "Bearer hunter2"\n[registry]\ntoken = "hunter3"\n',
  );
  const plain = await machine.find("cargo");
  assert.deepEqual(plain.ok && plain.claims, []);
  const found = await machine.find("cargo", {}, true);
  assert.deepEqual(found.ok && found.claims, [
    { at: "own-one", host: "own.example", paths: ["/i", "/i/**"], user: undefined },
  ]);
  assert.equal(/hunter/.test(JSON.stringify(found)), false);
  assert.equal(await machine.secret("cargo", "own-one"), "hunter2");
  assert.equal(await machine.secret("cargo", "own-one", { CARGO_REGISTRIES_OWN_ONE_TOKEN: "said" }), "said");
  assert.equal(await machine.secret("cargo", "other"), undefined);
  const settings = found.ok ? found.settings : [];
  const standing = [{ at: "own-one", user: undefined, placeholder: "PLACEHOLDER" }];
  const { environment, files } = tellClient("cargo", { settings, standing });
  assert.equal(environment["CARGO_REGISTRIES_OWN_ONE_TOKEN"], "Bearer PLACEHOLDER");
  assert.match(files["/.cargo/config.toml"] ?? "", /credential-provider = \[ "cargo:token" \]/);
});
