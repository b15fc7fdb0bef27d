// A published agent with a login of its own, unmodified: the real pi, logged in by its own file on the host, whose access token
// has ended. It refreshes by itself, works, and never holds a token; the host's file has what the server gave. Needs the
// boundary's tools; pi is a devDependency.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo, demoCommand } from "../../src/vendor/demo.ts";
import { openAuthorisation } from "../../src/vendor/oauth/server.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { descendantsOf, formsOf, searchFiles, searchProcess } from "./memory.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const pi = new URL("../../node_modules/.bin/pi", import.meta.url).pathname;

interface Auth {
  readonly anthropic: {
    readonly type: string;
    readonly access: string;
    readonly refresh: string;
    readonly expires: number;
  };
}

test("real boundary, real pi: it refreshes the host's login by itself, and holds placeholders alone", {
  skip: withoutCurl,
  timeout: 120_000,
}, async () => {
  using stage = new Stage({ files: demo.files, git: true });
  const tls = issueForLoopback([...vendorNames, "platform.claude.com"]);
  await using server = await openAuthorisation({
    tls,
    prefixes: { access: "sk-ant-oat01-", refresh: "sk-ant-ort01-" },
    paths: { authorise: "/oauth/authorize", token: "/v1/oauth/token", device: "/none" },
  });
  const file = join(stage.home, ".pi/agent/auth.json");
  const { access_token: access, refresh_token: refresh } = server.grants.logIn();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({ anthropic: { type: "oauth", access, refresh, expires: 1 }, other: { key: "kept-outside" } }),
  );
  const own = (): Auth => JSON.parse(readFileSync(file, "utf8")) as Auth;

  const [held, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using vendor = await openVendor({
    script: demo.script,
    // whoever brings the token that counts now
    get key() {
      return own().anthropic.access;
    },
    tls,
    pace: () => {
      if (vendor.requests.length < demo.script.steps.length) return Promise.resolve();
      reached.resolve();
      return held.promise;
    },
  });
  const ca = stage.write("ca.pem", tls.ca);
  const policy = {
    network: {
      allow: [
        {
          host: "platform.claude.com",
          methods: ["POST"],
          paths: ["/v1/oauth/token"],
          upstream: { address: server.address, ca },
        },
        { host: demo.host, methods: ["POST"], paths: ["/v1/messages"], upstream: { address: vendor.address, ca } },
      ],
    },
    credentials: { pi: { from: { login: "pi", of: "host" } } },
  };
  const { child, ended } = stage.start(demoCommand(pi), { policy });
  const early = await Promise.race([reached.promise, ended]);
  assert.equal(early, undefined, JSON.stringify(early));

  const forms = formsOf(server.grants.watermark);
  const inside = descendantsOf(child.pid ?? 0);
  assert.deepEqual(
    inside.flatMap((pid) => [...searchProcess(pid, forms).found]),
    [],
  );
  const agent = inside.at(-1) ?? 0;
  const tops = ["/dev/shm", "/etc", "/run", "/tmp", "/var", stage.home, stage.work];
  assert.deepEqual(searchFiles(`/proc/${agent}/root`, tops, forms), []);
  assert.deepEqual(searchFiles(`/proc/${agent}/root`, tops, new Map([["plain", Buffer.from("kept-outside")]])), []);
  const shown = searchFiles(`/proc/${agent}/root`, [stage.home], new Map([["plain", Buffer.from("sk-ant-ort01-0")]]));
  assert.deepEqual(shown, [file], "the search is sound: its own file holds the placeholder");
  assert.ok(searchProcess(child.pid ?? 0, forms).found.has("plain"));
  held.resolve();

  const { code, errors } = await ended;
  assert.equal(code, 0, errors);
  assert.equal(readFileSync(`${stage.work}/${demo.mended.path}`, "utf8"), demo.mended.text);
  assert.deepEqual(server.log, ["POST /v1/oauth/token refresh_token 200"]);
  assert.ok(vendor.requests.length > demo.script.steps.length && vendor.requests.every(({ status }) => status === 200));
  assert.deepEqual(
    server.grants.families.map(({ rotations, ended: why }) => [rotations, why]),
    [[1, undefined]],
  );
  const now = own();
  assert.equal(server.grants.accepts(now.anthropic.refresh), "refresh");
  assert.ok(now.anthropic.expires > Date.now());
  assert.deepEqual(Object.keys(now), ["anthropic", "other"]);
});
