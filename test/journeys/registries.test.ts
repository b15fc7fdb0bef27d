// `registry: npm`: npm's registry by the person's own configuration, reached by the real npm inside; what counts is what the
// registry saw. Needs namespaces, npm.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { without } from "./equipment.ts";
import { putNpm, putPip, servedAt, wheelName } from "./packages.ts";
import { Stage } from "./stage.ts";

const withoutPython = without(["/usr/bin/python3", "-m", "pip", "--version"]);
const needsNpm = {
  skip: withoutPython || without(["/usr/bin/npm", "--version"]),
  timeout: 300_000,
};
/** Nobody's: dialled at an address the policy names. */
const host = "packages.example.org";
const token = "npm-token-canary";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

interface Registry extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly ca: string;
  readonly asked: readonly Asked[];
}

/** Serves `tally` and `@team/sum`, as a registry below `/npm/`; and a wheel of `tally` beside an index in `/pip/simple/`. */
async function openRegistry(stage: Stage): Promise<Registry> {
  const { ca, cert, key } = issueForLoopback([host]);
  const asked: Asked[] = [];
  const root = join(stage.base, "served");
  const server: Server = createServer({ cert, key }, (request, response) => {
    const { method = "", url: path = "", headers } = request;
    asked.push({ method, path, authorization: headers.authorization });
    const file = method === "GET" ? servedAt(root, path) : undefined;
    if (file === undefined) return response.writeHead(404).end("{}");
    return response.writeHead(200, { "content-type": file.type }).end(readFileSync(file.path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `https://${host}:${port}/npm/`;
  putNpm(stage, { root, below: "npm", url });
  putPip(stage, root, "pip");
  return {
    url,
    port,
    ca: stage.write("registry.pem", ca),
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The entry, and the caller's own variables. */
function under(registry: Registry, stage: Stage) {
  const upstream = { address: `127.0.0.1:${registry.port}`, ca: registry.ca };
  stage.write(
    join(stage.home, ".npmrc"),
    `registry=${registry.url}\n//${host}:${registry.port}/npm/:_authToken=${token}\n`,
  );
  return { policy: { files: { write: ["."] }, network: { allow: [{ registry: "npm", upstream }] } } };
}

const install = (...names: string[]): string[] => [
  "sh",
  "-c",
  `env > env; cat ~/.npmrc > npmrc 2>/dev/null; /usr/bin/npm install --no-audit --no-fund --no-update-notifier --loglevel=http --fetch-retries=0 ${names.join(" ")}`,
];

test(
  "npm install, plain and scoped, with the entry alone; the token stays outside (needs namespaces, npm)",
  needsNpm,
  async () => {
    using stage = new Stage({ files: { "package.json": '{"name":"shop","version":"1.0.0"}' } });
    await using registry = await openRegistry(stage);
    const running = under(registry, stage);
    const ran = await stage.run(install("tally", "@team/sum"), running);
    assert.equal(ran.code, 0, `${ran.output}${ran.errors}`);
    for (const name of ["tally", "@team/sum"])
      assert.equal(readFileSync(join(stage.work, "node_modules", name, "made"), "utf8"), name);
    assert.deepEqual(registry.asked.map(({ path }) => path).toSorted(), [
      "/npm/@team%2fsum",
      "/npm/@team/sum/-/sum-1.0.0.tgz",
      "/npm/tally",
      "/npm/tally/-/tally-1.0.0.tgz",
    ]);
    assert.deepEqual(new Set(registry.asked.map(({ authorization }) => authorization)), new Set([undefined]));
    const env = readFileSync(join(stage.work, "env"), "utf8");
    assert.match(env, new RegExp(`^npm_config_registry=${registry.url}$`, "m"));
    assert.equal(`${env}${readFileSync(join(stage.work, "npmrc"), "utf8")}`.includes(token), false);
    const requests = (await stage.log()).filter(({ kind }) => kind === "request");
    assert.deepEqual(
      new Set(requests.map(({ rule, verdict }) => `${verdict} ${rule}`)),
      new Set(["allow user:network.allow[0]"]),
    );
  },
);

test(
  "what is beside the registry's path, and what a project's npmrc names, is refused (needs namespaces, npm)",
  needsNpm,
  async () => {
    const project = (port: number): string =>
      `registry=https://evil.example.org/\n@evil:registry=https://${host}:${port}/other/\n`;
    using stage = new Stage({ files: { "package.json": '{"name":"shop","version":"1.0.0"}' } });
    await using registry = await openRegistry(stage);
    const running = under(registry, stage);
    stage.write(join(stage.work, ".npmrc"), `${project(registry.port)}@far:registry=https://far.example.org/\n`);
    for (const name of ["@evil/x", "@far/x"]) assert.notEqual((await stage.run(install(name), running)).code, 0, name);
    assert.deepEqual(registry.asked, []);
    const refused = (await stage.log()).filter(({ verdict }) => verdict === "refuse");
    assert.ok(
      refused.some(({ sealed }) => JSON.stringify(sealed).includes("/other/@evil%2fx")),
      JSON.stringify(refused),
    );
    assert.ok(refused.some(({ sealed }) => JSON.stringify(sealed).includes("far.example.org")));
    // and the project's `registry` line does not lead away from the person's own
    const ran = await stage.run(install("tally"), running);
    assert.equal(ran.code, 0, ran.errors);
    assert.deepEqual(
      registry.asked.map(({ path }) => path),
      ["/npm/tally", "/npm/tally/-/tally-1.0.0.tgz"],
    );
  },
);

test("a repository's policy asks for it in vain until it is trusted (needs namespaces, npm)", needsNpm, async () => {
  using stage = new Stage({ files: { "package.json": '{"name":"shop","version":"1.0.0"}' } });
  await using registry = await openRegistry(stage);
  const { network } = under(registry, stage).policy;
  stage.write(join(stage.work, "postern.yaml"), JSON.stringify({ version: 1, network }));
  const running = { policy: { files: { write: ["."] } } };
  assert.notEqual((await stage.run(install("tally"), running)).code, 0);
  assert.deepEqual(registry.asked, []);
  assert.equal(existsSync(join(stage.work, "node_modules/tally")), false);
  const trusted = await stage.call(["trust", stage.work, "--yes"]);
  assert.equal(trusted.code, 0, trusted.errors);
  const ran = await stage.run(install("tally"), running);
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(readFileSync(join(stage.work, "node_modules/tally/made"), "utf8"), "tally");
});

test(
  "pip install with the entry alone; the password stays outside (needs namespaces, python3 with pip)",
  needsNpm,
  async () => {
    using stage = new Stage();
    await using registry = await openRegistry(stage);
    const index = `https://${host}:${registry.port}/pip/simple/`;
    stage.write(
      join(stage.home, ".config/pip/pip.conf"),
      `[global]\nindex-url = ${index.replace("//", `//me:${token}@`)}\n`,
    );
    const upstream = { address: `127.0.0.1:${registry.port}`, ca: registry.ca };
    const policy = { files: { write: ["."] }, network: { allow: [{ registry: "pip", methods: ["GET"], upstream }] } };
    const script =
      "env > env; /usr/bin/python3 -m pip install --disable-pip-version-check --no-cache-dir --target made tally";
    const ran = await stage.run(["sh", "-c", script], { policy });
    assert.equal(ran.code, 0, `${ran.output}${ran.errors}`);
    assert.equal(readFileSync(join(stage.work, "made/tally.py"), "utf8"), "made = 'tally'\n");
    assert.deepEqual(
      registry.asked.map(({ path, authorization }) => [path, authorization]),
      [
        ["/pip/simple/tally/", undefined],
        [`/pip/files/${wheelName}`, undefined],
      ],
    );
    const env = readFileSync(join(stage.work, "env"), "utf8");
    assert.match(env, new RegExp(`^PIP_INDEX_URL=${index}$`, "m"));
    assert.equal(env.includes(token), false);
  },
);

test("a registry's address that holds a declared credential is not told inside (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  stage.write(join(stage.home, ".npmrc"), `registry=https://${host}/${token}/npm/\n`);
  const credentials = { own: { from: { env: "OWN_TOKEN" }, to: { host, header: "authorization" } } };
  const policy = { files: { write: ["."] }, network: { allow: [{ registry: "npm" }] }, credentials };
  const ran = await stage.run(["sh", "-c", "env > env"], { policy, environment: { OWN_TOKEN: token } });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(readFileSync(join(stage.work, "env"), "utf8").includes(token), false);
  assert.match(ran.errors, /npm's registry is not passed on: it holds the credential own/);
});
