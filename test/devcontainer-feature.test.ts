// The dev container feature: its description agrees with the package, and its script installs with the Node that is there,
// or says which one is missing. npm and Node are stand-ins that note what they were asked.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
const base = mkdtempSync(join(tmpdir(), "postern-feature-"));
after(() => rmSync(base, { recursive: true }));

function program(name: string, text: string): void {
  mkdirSync(join(base, "bin"), { recursive: true });
  writeFileSync(join(base, "bin", name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(base, "bin", name), 0o755);
}

function install(version: string, given: Readonly<Record<string, string>> = {}) {
  program("node", `echo ${version}`);
  program("npm", `echo "npm $*" >>${base}/log; [ "$*" != "root --global" ] || echo ${base}/global`);
  program("postern", `echo "postern $*" >>${base}/log`);
  mkdirSync(join(base, "global/postern/scripts"), { recursive: true });
  writeFileSync(join(base, "global/postern/scripts/setup"), `echo "setup $*" >>${base}/log`);
  writeFileSync(join(base, "log"), "");
  const env = { PATH: `${base}/bin:/usr/bin:/bin`, ...given };
  const { status, stderr } = spawnSync(join(root, "devcontainer-feature/install.sh"), { env, encoding: "utf8" });
  return { status, stderr, log: readFileSync(join(base, "log"), "utf8").split("\n").slice(0, -1) };
}

test("described as the package is, and asking for no more than it says", () => {
  const [feature, package_] = [read("devcontainer-feature/devcontainer-feature.json"), read("package.json")];
  assert.deepEqual([feature.id, feature.version], [package_.name, package_.version]);
  assert.ok(package_.files.includes("scripts/setup"), "what it runs is published");
  assert.deepEqual(feature.securityOpt, ["seccomp=unconfined", "apparmor=unconfined"]);
  const asked = ["privileged", "capAdd", "mounts", "entrypoint", "postCreateCommand"].filter((key) => key in feature);
  assert.deepEqual(asked, []);
  assert.equal(package_.engines.node, ">=24.15", "the script's own check says the same");
});

test("installs, then what the boundary is built with", () => {
  const { status, stderr, log } = install("v24.21.0");
  assert.equal(status, 0, stderr);
  const installed = "npm install --global --no-fund --no-audit postern";
  assert.deepEqual(log, [installed, "npm root --global", "setup --run", "postern --version"]);
  assert.equal(
    install("v24.15.0", { PACKAGE: "/tmp/postern.tgz" }).log[0],
    installed.replace(/postern$/, "/tmp/postern.tgz"),
  );
});

test("an older Node, or none: nothing is installed, and which is needed is said", () => {
  for (const version of ["v20.20.2", "v24.9.0", "v24.14.1", "v2.4.0", "none"]) {
    const { status, stderr, log } = install(version);
    assert.deepEqual([status, log], [1, []], version);
    assert.match(
      stderr,
      new RegExp(`^postern: it needs Node 24\\.15 or newer, and here is ${version}\npostern: hint: add `),
    );
  }
  for (const version of ["v25.0.0", "v30.1.0"]) assert.equal(install(version).status, 0, version);
});
