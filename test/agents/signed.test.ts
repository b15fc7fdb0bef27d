// A published agent that marks each of its requests with a checksum of its content: with a key it leaves the mark away, with a login where the
// person says so, and a session with a secret in its history goes on to its end; marked, nothing of it leaves. Judged by what the vendor received, the checkout and the record. Needs npm.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { profileNamed } from "../../src/policy/profile.ts";
import { demo } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { placeholder, token } from "../holes/stand.ts";
import { Stage } from "../journeys/stage.ts";
import { install, nodeDirectory } from "./packages.ts";
import { grants, patience, play } from "./play.ts";
import { roster } from "./roster.ts";

test("claude-code with a key: a secret it is told is taken out of every request, and it ends its work", {
  timeout: 2 * patience,
}, async () => {
  const agent = roster.find(({ name }) => name === "claude-code") ?? assert.fail("no such agent");
  const [way] = agent.ways;
  assert.ok(way !== undefined);
  const words = way.words.map((word) => (word.includes(" ") ? `${word} The token is ${token}.` : word));
  const played = await play({ agent, installed: install(agent.name), way: { ...way, words }, edits: "live" });
  assert.equal(played.landed, demo.mended.text, played.told);
  const asked = played.requests.filter(({ target }) => agent.target.test(target));
  assert.ok(asked.length > demo.script.steps.length, played.told);
  for (const { body, status } of asked) {
    const text = String(body);
    assert.equal(status, 200);
    assert.ok(!text.includes(token) && placeholder.test(text));
    assert.doesNotMatch(text, /x-anthropic-billing-header|\bcch=/);
  }
  const requests = played.log.filter(({ kind, purpose }) => kind === "request" && purpose === "inference");
  assert.equal(requests.filter(({ verdict }) => verdict === "redact").length, asked.length);
});

/** A person with a login to the vendor, who tells the agent a secret. */
async function withLogin(environment: Readonly<Record<string, string>>) {
  const agent = roster.find(({ name }) => name === "claude-code") ?? assert.fail("no such agent");
  const profile = profileNamed(agent.name) ?? assert.fail("no profile");
  const [way] = agent.ways;
  assert.ok(way !== undefined);
  const installed = install(agent.name);
  using stage = new Stage({ workspace: "parcel", files: demo.files, git: true });
  const own = {
    accessToken: `sk-ant-oat01-${"a1B2".repeat(20)}`,
    refreshToken: `sk-ant-ort01-${"c3D4".repeat(20)}`,
    expiresAt: Date.now() + 8 * 3_600_000,
    scopes: ["user:inference", "user:profile"],
    subscriptionType: "max",
  };
  stage.write("home/.claude/.credentials.json", JSON.stringify({ claudeAiOauth: own }));
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script: demo.script, key: own.accessToken, tls });
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", tls.ca) };
  const running = {
    policy: {
      files: { write: ["."] },
      network: { allow: grants(profile, { agent, way }, upstream) },
      credentials: { claude: { from: { login: "claude-code", of: "host" } } },
    },
    flags: ["--headless"],
    environment: {
      PATH: `${join(installed.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      ...environment,
    },
  };
  const words = way.words.map((word) => (word.includes(" ") ? `${word} The token is ${token}.` : word));
  const { child, ended } = stage.start([installed.program, ...words], running);
  // where nothing leaves it tries again and again, longer each time
  const timer = setTimeout(() => child.kill("SIGTERM"), patience / 2);
  const { output, errors } = await ended;
  clearTimeout(timer);
  return {
    edited: readFileSync(join(stage.work, demo.mended.path), "utf8"),
    requests: vendor.requests.filter(({ target }) => agent.target.test(target)),
    log: await stage.log(running),
    told: `${output}${errors}`,
  };
}

test("claude-code with a login, told to leave its mark away: the secret is taken out, and it ends its work", {
  timeout: 2 * patience,
}, async () => {
  const { edited, requests, told } = await withLogin({ CLAUDE_CODE_ATTRIBUTION_HEADER: "0" });
  assert.equal(edited, demo.mended.text, told);
  assert.ok(requests.length > demo.script.steps.length, told);
  for (const { body, status } of requests) {
    const text = String(body);
    assert.equal(status, 200);
    assert.ok(!text.includes(token) && placeholder.test(text));
    assert.doesNotMatch(text, /x-anthropic-billing-header|\bcch=/);
  }
});

test("claude-code with a login and its mark: no request with the secret leaves, and none is changed", {
  timeout: 2 * patience,
}, async () => {
  const { requests, log, told } = await withLogin({});
  for (const { body } of requests) assert.doesNotMatch(String(body), placeholder);
  assert.ok(!requests.some(({ body }) => String(body).includes(token)), told);
  const refused = log.filter(({ kind, rule }) => kind === "refusal" && rule === "built-in:secrets");
  assert.ok(refused.length > 0, told);
});
