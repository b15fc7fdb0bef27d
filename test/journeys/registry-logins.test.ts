// `from: { registry: npm }` and pip: a registry that demands the person's own login gets it, and inside there is nothing but a
// placeholder: files and memory of the processes are searched from outside while they run. Needs namespaces, npm, pip.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { without } from "./equipment.ts";
import { descendantsOf, environmentOf, formsOf, searchFiles, searchProcess } from "./memory.ts";
import { putNpm, putPip } from "./packages.ts";
import { openRegistryWorld, type RegistryWorld } from "./registry-world.ts";
import { type Running, Stage } from "./stage.ts";

const needs = {
  skip: without(["/usr/bin/npm", "--version"], ["/usr/bin/python3", "-m", "pip", "--version"], ["dash", "-c", "true"]),
  timeout: 300_000,
};
const host = "packages.example.org";
const team = "team.example.org";
const token = "npm-token-canary-0123456789";
const password = "password-canary-0123456789";
const basic = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
const quiet = "--no-audit --no-fund --no-update-notifier --fetch-retries=0";

function policyFor(world: RegistryWorld, client: string, more: object = {}) {
  const network = { allow: [{ registry: client, methods: ["GET", "HEAD"] }] };
  return { files: { write: ["."] }, network, proxy: { ca: world.ca }, ...more };
}

/** Runs it, and looks for these values in all that is inside when `script` has ended well. */
async function runSearched(stage: Stage, script: string, running: Running, values: readonly string[]): Promise<string> {
  const waiting = `${script} && mkfifo wait && touch searched && read -r line < wait && rm wait`;
  const { child, ended } = stage.start(["dash", "-c", waiting], running);
  const over = ended.then(({ code, output, errors }) => `${code} ${output}${errors}`);
  const mark = join(stage.work, "searched");
  while (!existsSync(mark)) {
    const early = await Promise.race([over, sleep(100, undefined)]);
    if (early !== undefined) assert.fail(early);
  }
  const inside = descendantsOf(child.pid ?? 0);
  const shell = inside.find((pid) => /(?:^|\0)POSTERN=1\0/.test(environmentOf(pid))) ?? 0;
  const tops = ["/dev/shm", "/etc", "/run", "/tmp", "/var", "/.cargo", stage.home, stage.work];
  const placeholder = /postern[0-9a-f]{48}/.exec(environmentOf(shell))?.[0] ?? "";
  for (const value of values) {
    assert.deepEqual(
      inside.flatMap((pid) => [...searchProcess(pid, formsOf(value)).found]),
      [],
    );
    assert.deepEqual(searchFiles(`/proc/${shell}/root`, tops, formsOf(value)), []);
  }
  // the search is sound: a placeholder is there
  assert.ok(searchProcess(shell, formsOf(placeholder)).found.has("plain"));
  writeFileSync(join(stage.work, "wait"), "go on\n");
  const said = await over;
  assert.match(said, /^0 /);
  return said;
}

test("npm install below dash: a token, and a scope's name and password (needs namespaces, npm)", needs, async () => {
  using stage = new Stage({ files: { "package.json": '{"name":"shop","version":"1.0.0"}' } });
  const locked = { "/npm/": `Bearer ${token}`, "/team/": basic };
  await using world = await openRegistryWorld(stage, { hosts: [host, team], locked });
  const urls = [`${host}:${world.port}/npm/`, `${team}:${world.port}/team/`] as const;
  putNpm(stage, { root: world.root, below: "npm", url: `https://${urls[0]}` });
  putNpm(stage, { root: world.root, below: "team", url: `https://${urls[1]}` });
  const pair = Buffer.from(`me:${password}`).toString("base64");
  stage.write(
    join(stage.home, ".npmrc"),
    `registry=https://${urls[0]}\n@team:registry=https://${urls[1]}\n//${urls[0]}:_authToken=${token}\n//${urls[1]}:_auth=${pair}\n`,
  );
  const install = `/usr/bin/npm install ${quiet} tally @team/sum`;
  const before = world.enter;
  assert.notEqual((await stage.run(["dash", "-c", install], { policy: policyFor(world, "npm"), before })).code, 0);
  assert.deepEqual(new Set(world.asked().map(({ authorization }) => authorization)), new Set([undefined]));
  const count = world.asked().length;
  assert.ok(world.asked().some((one) => one.host.startsWith(team) && one.path === "/team/@team%2fsum"));

  // what the tool says in its own file counts, and lasts
  const script = `echo 'init-author-name=tool' > ~/.npmrc; test "$(/usr/bin/npm config get init-author-name)" = tool && env > env && ${install}`;
  const policy = policyFor(world, "npm", { credentials: { npm: { from: { registry: "npm" } } } });
  await runSearched(stage, script, { policy, before }, [token, password, pair]);
  for (const name of ["tally", "@team/sum"])
    assert.equal(readFileSync(join(stage.work, "node_modules", name, "made"), "utf8"), name);
  assert.deepEqual(
    world
      .asked()
      .slice(count)
      .map((one) => `${one.host.split(":")[0]}${one.path} ${one.authorization}`)
      .toSorted(),
    [
      `${host}/npm/tally Bearer ${token}`,
      `${host}/npm/tally/-/tally-1.0.0.tgz Bearer ${token}`,
      `${team}/team/@team%2fsum ${basic}`,
      `${team}/team/@team/sum/-/sum-1.0.0.tgz ${basic}`,
    ],
  );
  const lent = (await stage.log()).filter(({ kind, counts }) => kind === "request" && counts["credentials"] === 1);
  assert.deepEqual(
    new Set(lent.map(({ sealed }) => JSON.stringify(sealed["credentials"]))),
    new Set(['["npm"]', '["npm[1]"]']),
  );
});

test("pip install: the password of the index's URL (needs namespaces, python3 with pip)", needs, async () => {
  using stage = new Stage();
  await using world = await openRegistryWorld(stage, { hosts: [host], locked: { "/pip/": basic } });
  putPip(stage, world.root, "pip");
  const index = `https://me:${password}@${host}:${world.port}/pip/simple/`;
  stage.write(join(stage.home, ".config/pip/pip.conf"), `[global]\nindex-url = ${index}\n`);
  const policy = policyFor(world, "pip", { credentials: { pip: { from: { registry: "pip" } } } });
  const script =
    "/usr/bin/python3 -m pip install --no-input --disable-pip-version-check --no-cache-dir --target made tally";
  await runSearched(stage, script, { policy, before: world.enter }, [password]);
  assert.equal(readFileSync(join(stage.work, "made/tally.py"), "utf8"), "made = 'tally'\n");
  const asked = world.asked().map(({ path, authorization }) => [path, authorization]);
  assert.deepEqual(asked, [
    ["/pip/simple/tally/", basic],
    ["/pip/files/tally-1.0.0-py3-none-any.whl", basic],
  ]);
});

test(
  "what a project's own files say of the registry, and of its token, changes nothing (needs namespaces, npm, pip)",
  needs,
  async () => {
    using stage = new Stage({ files: { "package.json": '{"name":"shop","version":"1.0.0"}' } });
    await using world = await openRegistryWorld(stage, {
      hosts: [host, team],
      locked: { "/npm/": `Bearer ${token}`, "/pip/": basic },
    });
    const url = `${host}:${world.port}/npm/`;
    putNpm(stage, { root: world.root, below: "npm", url: `https://${url}` });
    putPip(stage, world.root, "pip");
    stage.write(join(stage.home, ".npmrc"), `registry=https://${url}\n//${url}:_authToken=${token}\n`);
    // as many a repository has it
    const project = `registry=https://${team}:${world.port}/npm/\n//${url}:_authToken=$\u007bNPM_TOKEN}\n`;
    stage.write(join(stage.work, ".npmrc"), project);
    const credentials = { npm: { from: { registry: "npm" } }, pip: { from: { registry: "pip" } } };
    const npm = policyFor(world, "npm", { credentials });
    const ran = await stage.run(["/usr/bin/npm", "install", ...quiet.split(" "), "tally"], {
      policy: npm,
      before: world.enter,
    });
    assert.equal(ran.code, 0, ran.errors);

    const index = `https://me:${password}@${host}:${world.port}/pip/simple/`;
    stage.write(join(stage.home, ".config/pip/pip.conf"), `[global]\nindex-url = ${index}\n`);
    execFileSync("/usr/bin/python3", ["-m", "venv", "--system-site-packages", join(stage.work, ".venv")]);
    const evil = `[global]\nindex-url = https://${team}:${world.port}/pip/simple/\n`;
    for (const path of [".venv/pip.conf", "pip.conf"]) stage.write(join(stage.work, path), evil);
    const pip = policyFor(world, "pip", { credentials });
    const words = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "tally"];
    const python = [join(stage.work, ".venv/bin/python"), ...words];
    // outside, the project's environment is active, and a link of it stands where the person's file could be
    symlinkSync(join(stage.work, "pip.conf"), join(stage.home, "linked.conf"));
    const environment = { VIRTUAL_ENV: join(stage.work, ".venv"), PIP_CONFIG_FILE: join(stage.home, "linked.conf") };
    const second = await stage.run(python, { policy: pip, before: world.enter, environment });
    assert.equal(second.code, 0, second.output + second.errors);
    assert.deepEqual(
      world.asked().map((one) => `${one.host.split(":")[0]}${one.path} ${one.authorization}`),
      [
        `${host}/npm/tally Bearer ${token}`,
        `${host}/npm/tally/-/tally-1.0.0.tgz Bearer ${token}`,
        `${host}/pip/simple/tally/ ${basic}`,
        `${host}/pip/files/tally-1.0.0-py3-none-any.whl ${basic}`,
      ],
    );
  },
);
