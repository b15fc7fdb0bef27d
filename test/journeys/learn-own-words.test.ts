// What a learned policy takes from the person's own: a key's file and an authority beside the policy's, a package manager's
// registry by its configuration; under a learned policy that lies elsewhere, the same is sent with the same key. The measure is
// what came outside. Needs the boundary's tools, and namespaces.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parsePolicy } from "../../src/policy/document.ts";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import { Stage } from "./stage.ts";

const key = "forge-5f1c9d2a7b3e4f60";
const asks = (path: string): string =>
  `curl -s -m 10 -o /dev/null -H "x-api-key: $FORGE" https://forge.example.net${path}`;
const fetches = (name: string, method = "GET"): string =>
  `curl -s -m 10 -o /dev/null -X ${method} http://registry.example.net:8080/npm/${name}`;

test("real boundary: a key, an upstream and a registry are learned as the person's own words say them (needs namespaces)", {
  skip: withoutCurl,
  timeout: 240_000,
}, async () => {
  using stage = new Stage();
  const certified = ["forge.example.net"];
  const names = { "registry.example.net": ["93.184.216.50"] };
  await using outside = await openOutside({ directory: stage.base, names, certified });
  stage.write("forge.key", `${key}\n`);
  stage.write("forge.pem", outside.ca);
  stage.write(join(stage.home, ".npmrc"), "registry=http://registry.example.net:8080/npm/\n");
  const upstream = { address: "93.184.216.40:8443", ca: "./forge.pem" };
  const policy = {
    mode: undefined,
    network: { allow: [{ host: "forge.example.net", upstream }, { host: "unused.example.net" }] },
    credentials: {
      forge: { from: { file: "./forge.key" }, to: { host: "forge.example.net", header: "x-api-key" }, as: "FORGE" },
      spare: { from: { env: "SPARE" }, to: { host: "unused.example.net", header: "x-api-key" }, as: "SPARE" },
    },
  };
  const running = { before: outside.enter, policy, environment: { SPARE: "spare-5f1c9d2a7b3e4f60" } };
  const script = (name: string): string => [asks("/v1/repos"), fetches(name), fetches(`@scope%2f${name}`)].join("\n");
  const audited = await stage.run(["bash", "-c", script("left-pad")], { ...running, flags: ["--mode", "audit"] });
  mkdirSync(join(stage.base, "elsewhere"));
  const learned = join(stage.base, "elsewhere/learned.yaml");
  const session = audited.summary?.session ?? "";
  const said = await stage.call(["policy", "learn", "--from", session, "--out", learned], running);
  assert.equal(said.code, 0, said.errors + audited.errors);
  const text = readFileSync(learned, "utf8");
  const parsed = parsePolicy(Buffer.from(text), learned);
  assert.ok(parsed.ok, text);
  const { credentials, network } = parsed.policy.value;
  assert.deepEqual(credentials, {
    forge: {
      from: { file: join(stage.base, "forge.key") },
      to: { host: "forge.example.net", header: "x-api-key", paths: ["/v1/repos"] },
      as: "FORGE",
    },
  });
  assert.deepEqual(
    network?.allow?.map(({ host, registry, methods, paths }) => [host ?? registry, methods, paths]),
    [
      ["forge.example.net", ["GET"], ["/v1/repos"]],
      ["npm", ["GET"], undefined],
    ],
    text,
  );
  assert.ok(!text.includes(key));

  const before = (await outside.seen()).length;
  const more = [script("right-pad"), fetches("left-pad", "PUT"), asks("/v1/keys")].join("\n");
  const enforced = await stage.run(["bash", "-c", more], { ...running, flags: ["--policy", learned] });
  const came = (await outside.seen()).slice(before).flatMap((one) => (one.kind === "request" ? [one] : []));
  assert.deepEqual(
    came.map(({ method, target, headers }) => [method, target, headers.includes(key)]),
    [
      ["GET", "/v1/repos", true],
      ["GET", "/npm/right-pad", false],
      ["GET", "/npm/@scope%2fright-pad", false],
    ],
    enforced.errors,
  );
  assert.equal(enforced.summary?.network.refused, 2, enforced.errors);
});
