// What npm, pip, Go and apt have for logging in: found only when it is asked for, never in what says where they fetch.

import assert from "node:assert/strict";
import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RegistryClient } from "../../policy/registry.ts";
import { parseNetrc } from "./netrc.ts";
import { Machine } from "./rehearsal.ts";
import { tellClient } from "./told.ts";

async function claimsOf(machine: Machine, client: RegistryClient, variables: Record<string, string> = {}) {
  const found = await machine.find(client, variables, true);
  assert.equal(/hunter/.test(JSON.stringify(found)), false);
  const claims = found.ok ? found.claims : [];
  return Promise.all(
    claims.map(async ({ at, user }) => `${user ?? "-"} ${await machine.secret(client, at, variables)} ${at}`),
  );
}

test("npm: the nearest address above; a token, a pair, or two halves; a variable; none where it is unset", async () => {
  using machine = new Machine();
  const base = "registry=https://a.example:8443/npm/own/\n@t:registry=https://b.example/\n";
  const half = Buffer.from("hunter2").toString("base64");
  for (const [text, wanted] of [
    ["//a.example:8443/npm/own/:_authToken=hunter2", ["- hunter2 https://a.example:8443/npm/own/"]],
    ["//a.example:8443/:_authToken=hunter2", ["- hunter2 https://a.example:8443/npm/own/"]],
    [
      "//a.example:8443/npm/:_authToken=no\n//a.example:8443/npm/own:_authToken=hunter2",
      ["- hunter2 https://a.example:8443/npm/own/"],
    ],
    [`//b.example/:_auth=${Buffer.from("me:hunter2:x").toString("base64")}`, ["me hunter2:x https://b.example/"]],
    [`//b.example/:username=me\n//b.example/:_password=${half}`, ["me hunter2 https://b.example/"]],
    [`//b.example/:username=me`, []],
    ["//a.example/npm/own/:_authToken=hunter2\n//a.example:8443/npm/owner/:_authToken=hunter2", []],
    ["//b.example/:_authToken=$\u007bTOKEN}", []],
    ["_authToken=hunter2", []],
    [`//b.example/:_auth=${Buffer.from("me\nregistry=https://evil.example/:hunter2").toString("base64")}`, []],
  ] as const) {
    machine.put("home/.npmrc", `${base}${text}\n`);
    assert.deepEqual(await claimsOf(machine, "npm"), wanted, text);
  }
  machine.put("home/.npmrc", `${base}//b.example/:_authToken=$\u007bTOKEN}\n`);
  assert.deepEqual(await claimsOf(machine, "npm", { TOKEN: "hunter2" }), ["- hunter2 https://b.example/"]);
  const said = { "npm_config_//a.example:8443/npm/own/:_authToken": "hunter3" };
  assert.deepEqual(await claimsOf(machine, "npm", said), ["- hunter3 https://a.example:8443/npm/own/"]);
  machine.put("project/.npmrc", "//a.example:8443/:_authToken=hunter4\n");
  assert.deepEqual(await claimsOf(machine, "npm"), []);
});

test("pip and Go: the URL's own, else the netrc's; a user alone is none", async () => {
  using machine = new Machine();
  machine.put(
    "home/.netrc",
    "# machine c.example login no password no\nmachine a.example\n  login me\n  password hunter2\ndefault login x password hunter9\n",
  );
  machine.put(
    "home/.config/pip/pip.conf",
    "[global]\nindex-url = https://a.example/s/simple\nextra-index-url = https://you:hunter%403@a.example/t/simple https://only@b.example/simple https://c.example/simple\n",
  );
  assert.deepEqual(await claimsOf(machine, "pip"), [
    "me hunter2 https://a.example/s/simple",
    "you hunter@3 https://a.example/t/simple",
  ]);
  const go = { GOPROXY: "https://a.example/go,https://g:hunter4@b.example|direct" };
  assert.deepEqual(await claimsOf(machine, "go", go), [
    "me hunter2 https://a.example/go",
    "g hunter4 https://b.example/",
  ]);
  machine.put("project/netrc", "machine a.example login evil password evil\n");
  assert.deepEqual(await claimsOf(machine, "go", { ...go, NETRC: join(machine.workspace, "netrc") }), [
    "g hunter4 https://b.example/",
  ]);
});

test("apt: the list's own, else auth.conf by scheme, port and path", async () => {
  using machine = new Machine();
  machine.put(
    "system/etc/apt/sources.list",
    "deb https://u:hunter2@a.example/d x main # https://u:hunter2@old.example/\ndeb https://b.example:8443/team/d x main\ndeb http://c.example/d x main\n",
  );
  machine.put(
    "system/etc/apt/auth.conf",
    "machine b.example:8443/other login no password no\nmachine http://c.example login no password no\n",
  );
  machine.put("system/etc/apt/auth.conf.d/a.conf", "machine b.example:8443/team login me password hunter3\n");
  assert.deepEqual(await claimsOf(machine, "debian"), [
    "u hunter2 https://a.example/d",
    "me hunter3 https://b.example:8443/team/d",
  ]);
});

test("a file that holds nothing but credentials is opened only where one is wanted", async () => {
  using machine = new Machine();
  machine.put("home/.npmrc", "registry=https://a.example/\n");
  machine.put("home/.config/pip/pip.conf", "[global]\nindex-url = https://a.example/simple\n");
  machine.put(
    "home/.cargo/config.toml",
    '[registries.x]\nindex = "sparse+https://a.example/"\n[source.crates-io]\nreplace-with = "x"\n',
  );
  machine.put("system/etc/apt/sources.list", "deb https://a.example/d x main\n");
  for (const [client, path] of [
    ["pip", "home/.netrc"],
    ["go", "home/.netrc"],
    ["cargo", "home/.cargo/credentials.toml"],
    ["debian", "system/etc/apt/auth.conf"],
  ] as const) {
    machine.put(path, "");
    const file = join(machine.base, path);
    // the kernel notes a first reading after a change, on every ordinary mount (mount(8), relatime)
    utimesSync(file, 1, 2);
    const read = async (claims: boolean): Promise<boolean> => {
      await machine.find(client, { GOPROXY: "https://a.example" }, claims);
      return statSync(file).atimeMs !== 1000;
    };
    assert.deepEqual([await read(false), await read(true)], [false, true], `${client} ${path}`);
  }
});

test("a netrc's words, in any order of lines", () => {
  const machines = parseNetrc(
    "machine a login u password p machine b password p2 login u2\nmachine a login x password y\nmacdef z\nmachine",
  );
  assert.deepEqual(
    [...machines].map(([name, { user, secret }]) => [name, user, secret.reveal()]),
    [
      ["a", "u", "p"],
      ["b", "u2", "p2"],
    ],
  );
});

test("told inside is the placeholder, where the client looks for it", () => {
  const standing = [{ at: "https://a.example/s/", user: "me", placeholder: "PLACEHOLDER" }];
  const token = [{ at: "https://a.example:8443/s/", user: undefined, placeholder: "PLACEHOLDER" }];
  const url = "https://me:PLACEHOLDER@a.example/s/";
  const pip = [{ name: "extra-index-url", value: "https://b.example/ https://a.example/s/" }];
  assert.equal(
    tellClient("pip", { settings: pip, standing }).environment["PIP_EXTRA_INDEX_URL"],
    `https://b.example/ ${url}`,
  );
  const go = [{ name: "GOPROXY", value: "https://a.example/s/|direct" }];
  assert.equal(tellClient("go", { settings: go, standing }).environment["GOPROXY"], `${url}|direct`);
  const npm = [{ name: "registry", value: "https://a.example/s/" }];
  const { environment, files } = tellClient("npm", { settings: npm, standing: token });
  assert.equal(environment["npm_config_//a.example:8443/s/:_authToken"], "PLACEHOLDER");
  assert.match(files["/etc/postern/npmrc"] ?? "", /^\/\/a\.example:8443\/s\/:_authToken=PLACEHOLDER$/m);
  assert.deepEqual(tellClient("npm", { settings: npm, standing: [] }).files, {});
});
