// `registry: go` and `registry: debian`: the real clients against servers found by their names, over TLS and over plain HTTP. What
// counts is what the registry saw and what stands in the record. Needs namespaces, and go or apt.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { environment, without } from "./equipment.ts";
import { copyTo, goModule, putArchive, putModule } from "./packages.ts";
import { openRegistryWorld, type RegistryWorld } from "./registry-world.ts";
import { Stage } from "./stage.ts";

const needsGo = { skip: without(["go", "version"], ["/usr/bin/python3", "--version"]), timeout: 300_000 };
const needsApt = {
  skip: without(["apt-get", "--version"], ["dpkg-deb", "--version"], ["gpg", "--version"]),
  timeout: 300_000,
};
const proxy = "modules.example.org";
const archive = "archive.example.org";

const goProject = {
  "go.mod": `module shop\n\ngo 1.18\n\nrequire ${goModule} v1.0.0\n`,
  "main.go": `package main\n\nimport "${goModule}"\n\nfunc main() { println(tally.Total(1, 2)) }\n`,
};

const verdicts = async (stage: Stage): Promise<ReadonlySet<string>> =>
  new Set(
    (await stage.log()).filter(({ kind }) => kind === "request").map(({ rule, verdict }) => `${verdict} ${rule}`),
  );

const allowed = new Set(["allow user:network.allow[0]"]);

test("go mod download by `go env -w`, and with a netrc's password (needs namespaces, go)", needsGo, async () => {
  using stage = new Stage({ files: goProject });
  const password = "go-password-canary-0123456789";
  const basic = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
  await using world = await openRegistryWorld(stage, { hosts: [proxy], locked: { "/locked/": basic } });
  for (const below of ["go", "locked/go"]) putModule(stage, world.root, below);
  const set = (below: string): string =>
    stage.write(join(stage.home, ".config/go/env"), `GOPROXY=https://${proxy}:${world.port}/${below}\nGOSUMDB=off\n`);
  const policy = {
    files: { write: ["."], toolchains: ["go"] },
    network: { allow: [{ registry: "go", methods: ["GET"] }] },
    proxy: { ca: world.ca },
  };
  const running = { policy, before: world.enter, environment: environment };
  const script = "env > env; cat ~/.netrc > seen 2>&1; GOFLAGS=-mod=mod go mod download && GOFLAGS=-mod=mod go run .";
  set("go");
  const open = await stage.run(["sh", "-c", script], running);
  assert.equal(open.code, 0, open.errors);
  assert.match(open.errors, /^3$/m);
  assert.deepEqual(
    world.asked().map(({ path, authorization }) => [path, authorization]),
    ["mod", "info", "zip"].map((kind) => [`/go/${goModule}/@v/v1.0.0.${kind}`, undefined]).toSorted(byPath(world)),
  );
  assert.deepEqual(await verdicts(stage), allowed);

  set("locked/go");
  stage.write(join(stage.home, ".netrc"), `machine ${proxy}\nlogin me\npassword ${password}\n`);
  const script2 = `export GOMODCACHE=$PWD/modules; ${script}; go clean -modcache`;
  const before = world.asked().length;
  const credentials = { modules: { from: { registry: "go" } } };
  const locked = await stage.run(["sh", "-c", script2], { ...running, policy: { ...policy, credentials } });
  assert.equal(locked.code, 0, locked.errors);
  const asked = world.asked().slice(before);
  assert.ok(asked.length >= 2);
  assert.deepEqual(new Set(asked.map(({ authorization }) => authorization)), new Set([basic]));
  const inside = ["env", "seen"].map((name) => readFileSync(join(stage.work, name), "utf8")).join("");
  assert.match(inside, /^GOPROXY=https:\/\/me:postern[0-9a-f]{48}@/m);
  assert.equal(inside.includes(password), false);
});

/** In whichever order they came. */
function byPath(world: RegistryWorld): (a: (string | undefined)[], b: (string | undefined)[]) => number {
  const order = world.asked().map(({ path }) => path);
  return (a, b) => order.indexOf(a[0] ?? "") - order.indexOf(b[0] ?? "");
}

test(
  "apt-get update and download, by nobody in particular, from the system's own lists (needs namespaces, apt, gpg)",
  needsApt,
  async () => {
    using stage = new Stage();
    const password = "apt-password-canary-0123456789";
    const basic = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
    await using world = await openRegistryWorld(stage, { hosts: [archive], locked: { "/locked/": basic } });
    const key = putArchive(stage, world.root, "debian");
    copyTo(world.root, "debian", "locked/debian");
    const etc = join(stage.base, "apt");
    stage.write(join(etc, "auth.conf"), `machine ${archive}:${world.port}/locked login me password ${password}\n`);
    mkdirSync(join(etc, "keyrings"));
    cpSync(key, join(etc, "keyrings/archive.gpg"));
    execFileSync("env", [...world.enter, "mount", "--bind", etc, "/etc/apt"]);
    const allow = [{ registry: "debian", methods: ["GET", "HEAD"] }];
    const policy = { files: { write: ["."] }, network: { allow }, proxy: { ca: world.ca } };
    const running = { policy, before: world.enter };
    const script =
      "cat $(find /etc ~ -type f 2>/dev/null) > seen 2>/dev/null; env > env; apt-get update && apt-get download tally";

    const signed = "[signed-by=/etc/apt/keyrings/archive.gpg]";
    const [secure, plain] = [`https://${archive}:${world.port}`, `http://${archive}:${world.port + 1}`];
    for (const [at, ending] of [
      [secure, "x"],
      [plain, "y"],
    ] as const) {
      const before = world.asked().length;
      stage.write(join(etc, "sources.list"), `deb ${signed} ${at}/debian stable main\n`);
      const ran = await stage.run(["sh", "-c", `${script} && mv tally_1.0.0_all.deb ${ending}.deb`], running);
      assert.equal(ran.code, 0, ran.output + ran.errors);
      assert.deepEqual(
        readFileSync(join(stage.work, `${ending}.deb`)),
        readFileSync(join(world.root, "debian/pool/tally_1.0.0_all.deb")),
      );
      const asked = world.asked().slice(before);
      assert.ok(asked.some(({ path }) => path === "/debian/dists/stable/InRelease"));
      assert.ok(asked.some(({ path }) => path === "/debian/pool/tally_1.0.0_all.deb"));
    }
    assert.deepEqual(await verdicts(stage), allowed);

    rmSync(join(etc, "sources.list"));
    const stanza = `Types: deb\nURIs: ${secure}/locked/debian\nSuites: stable\nComponents: main\nSigned-By: /etc/apt/keyrings/archive.gpg\n`;
    stage.write(join(etc, "sources.list.d/own.sources"), stanza);
    assert.notEqual((await stage.run(["sh", "-c", script], running)).code, 0);
    const before = world.asked().length;
    const credentials = { archive: { from: { registry: "debian" } } };
    const ran = await stage.run(["sh", "-c", script], { ...running, policy: { ...policy, credentials } });
    assert.equal(ran.code, 0, ran.output + ran.errors);
    assert.deepEqual(
      new Set(
        world
          .asked()
          .slice(before)
          .map(({ authorization }) => authorization),
      ),
      new Set([basic]),
    );
    const inside = ["env", "seen"].map((name) => readFileSync(join(stage.work, name), "latin1")).join("");
    assert.match(inside, /login me password postern[0-9a-f]{48}$/m);
    assert.equal(inside.includes(password), false);
  },
);
