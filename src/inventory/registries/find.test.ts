import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { RegistryClient } from "../../policy/registry.ts";
import { Machine, placesOf, told } from "./rehearsal.ts";

test("npm: variable, person, installation, system, npm's own; scopes beside; no token and no password leaves", async () => {
  using machine = new Machine();
  assert.deepEqual(placesOf(await machine.find("npm")), ["npm's configuration names no registry, and no npm is here"]);
  const definitions = "x = {\n  registry: new Definition('registry', {\n    default: 'https://own.example/',\n";
  machine.put("usr/lib/npm/node_modules/@npmcli/config/lib/definitions/definitions.js", definitions);
  machine.put("usr/lib/npm/bin/npm-cli.js", "");
  mkdirSync(join(machine.base, "usr/bin"));
  symlinkSync("../lib/npm/bin/npm-cli.js", join(machine.base, "usr/bin/npm"));
  const variables = { PATH: join(machine.base, "usr/bin"), HOST: "env.example" };
  assert.deepEqual(placesOf(await machine.find("npm", variables)), ["own.example:443"]);
  machine.put("system/etc/npmrc", "registry=https://system.example/\n@team:registry=http://system.example:81/t/\n");
  assert.deepEqual(placesOf(await machine.find("npm", variables)), ["system.example:443", "system.example:81/t"]);
  const user =
    '; mine\nregistry = "https://me:hunter2@$\u007bHOST}/npm/?x=hunter2"\n//env.example/npm/:_authToken=hunter2\n[else]\nregistry=https://no.example/\n';
  machine.put("home/.npmrc", user);
  const found = await machine.find("npm", variables);
  assert.deepEqual(placesOf(found), ["env.example:443/npm", "system.example:81/t"]);
  assert.deepEqual(told(found), {
    registry: "https://env.example/npm/",
    "@team:registry": "http://system.example:81/t/",
  });
  assert.equal(JSON.stringify(found).includes("hunter2"), false);
  const said = await machine.find("npm", { ...variables, NPM_CONFIG_REGISTRY: "https://said.example" });
  assert.deepEqual(placesOf(said), ["said.example:443", "system.example:81/t"]);
});

test("a file in the project says nothing, by its name or by a link, and neither does a program there", async () => {
  using machine = new Machine();
  machine.put("project/npmrc", "registry=https://evil.example/\n");
  machine.put("project/bin/npm", "");
  machine.put(
    "project/node_modules/@npmcli/config/lib/definitions/definitions.js",
    "\n  registry: new Definition('registry', {\n default: 'https://evil.example/'",
  );
  symlinkSync(join(machine.workspace, "npmrc"), join(machine.home, ".npmrc"));
  const inProject = { PATH: join(machine.workspace, "bin"), npm_config_userconfig: join(machine.workspace, "npmrc") };
  for (const variables of [{}, inProject])
    assert.match(placesOf(await machine.find("npm", variables))[0] ?? "", /names no registry/);
  // a link of the project's would choose what to read
  machine.put(
    "other/node_modules/@npmcli/config/lib/definitions.js",
    "\n  registry: new Definition('registry', {\n default: 'https://other.example/'",
  );
  machine.put("other/bin/npm-cli.js", "");
  mkdirSync(join(machine.base, "bin"));
  for (const at of ["project/links/npm", "bin/npm"]) {
    mkdirSync(dirname(join(machine.base, at)), { recursive: true });
    symlinkSync(join(machine.base, "other/bin/npm-cli.js"), join(machine.base, at));
  }
  assert.match(
    placesOf(await machine.find("npm", { PATH: join(machine.workspace, "links") }))[0] ?? "",
    /names no registry/,
  );
  assert.deepEqual(placesOf(await machine.find("npm", { PATH: join(machine.base, "bin") })), ["other.example:443"]);
  machine.put("outside.conf", "[global]\nindex-url = https://mine.example/simple\n");
  assert.deepEqual(placesOf(await machine.find("pip", { PIP_CONFIG_FILE: join(machine.base, "outside.conf") })), [
    "mine.example:443",
  ]);
  symlinkSync(join(machine.base, "outside.conf"), join(machine.workspace, "pip.conf"));
  assert.match(
    placesOf(await machine.find("pip", { PIP_CONFIG_FILE: join(machine.workspace, "pip.conf") }))[0] ?? "",
    /names no index/,
  );
});

test("what no grant could be made for is told, never passed over", async () => {
  using machine = new Machine();
  for (const text of [
    "ftp://x.example/",
    "https://*.example/",
    "https://x.example/a;b/",
    "https://x.example/**/",
    "$\u007bUNSET}",
    "https://x_y.example/",
  ]) {
    machine.put("home/.npmrc", `registry=${text}\n`);
    assert.match(placesOf(await machine.find("npm"))[0] ?? "", /`registry` is no address of a server/, text);
  }
});

test("pip: variables, the person's file, the older one, the system's; what lies beside `simple`; pip's own with its files' host", async () => {
  using machine = new Machine();
  assert.match(placesOf(await machine.find("pip"))[0] ?? "", /names no index/);
  machine.put("system/etc/pip.conf", "[global]\nindex-url = https://system.example/simple/\n");
  assert.deepEqual(placesOf(await machine.find("pip")), ["system.example:443"]);
  machine.put(
    "home/.pip/pip.conf",
    "[global]\nindex_url: https://no.example/\nindex-url=https://old.example/a/simple\n",
  );
  assert.deepEqual(placesOf(await machine.find("pip")), ["old.example:443/a"]);
  const user =
    "[global]\nindex-url = https://u:hunter2@own.example/api/pypi/x/simple\nextra-index-url =\n    https://two.example/simple\n    https://u:hunter2@three.example:8443/s\n";
  machine.put("home/.config/pip/pip.conf", user);
  const found = await machine.find("pip");
  assert.deepEqual(placesOf(found), ["own.example:443/api/pypi/x", "two.example:443", "three.example:8443/s"]);
  assert.deepEqual(told(found), {
    "index-url": "https://own.example/api/pypi/x/simple",
    "extra-index-url": "https://two.example/simple https://three.example:8443/s",
  });
  const table = '\nPyPI = PackageIndex("https://brought.example/", file_storage_domain="files.example")\n';
  machine.put("home/.pyenv/versions/3.1/lib/python3.1/site-packages/pip/_internal/models/index.py", table);
  const none = { PIP_CONFIG_FILE: "/dev/null" };
  assert.deepEqual(placesOf(await machine.find("pip", none)), ["brought.example:443", "files.example:443"]);
  const said = await machine.find("pip", { ...none, PIP_INDEX_URL: "https://said.example/simple" });
  assert.deepEqual(placesOf(said), ["said.example:443"]);
});

test("go: variable, `go env -w`, Go's own file; `direct` is no place; the checksum database beside", async () => {
  using machine = new Machine();
  assert.match(placesOf(await machine.find("go"))[0] ?? "", /nothing says which module proxy/);
  machine.put("go/go.env", "# brought\nGOPROXY=https://brought.example,direct\nGOSUMDB=sum.example\n");
  const variables = { GOROOT: join(machine.base, "go") };
  assert.deepEqual(placesOf(await machine.find("go", variables)), ["brought.example:443", "sum.example:443"]);
  machine.put(
    "home/.config/go/env",
    "GOPRIVATE=own.example/*\nGOPROXY=https://u:hunter2@own.example/go|direct\nGOSUMDB=sum.example+abc+def https://u:hunter2@sums.example\n",
  );
  const found = await machine.find("go", variables);
  assert.deepEqual(placesOf(found), ["own.example:443/go", "sums.example:443"]);
  assert.deepEqual(told(found), {
    GOPROXY: "https://own.example/go|direct",
    GOSUMDB: "sum.example+abc+def https://sums.example/",
    GOPRIVATE: "own.example/*",
  });
  const off = { ...variables, GOPROXY: "https://said.example", GOSUMDB: "off" };
  assert.deepEqual(placesOf(await machine.find("go", off)), ["said.example:443"]);
  assert.match(placesOf(await machine.find("go", { GOPROXY: "off" }))[0] ?? "", /names no server/);
  assert.match(
    placesOf(await machine.find("go", { GOPROXY: "https://a.example,/x" }))[0] ?? "",
    /no address of a server/,
  );
});

test("debian: one-line and deb822 lists; what is commented, disabled or no web server is not there", async () => {
  using machine = new Machine();
  assert.match(placesOf(await machine.find("debian"))[0] ?? "", /names an archive/);
  machine.put(
    "system/etc/apt/sources.list",
    "# deb http://no.example/d x main\ndeb [arch=amd64 signed-by=/k.gpg] http://one.example/debian x main\ndeb cdrom:[x]/ x main\n",
  );
  machine.put("system/etc/apt/sources.list.d/a.list", "deb-src https://u:hunter2@two.example:8443/d x main\n");
  machine.put(
    "system/etc/apt/sources.list.d/b.sources",
    "Types: deb\nURIs: https://three.example/d\n https://four.example/d\nSuites: x\n\nTypes: deb\nEnabled: no\nURIs: https://no.example/d\n",
  );
  machine.put("system/etc/apt/sources.list.d/c.save", "deb http://no.example/d x main\n");
  const found = await machine.find("debian");
  assert.deepEqual(placesOf(found), [
    "one.example:80/debian",
    "two.example:8443/d",
    "three.example:443/d",
    "four.example:443/d",
  ]);
  assert.equal(JSON.stringify(found).includes("hunter2"), false);
});

const files: readonly [RegistryClient, string][] = [
  ["npm", "home/.npmrc"],
  ["pip", "home/.config/pip/pip.conf"],
  ["go", "home/.config/go/env"],
  ["debian", "system/etc/apt/sources.list"],
  ["debian", "system/etc/apt/sources.list.d/a.sources"],
  ["cargo", "home/.cargo/config.toml"],
  ["npm", "home/.netrc"],
  ["pip", "home/.netrc"],
  ["cargo", "home/.cargo/credentials.toml"],
  ["debian", "system/etc/apt/auth.conf"],
];
const pieces = fc.constantFrom(
  ...[
    "registry=",
    "index-url = ",
    "GOPROXY=",
    'index = "',
    "[registries.x]",
    "[source.crates-io]",
    'replace-with = "x"',
    "machine x.example login u password hunter2",
    "deb ",
    "URIs: ",
    "[global]",
    "[",
    "]",
    "\n",
    " ",
    "=",
    ",",
    "|",
    "#",
    '"',
  ],
  ...[
    "https://",
    "u:hunter2@",
    "x.example",
    "/a",
    ":8443",
    "%2e",
    "..",
    "*",
    "$\u007bHOME}",
    "\0",
    "\r",
    "é",
    "hunter2",
  ],
);

test("whatever stands in these files: an answer at once, hosts that are hosts, and never a URL's password", async () => {
  using machine = new Machine();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.array(pieces, { maxLength: 60 }), async ([client, path], text) => {
      machine.put(path, text.join(""));
      const found = await machine.find(client, {}, true);
      if (!found.ok) return;
      assert.ok(found.places.length > 0);
      for (const { host, paths } of found.places) {
        assert.match(host, /^[a-z0-9.:-]+$/);
        assert.equal((paths ?? []).join().replace("**", "").includes("*"), false);
      }
      for (const value of found.settings.map((one) => one.value)) assert.equal(/:\/\/[^/]*@/.test(value), false, value);
    }),
    { numRuns: 500 },
  );
});
