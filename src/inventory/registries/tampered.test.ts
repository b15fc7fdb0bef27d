// What a tool inside could have written says nothing of where a client fetches, by whatever way it is found.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { RegistryClient } from "../../policy/registry.ts";
import { registrySecret } from "./find.ts";
import { Machine, placesOf } from "./rehearsal.ts";

const npmDefinitions = "\ndefine('registry', {\n  default: 'https://a.example/',\n";
const pipIndex = '\nPyPI = PackageIndex("https://a.example/", file_storage_domain="f.example")\n';
const claimed = {
  npmrc: "registry=https://a.example/\n//a.example/:_authToken=hunter2\n",
  cargo: '[registries.own]\nindex = "sparse+https://a.example/"\n',
};

interface Case {
  readonly client: RegistryClient;
  readonly files: Readonly<Record<string, string>>;
  /** Below the machine's base. */
  readonly writable: string;
  /** The file that is named. */
  readonly named: string;
  readonly variables?: (base: string) => Record<string, string>;
}

const cargoDefault = "toolchains/stable/bin/cargo";
const cases: readonly Case[] = [
  { client: "npm", files: { "home/.npmrc": claimed.npmrc }, writable: "home/.npmrc", named: "home/.npmrc" },
  {
    client: "npm",
    files: { "lib/npm/bin/npm": "", "lib/npm/node_modules/@npmcli/config/lib/definitions.js": npmDefinitions },
    writable: "lib/npm/node_modules",
    named: "lib/npm/node_modules/@npmcli/config/lib/definitions.js",
    variables: (base) => ({ PATH: join(base, "lib/npm/bin") }),
  },
  {
    client: "npm",
    files: { "home/.npmrc": claimed.npmrc, "tools/npm": "" },
    writable: "tools",
    named: "tools/npm",
    variables: (base) => ({ PATH: join(base, "tools") }),
  },
  {
    client: "pip",
    files: { "home/.config/pip/pip.conf": "[global]\nindex-url = https://a.example/simple\n" },
    writable: "home/.config",
    named: "home/.config/pip/pip.conf",
  },
  {
    client: "pip",
    files: { "home/.pyenv/versions/3/lib/python3.12/site-packages/pip/_internal/models/index.py": pipIndex },
    writable: "home/.pyenv",
    named: "home/.pyenv/versions/3/lib/python3.12/site-packages/pip/_internal/models/index.py",
  },
  {
    client: "go",
    files: { "home/.config/go/env": "GOPROXY=https://a.example\n" },
    writable: "home/.config/go",
    named: "home/.config/go/env",
  },
  {
    client: "go",
    files: {
      "home/.config/go/env": "GOPROXY=https://a.example\n",
      "home/.netrc": "machine a.example login me password x",
    },
    writable: "home/.netrc",
    named: "home/.netrc",
  },
  {
    client: "cargo",
    files: { "home/.cargo/config.toml": claimed.cargo },
    writable: "home/.cargo",
    named: "home/.cargo/config.toml",
  },
  {
    client: "cargo",
    files: {
      "home/.cargo/config.toml": claimed.cargo,
      "home/.cargo/registry/index/a.example-0123456789abcdef/config.json": '{"dl":"https://evil.example/"}',
    },
    writable: "home/.cargo/registry",
    named: "home/.cargo/registry/index/a.example-0123456789abcdef/config.json",
  },
  {
    client: "cargo",
    files: { [`home/.rustup/${cargoDefault}`]: "sparse+https://evil.example/" },
    writable: "home/.rustup",
    named: `home/.rustup/${cargoDefault}`,
  },
  {
    client: "debian",
    files: { "system/etc/apt/sources.list": "deb https://a.example/debian stable main\n" },
    writable: "system/etc/apt",
    named: "system/etc/apt/sources.list",
  },
];

function put(machine: Machine, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    machine.put(path, text);
    chmodSync(join(machine.base, path), 0o700);
  }
}

for (const { client, files, writable, named, variables } of cases)
  test(`${client}: nothing that ${named} says counts where a tool may write ${writable}`, async () => {
    using machine = new Machine();
    put(machine, files);
    const own = variables?.(machine.base);
    machine.writable = [machine.workspace, join(machine.base, "elsewhere")];
    assert.equal((await machine.find(client, own, true)).ok, true);
    machine.writable = [machine.workspace, join(machine.base, writable)];
    const message = `${join(machine.base, named)} decides where ${client} fetches, and files.write lets a tool write it`;
    const found = await machine.find(client, own, true);
    assert.deepEqual([found.ok, !found.ok && found.tampered, placesOf(found)], [false, true, [message]]);
    assert.equal(await machine.secret(client, "https://a.example/", own), message);
  });

test("a link at the file, above it, or in the middle of the way: each place on it counts", async () => {
  for (const [links, writable] of [
    [{ "home/.npmrc": "open/npmrc" }, "open"],
    [{ "home/.npmrc": "open/link", "open/link": "safe/npmrc" }, "open"],
    [{ "home/.npmrc": "up/npmrc", up: "open/down", "open/down": "safe" }, "open"],
    [{ "home/.npmrc": "safe/npmrc", alias: "home" }, "alias"],
    [{ "home/.npmrc": "project/link", "project/link": "safe/npmrc" }, "project"],
  ] as const) {
    using machine = new Machine();
    machine.put("safe/npmrc", claimed.npmrc);
    machine.put("open/npmrc", claimed.npmrc);
    for (const [from, to] of Object.entries(links)) {
      mkdirSync(dirname(join(machine.base, from)), { recursive: true });
      symlinkSync(join(machine.base, to), join(machine.base, from));
    }
    assert.equal((await machine.find("npm")).ok, true);
    machine.writable = [join(machine.base, writable)];
    assert.match(
      placesOf(await machine.find("npm"))[0] ?? "",
      /\/home\/\.npmrc decides where npm fetches/,
      JSON.stringify(links),
    );
  }
});

test("one that cannot be read decides too", async () => {
  using machine = new Machine();
  machine.put("home/.npmrc", "#".repeat(300 * 1024));
  machine.put("system/etc/npmrc", claimed.npmrc);
  assert.equal((await machine.find("npm")).ok, true);
  machine.writable = [machine.home];
  assert.equal((await machine.find("npm")).ok, false);
});

test("a credential's files: those it stands in, in whatever form; none where a variable has it", async () => {
  using machine = new Machine();
  const from = async (client: RegistryClient, at: string, variables: Record<string, string> = {}) => {
    const { home, workspace, base } = machine;
    const caller = { home, workspace, variables, system: join(base, "system"), writable: [] };
    const found = await registrySecret(caller, client, at);
    assert.ok(found !== undefined && "files" in found);
    return found.files.map((file) => file.slice(base.length + 1));
  };
  machine.put("system/etc/npmrc", "registry=https://a.example/\n");
  const pair = Buffer.from("me:hunter2").toString("base64");
  for (const login of ["_authToken=hunter2", `_auth=${pair}`, "username=me\n//a.example/:_password=aHVudGVyMg=="]) {
    machine.put("home/.npmrc", `//a.example/:${login}\n`);
    assert.deepEqual(await from("npm", "https://a.example/"), ["home/.npmrc"], login);
  }
  machine.put("home/.npmrc", "//a.example/:_authToken=$\u007bTOKEN}\n");
  assert.deepEqual(await from("npm", "https://a.example/", { TOKEN: "hunter2" }), []);
  machine.put("home/.cargo/config.toml", claimed.cargo);
  machine.put("home/.cargo/credentials.toml", '[registries.own]\ntoken = "hunter2"\n');
  assert.deepEqual(await from("cargo", "own"), ["home/.cargo/credentials.toml"]);
  // in a form we do not know it could stand in each
  machine.put("home/.cargo/credentials.toml", '[registries.own]\ntoken = "hunter\\u0032"\n');
  assert.deepEqual(await from("cargo", "own"), ["home/.cargo/config.toml", "home/.cargo/credentials.toml"]);
});
