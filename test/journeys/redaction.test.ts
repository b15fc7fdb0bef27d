// A published agent, unmodified, reads a file with a secret in it: the vendor has a placeholder, in plain and in base64; what the agent
// then writes to a file has the secret, and what it runs has not. Ground truth: what the vendor received, the files, the record.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { positives } from "../../src/inspection/rules/examples/positives.ts";
import { ownRules } from "../../src/inspection/rules/own.ts";
import { demo, demoCommand } from "../../src/vendor/demo.ts";
import type { Script } from "../../src/vendor/script.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { formsOf } from "./memory.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const pi = new URL("../../node_modules/.bin/pi", import.meta.url).pathname;
const made = positives(5, ownRules.length).find(({ rule }) => rule === "github-personal-token");
const secret = made?.text.slice(made.from, made.to) ?? assert.fail("no such rule");
const key = "sk-lab-real-4711";
const password = "correct horse battery 9";
const file = `# for the release\nTOKEN=${secret}\nLEVEL=info\nPASSWORD='${password}'\nKEY=${key}\n`;

function scriptWith(placeholder: string): Script {
  const { script } = demo;
  return {
    ...script,
    steps: [
      { say: "I read it.", call: { tool: "read", arguments: { path: "release.env" } } },
      {
        say: undefined,
        call: { tool: "bash", arguments: { command: "base64 -w0 release.env; xxd -p -c0 release.env" } },
      },
      {
        say: `The token is ${placeholder}.`,
        call: { tool: "write", arguments: { path: "copy.env", content: `COPY=${placeholder}\n` } },
      },
      { say: undefined, call: { tool: "bash", arguments: { command: `printf %s ${placeholder} > command.txt` } } },
    ],
    final: "Done.",
  };
}

test("real boundary, real pi: what it reads does not reach the vendor, and what it writes is whole", {
  skip: withoutCurl,
  timeout: 120_000,
}, async () => {
  using stage = new Stage({ files: { ...demo.files, "release.env": file }, git: true });
  const tls = issueForLoopback(vendorNames);
  const placeholders = () => [
    ...new Set(vendor.requests.flatMap(({ body }) => String(body).match(/PSTN_[A-Z0-9_]+_[A-Z2-7]{16}/g) ?? [])),
  ];
  await using vendor = await openVendor({
    // as a model would: it says again what it was told
    get script() {
      return scriptWith(placeholders()[0] ?? "none");
    },
    key,
    tls,
  });
  const ca = stage.write("ca.pem", tls.ca);
  const policy = {
    network: {
      allow: [
        { host: demo.host, methods: ["POST"], paths: ["/v1/messages**"], upstream: { address: vendor.address, ca } },
      ],
    },
    credentials: {
      anthropic: {
        from: { file: stage.write("key", key) },
        to: { host: demo.host, header: "x-api-key" },
        as: demo.variable,
      },
    },
  };
  const ran = await stage.run(demoCommand(pi), { policy, environment: { RELEASE_PASSWORD: password } });
  assert.equal(ran.code, 0, ran.errors);
  assert.ok(vendor.requests.length >= 5, `${vendor.requests.length} requests`);
  for (const { body } of vendor.requests)
    for (const value of [secret, password, key])
      for (const [name, form] of formsOf(value))
        assert.ok(!Buffer.from(body).includes(form), `the vendor has ${value}: ${name}`);
  const [placeholder = ""] = placeholders();
  assert.match(placeholder, /^PSTN_GITHUB_PERSONAL_TO/);
  for (const known of [/^PSTN_ENVIRONMENT_/, /^PSTN_CREDENTIAL_/])
    assert.ok(
      placeholders().some((each) => known.test(each)),
      String(known),
    );
  assert.equal(readFileSync(join(stage.work, "copy.env"), "utf8"), `COPY=${secret}\n`);
  assert.equal(readFileSync(join(stage.work, "command.txt"), "utf8"), placeholder);
  assert.equal(readFileSync(join(stage.work, "release.env"), "utf8"), file);
  assert.ok(
    (ran.summary?.verdicts.redact ?? 0) >= 3 && (ran.summary?.findings.secret ?? 0) >= 3,
    "the summary says so",
  );
  assert.match(ran.errors, /secrets {2}taken out of \d+ requests/);
  const log = await stage.log();
  const requests = log.filter(({ kind }) => kind === "request");
  const redacted = requests.filter(({ verdict }) => verdict === "redact");
  assert.ok(redacted.length >= 3, `${redacted.length} redacted`);
  for (const { rule, counts } of redacted) {
    assert.equal(rule, "built-in:secrets");
    assert.ok((counts["redactions"] ?? 0) > 0);
  }
  const why = await stage.call(["why", String(redacted.at(-1)?.index)]);
  assert.match(why.output, /^ .*secret +github-personal-token +result messages\[\d+\]/m);
  assert.match(why.output, /^ {2}holds +\d+ lines +release\.env +1-/m);
  assert.match(why.output, /environment RELEASE_PASSWORD .*in base64/);
  assert.ok(log.some(({ kind, counts }) => kind === "reply" && (counts["placeholders"] ?? 0) > 0));
  for (const value of [secret, password, key])
    assert.ok(!(JSON.stringify(log) + why.output).includes(value), `the record has ${value}`);
});
