// The hole by which half of a session's programs do not trust its authority: a launcher that sets one variable. Programs of this
// machine, with an empty environment but for what a session sets, outside and inside. Ground truth: what the server was asked.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mergedTrust } from "../src/boundary/linux/view/base.ts";
import { trustVariables } from "../src/boundary/proxy-variables.ts";
import { issueForLoopback } from "../src/gateway/authority/loopback.ts";
import { without } from "./journeys/equipment.ts";
import { Stage } from "./journeys/stage.ts";

/** By the name it asks with; each has its own way of saying whom it trusts. */
const programs = (url: string): Readonly<Record<string, readonly [string, ...string[]]>> => ({
  curl: ["/usr/bin/curl", "-sS", `${url}/curl`],
  git: ["/usr/bin/git", "ls-remote", `${url}/git`],
  node: [process.execPath, "-e", `fetch("${url}/node").catch(() => process.exit(1))`],
  python: ["/usr/bin/python3", "-c", `import urllib.request; urllib.request.urlopen("${url}/python")`],
});

const needed = without(
  ["/usr/bin/curl", "--version"],
  ["/usr/bin/git", "--version"],
  ["/usr/bin/python3", "--version"],
);

async function openServer(host: string) {
  const issued = issueForLoopback([host]);
  const asked = new Set<string>();
  const server = createServer(issued, (request, response) => {
    asked.add(/^\/(\w+)/.exec(request.url ?? "")?.[1] ?? "");
    response.end("fine");
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ca: issued.ca,
    address,
    /** Which programs asked since the last look. */
    heard: (): readonly string[] => {
      const all = [...asked].sort();
      asked.clear();
      return all;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Ends well or not: the server says what came of it. */
async function run([program, ...words]: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
  const { promise, resolve } = Promise.withResolvers<void>();
  execFile(program, words, { env: { PATH: "/usr/bin:/bin", ...env }, timeout: 30_000 }, () => resolve());
  await promise;
}

test("H11: every program takes the session's authority of the variables that are set", { skip: needed }, async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "postern-trust-"));
  await using server = await openServer("127.0.0.1");
  const files = { authority: join(directory.path, "authority.pem"), bundle: join(directory.path, "bundle.pem") };
  writeFileSync(files.authority, server.ca);
  writeFileSync(files.bundle, mergedTrust(server.ca));
  const set = trustVariables(files);
  const all = Object.entries(programs(`https://${server.address}`));
  for (const [, words] of all) await run(words, { NODE_EXTRA_CA_CERTS: files.authority });
  assert.deepEqual(server.heard(), ["node"], "one variable, and the others ask nobody");
  for (const [, words] of all) await run(words, set);
  assert.deepEqual(server.heard(), ["curl", "git", "node", "python"]);
  const named =
    "NODE_EXTRA_CA_CERTS SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO CARGO_HTTP_CAINFO PIP_CERT AWS_CA_BUNDLE";
  for (const name of named.split(" ")) assert.ok(Object.values(files).includes(set[name] ?? ""), name);
  assert.equal(set["NODE_USE_SYSTEM_CA"], "1");
});

test("H11: inside a session too, with and without the variables that it sets (needs namespaces)", {
  skip: needed,
  timeout: 120_000,
}, async () => {
  const host = "pages.example.org";
  await using server = await openServer(host);
  using stage = new Stage();
  const policy = {
    network: { allow: [{ host, upstream: { address: server.address, ca: stage.write("ca.pem", server.ca) } }] },
  };
  const quoted = Object.values(programs(`https://${host}`)).map((words) => words.map((word) => `'${word}'`).join(" "));
  const ran = await stage.run(["bash", "-c", quoted.join("\n")], { policy });
  assert.ok(ran.summary !== undefined, ran.errors);
  assert.deepEqual(server.heard(), ["curl", "git", "node", "python"]);
  // what an application drops of its environment, the covered bundle of the system makes good
  const bare = quoted.filter((words) => !words.includes("fetch")).map((words) => `env -i PATH=/usr/bin:/bin ${words}`);
  await stage.run(["bash", "-c", bare.join("\n")], { policy });
  assert.deepEqual(server.heard(), ["curl", "git", "python"]);
});
