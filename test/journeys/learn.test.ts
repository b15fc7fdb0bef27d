// Audit, propose, enforce: a session in audit, the policy learned from it, the same session under that policy without a refusal,
// and whatever nobody had seen refused under it. The measure is what came outside, and the record. Needs the boundary's tools,
// and namespaces.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { parsePolicy } from "../../src/policy/document.ts";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import type { Seen } from "./outside-listener.ts";
import { type Ran, Stage } from "./stage.ts";

const names = {
  "api.example.net": ["93.184.216.40"],
  "telemetry.example.net": ["93.184.216.41"],
  "rebound.example.net": ["10.0.0.5"],
  "other.example.net": ["93.184.216.42"],
};

const curl = (method: string, url: string): string => `curl -s -m 10 -o /dev/null -X ${method} '${url}'`;
/** Everything a tool might do in a day's work, twice with another id. */
const work = (id: string): string =>
  [
    curl("GET", "http://api.example.net/v1/things?page=2"),
    curl("POST", "http://api.example.net/v1/things"),
    curl("GET", `http://api.example.net/v1/items/${id}/parts`),
    curl("GET", "http://93.184.216.34:8080/status"),
  ].join("\n");
const chatter = [
  curl("POST", "http://telemetry.example.net/v1/report"),
  curl("GET", "http://rebound.example.net/"),
  curl("GET", "http://10.1.2.3/"),
  curl("GET", "http://api.example.net/a%2fb"),
  // a program whose name would be a line of the policy
  "cp /usr/bin/curl $'/tmp/a\\n    - host: evil.test # \\e[2J'; $'/tmp/a\\n    - host: evil.test # \\e[2J' -s -o /dev/null http://api.example.net/v1/things",
  "(exec 3<>/dev/tcp/93.184.216.41/25; echo EHLO >&3; read -u 3 line); true",
].join("\n");

const requests = (seen: readonly Seen[]): string[] =>
  seen.flatMap((one) => (one.kind === "request" ? [`${one.method} ${one.ip}:${one.port}${one.target}`] : []));

test("real boundary: audited, learned, enforced; nothing that was not seen passes (needs namespaces)", {
  skip: withoutCurl,
  timeout: 240_000,
}, async () => {
  using stage = new Stage();
  await using outside = await openOutside({ directory: stage.base, names });
  const running = { before: outside.enter, policy: { mode: undefined, commands: { deny: [["ssh"]] } } };
  const run = (script: string, flags: readonly string[]): Promise<Ran> =>
    stage.run(["bash", "-c", script], { ...running, flags });

  const audited = await run(`${work("123456")}\n${chatter}`, ["--mode", "audit"]);
  const first = requests(await outside.seen());
  assert.ok(first.includes("GET 93.184.216.40:80/v1/things?page=2"), audited.errors);
  assert.ok(first.includes("GET 93.184.216.34:8080/status"), "a port of its own, in audit");
  const session = audited.summary?.session ?? "";
  const learned = join(stage.base, "learned.yaml");
  const said = await stage.call(["policy", "learn", "--from", session, "--out", learned], running);
  assert.equal(said.code, 0, said.errors);
  const text = readFileSync(learned, "utf8");
  const parsed = parsePolicy(Buffer.from(text), learned);
  assert.ok(parsed.ok, text);
  assert.deepEqual(
    parsed.policy.value.network?.allow?.map(({ host, ports, methods, paths }) => [host, ports, methods, paths]),
    [
      ["api.example.net", [80], ["GET", "POST"], ["/v1/things"]],
      ["api.example.net", [80], ["GET"], ["/v1/items/*/parts"]],
      ["93.184.216.34", [8080], ["GET"], ["/status"]],
    ],
    text,
  );
  assert.deepEqual(parsed.policy.value.commands, { deny: [["ssh"]] }, "what the person's policy denies stays");
  for (const told of ["telemetry.example.net", "10.1.2.3", "rebound.example.net", "ambiguous", "93.184.216.41"])
    assert.match(text, new RegExp(`^ *#.*${told}`, "m"), `${told} is told\n${text}`);
  assert.match(text, /^ +# .*"\/tmp\/a\\\\u000a {4}- host: evil\.test # \\\\u001b\[2J"$/m);
  assert.equal(stringify(parsed.policy.value).includes("evil"), false);
  assert.equal(stringify(parsed.policy.value).includes("telemetry"), false);

  const before = (await outside.seen()).length;
  const again = await run(work("987654"), ["--policy", learned]);
  assert.deepEqual([again.code, again.summary?.mode, again.summary?.network.refused], [0, "enforce", 0], again.errors);
  const second = requests((await outside.seen()).slice(before));
  assert.deepEqual(
    second,
    first.slice(0, 4).map((one) => one.replace("123456", "987654")),
  );

  const at = (await outside.seen()).length;
  const tried: readonly (readonly [method: string, url: string])[] = [
    ["DELETE", "http://api.example.net/v1/things"],
    ["POST", "http://api.example.net/v1/items/123456/parts"],
    ["GET", "http://api.example.net/v1/items/123456/parts/1"],
    ["GET", "http://api.example.net/v1/things/1"],
    ["GET", "http://api.example.net/"],
    ["GET", "http://api.example.net:8080/v1/things"],
    ["GET", "http://93.184.216.34/status"],
    ["GET", "http://other.example.net/v1/things"],
    ["POST", "http://telemetry.example.net/v1/report"],
    ["GET", "http://10.1.2.3/"],
  ];
  const refused = await run(tried.map(([method, url]) => curl(method, url)).join("\n"), ["--policy", learned]);
  assert.deepEqual((await outside.seen()).slice(at), [], "no name was asked and no address dialled");
  const log = (await stage.log()).filter((entry) => entry.session === refused.summary?.session);
  assert.equal(log.filter(({ kind }) => kind === "refusal").length, tried.length, refused.errors);
  assert.equal(log.filter(({ kind }) => kind === "request").length, 0);
});

test("learned from enforce, from two sessions, and what is refused: tools apart, files that are there, no session (needs namespaces)", {
  skip: withoutCurl,
  timeout: 240_000,
}, async () => {
  using stage = new Stage();
  await using outside = await openOutside({ directory: stage.base, names });
  const network = { allow: [{ host: "api.example.net", paths: ["/v1/**"] }] };
  const running = { before: outside.enter, policy: { network } };
  const run = async (script: string, shell = "bash"): Promise<string> =>
    (await stage.run([shell, "-c", script], running)).summary?.session ?? "";
  const one = await run(`${curl("GET", "http://api.example.net/v1/one")}; ${curl("GET", "http://other.example.net/")}`);
  const two = await run(curl("GET", "http://api.example.net/v1/two"));
  const stranger = await run("true", "sh");

  const learned = await stage.call(["policy", "learn", "--from", one, two], running);
  const parsed = parsePolicy(Buffer.from(learned.output), "learned");
  assert.ok(parsed.ok, learned.output + learned.errors);
  assert.deepEqual(
    parsed.policy.value.network?.allow?.map(({ host, paths }) => [host, paths]),
    [["api.example.net", ["/v1/one", "/v1/two"]]],
  );
  assert.match(learned.output, /NOT GRANTED: refused when it was asked for[^\0]*other\.example\.net/);

  const lines = await stage.call(["policy", "learn", "--from", one, "--json"], running);
  const kinds = lines.output
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly line: string }).line);
  assert.deepEqual(kinds, ["grant", "proposal"]);

  const file = join(stage.base, "there.yaml");
  const inside = join(stage.work, "learned.yaml");
  const cases: readonly [words: readonly string[], code: number, says: RegExp][] = [
    [["--from", one, stranger], 2, /is of bash and s-\w+ of sh: a joint policy .*\npostern: hint: learn one policy/],
    [["--from", "s-00000000"], 1, /no session s-00000000 whose beginning can be read/],
    [["--from", "nonsense"], 2, /"nonsense" is no session/],
    [[], 2, /--from/],
    [["--from", one, "--out", stage.write(file, "mine")], 1, /is there already/],
    [["--from", one, "--out", inside], 0, /lies in the checkout, where it counts as the repository's/],
  ];
  for (const [words, code, says] of cases) {
    const called = await stage.call(["policy", "learn", ...words], running);
    assert.equal(called.code, code, called.errors);
    assert.match(called.errors, says);
  }
  assert.deepEqual([readFileSync(file, "utf8"), existsSync(inside)], ["mine", true]);

  stage.write(join(stage.base, "policy-1.yaml"), "version: 1\n");
  const changed = await stage.call(["policy", "learn", "--from", one], running);
  assert.match(changed.output, /# the policy it ran under has changed since: upstreams, credentials/);
});
