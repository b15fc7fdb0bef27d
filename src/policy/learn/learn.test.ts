// From what was seen to a policy: what is granted, what is only proposed, what is told; and that nothing a tool can say widens,
// forges or floods it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "../document.ts";
import { unenforcedIn } from "../enforced.ts";
import { maxFileBytes, maxLearnedPaths } from "../limits.ts";
import type { AllowEntry, PolicyFile } from "../schema/file.ts";
import type { Background } from "./background.ts";
import { learnPolicy } from "./learn.ts";
import { background, connection, controlFile, hostOf, name, port, request, session, ssh } from "./rehearsal.ts";
import type { Seen } from "./seen.ts";

function learn(seen: Iterable<Seen>, what: Partial<Background> = {}) {
  const learned = learnPolicy(seen, background(what));
  assert.ok(learned.ok, JSON.stringify(learned));
  const { value } = valid(learned.text);
  const allow = value.network?.allow ?? [];
  return { ...learned, value, allow };
}

function valid(text: string): { readonly value: PolicyFile } {
  const parsed = parsePolicy(Buffer.from(text), "learned.yaml");
  assert.ok(parsed.ok, `${JSON.stringify(parsed)}\n${text}`);
  assert.deepEqual(unenforcedIn(parsed.policy.value), [], "it can be used at once");
  return parsed.policy;
}

const told = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line.trim().startsWith("#"))
    .join("\n");

void test("a host, its methods and paths, with the evidence; nothing of one method on another's path", () => {
  const { allow, text } = learn([
    request({ index: 4 }),
    request({ index: 9, method: "POST", path: "/v1/other", bytes: 30 }),
    request({ index: 12, path: "/v1/items/123456" }),
    request({ index: 13, method: "HEAD" }),
  ]);
  assert.deepEqual(
    allow.map(({ host, ports, methods, paths }) => [host, ports, methods, paths]),
    [
      ["api.example.net", [443], ["GET", "HEAD"], ["/v1/things"]],
      ["api.example.net", [443], ["POST"], ["/v1/other"]],
      ["api.example.net", [443], ["GET"], ["/v1/items/*"]],
    ],
  );
  assert.match(text, /# s-7Q4M2X9K entry 9, once, 30 bytes sent, by "\/usr\/bin\/curl"\n {4}- host/);
  assert.match(text, /- "\/v1\/things" # s-7Q4M2X9K entries 4-13, 2 times, 20 bytes/);
  assert.match(text, /each \* stands where an id/);
});

void test("a known tool's profile grants nothing beside it; of an unknown one there is none", () => {
  assert.equal(learn([request()]).value.network?.profile, "none");
  assert.equal(learn([request()], { recognised: false, tool: "x\n- evil" }).value.network?.profile, undefined);
});

const suspects: readonly [what: string, seen: Seen, looks: RegExp][] = [
  ["the profile's telemetry", request({ purpose: "telemetry" }), /looks like telemetry, the tool's profile says so/],
  ["the profile's flags", request({ purpose: "flags" }), /looks like feature flags/],
  ["an update", request({ purpose: "update" }), /looks like an update/],
  ["a login", request({ purpose: "login" }), /looks like a login/],
  ["a host's name", request({ host: "o1.ingest.sentry.io" }), /looks like telemetry, by a word in its host/],
  ["a path's word", request({ path: "/api/event_logging/v2" }), /looks like telemetry, by a word in its path/],
  ["where tokens are given out", request({ path: "/oauth/token" }), /looks like a login/],
];

for (const [what, seen, looks] of suspects)
  void test(`not granted, and said so: ${what}`, () => {
    const { allow, text, lesson } = learn([seen]);
    assert.deepEqual([allow, lesson.proposals.length], [[], 1]);
    assert.match(told(text), looks);
    assert.match(told(text), /NOT GRANTED/);
  });

void test("what a person's policy granted is granted, with a word about what it looks like", () => {
  const { allow, text } = learn([request({ fate: "granted", purpose: "telemetry" })]);
  assert.equal(allow.length, 1);
  assert.match(text, /looks like telemetry, .*; a policy granted it/);
});

void test("a proposal is granted by taking its marks away, and by nothing else", () => {
  const { text } = learn([
    request(),
    request({ host: "telemetry.example.net", method: "POST" }),
    request({ fate: "wanted", host: "a.example" }),
  ]);
  const taken = text.replace(/^ {4}# (?=(?:- | {2}|# ))/gm, "    ");
  const hosts = valid(taken).value.network?.allow?.map(({ host }) => host);
  assert.deepEqual(hosts, ["api.example.net", "telemetry.example.net", "a.example"]);
});

void test("what was refused in every mode, or passed for want of nothing a grant could say, is told and never granted", () => {
  const { allow, text, lesson } = learn([
    request({ fate: "barred", host: "10.1.2.3", reason: "10.1.2.3 is private" }),
    request({ fate: "stray", reason: "the path is ambiguous: it holds an encoded slash", path: "/a%2fb" }),
    request({ path: "/a/*" }),
    request({ method: "weird" }),
    request({ host: "a_b.example.net" }),
    connection({ fate: "barred", host: hostOf("169.254.169.254"), reason: "metadata" }),
    name("exfil.example.net"),
    controlFile(".git/hooks/pre-commit"),
  ]);
  assert.deepEqual([allow, lesson.proposals, lesson.refused.lines.length], [[], [], 6]);
  for (const word of ["10.1.2.3:443", "ambiguous", "169.254.169.254", "exfil.example.net", ".git/hooks/pre-commit"])
    assert.ok(told(text).includes(word), `${word}\n${text}`);
});

void test("git, registries, opaque connections, services, ports", () => {
  const { allow, value } = learn([
    ssh({ push: true }),
    ssh({ path: "team/two.git", index: 6 }),
    ssh({ fate: "wanted", host: hostOf("other.example.net") }),
    request({ host: "registry.example.net", registry: "npm", path: "/left-pad" }),
    request({ host: "registry.example.net", method: "POST", path: "/-/audit" }),
    request({ host: "git.example.net", method: "POST", path: "/one.git/git-receive-pack", push: true }),
    connection(),
    connection({ kind: "service", host: hostOf("::1") }),
    connection({ fate: "wanted", host: hostOf("93.184.216.34"), port: 25, reason: "not HTTP" }),
    port(3000),
  ]);
  const tcp = allow.find((entry) => entry.protocol === "tcp");
  assert.deepEqual(
    allow.filter(({ protocol }) => protocol === "ssh").map(({ host, push, paths }) => [host, push, paths]),
    [
      ["git.example.net", "ask", ["/team/one.git"]],
      ["git.example.net", "refuse", ["/team/two.git"]],
    ],
    "a push to one repository explains none to another",
  );
  assert.deepEqual([tcp?.host, tcp?.ports], ["db.example.net", [5432]]);
  assert.deepEqual(allow.find(({ registry }) => registry === "npm")?.methods, ["GET"]);
  assert.equal(allow.find(({ paths }) => paths?.[0]?.endsWith("git-receive-pack"))?.push, "ask");
  assert.equal(allow.length, 6);
  assert.deepEqual([value.network?.services, value.network?.publish], [["[::1]:5432"], [3000]]);
});

void test("what audit passed that no grant could say is granted by no registry either", () => {
  const reason = "the path is ambiguous: it holds an encoded slash";
  const { allow, lesson, text } = learn([
    request({
      host: "registry.example.net",
      registry: "pip",
      path: "/a%2fb",
      fate: "stray",
      reason,
      credentials: ["own"],
    }),
  ]);
  assert.deepEqual([allow, lesson.credentials, lesson.refused.lines.length], [[], [], 1]);
  assert.ok(told(text).includes("ambiguous"), text);
});

void test("what the person's own grant let pass leads no further than that grant", () => {
  const paths = (within: readonly string[] | undefined) =>
    learn([
      request({ fate: "granted", path: "/v1/1234", within }),
      request({ fate: "wanted", path: "/v1/5678" }),
    ]).allow.map((entry) => entry.paths);
  assert.deepEqual(paths(["/v1/1234"]), [["/v1/1234"]], "what was refused stays refused");
  assert.deepEqual(paths(["/v2", "/v1/12*"]), [["/v1/1234"]]);
  assert.deepEqual(paths(["/v1/*"]), [["/v1/*"]]);
  assert.deepEqual(paths(["/v1/**"]), [["/v1/*"]]);
  assert.deepEqual(paths(undefined), [["/v1/*"]]);
});

void test("ssh without a push refuses one", () => {
  assert.equal(learn([ssh()]).allow[0]?.push, "refuse");
});

void test("a credential is lent nowhere its declaration does not lend it, whatever was seen", () => {
  const places = (path: string, paths: readonly string[] | undefined, registry?: "npm") => {
    const to = { ...anthropic.to, ...(paths === undefined ? {} : { paths: [...paths] }) };
    const seen = [request({ credentials: ["own"], path, registry })];
    return learn(seen, { credential: () => ({ ...anthropic, to }) }).value.credentials?.["own"]?.to?.paths;
  };
  assert.deepEqual(places("/v1/1234", undefined), ["/v1/*"]);
  assert.deepEqual(places("/v1/1234", ["/v1/**"]), ["/v1/*"]);
  assert.deepEqual(places("/v1/1234", ["/v1/1234"]), ["/v1/1234"]);
  assert.deepEqual(places("/v1/1234", ["/v1/1*"]), ["/v1/1*"]);
  assert.deepEqual(places("/left-pad", ["/**"], "npm"), ["/**"], "the next package has another path");
  assert.deepEqual(places("/left-pad", undefined, "npm"), undefined);
});

const anthropic = { from: { env: "KEY" }, to: { host: "api.example.net", header: "x-api-key" }, as: "KEY" };

void test("a credential is declared where it was put in, and only there", () => {
  const seen = [request({ credentials: ["own"], method: "POST", path: "/v1/messages" }), request()];
  const { value, text } = learn(seen, { credential: (id) => (id === "own" ? anthropic : undefined) });
  assert.deepEqual(value.credentials, { own: { ...anthropic, to: { ...anthropic.to, paths: ["/v1/messages"] } } });
  assert.match(text, /Each line lends a key of yours/);
  const gone = learn([request({ credentials: ["lost"] })]);
  assert.equal(gone.value.credentials, undefined);
  assert.match(gone.text, /"lost": nobody declares it any more/);
});

void test("a login's next tokens are asked for where they are given out, also where a grant names that host", () => {
  const seen = [
    request({ host: "platform.claude.com", purpose: "inference", path: "/v1/oauth/hello", credentials: ["claude"] }),
  ];
  const { allow } = learn(seen, { credential: () => ({ from: { login: "claude-code" } }) });
  assert.deepEqual(
    allow.map(({ methods, paths }) => [methods, paths]),
    [
      [["GET"], ["/v1/oauth/hello"]],
      [["POST"], ["/v1/oauth/token"]],
    ],
  );
});

void test("the rest of the person's own policy stays, but what would refuse every session", () => {
  const value: PolicyFile = {
    version: 1,
    mode: "audit",
    files: { write: ["."], read: ["~/.gitconfig"], hide: ["secrets/**"] },
    network: { allow: [{ host: "unused.example.net" }], publish: [3000] },
    commands: { deny: [["ssh"]] },
    signing: { key: "/k" },
    rules: [],
    edits: "staged",
  };
  const learned = learn([request()], { own: { file: "/home/me/p.yaml", value } });
  const { version, network, ...rest } = learned.value;
  assert.equal(version, 1);
  assert.deepEqual(rest, {
    mode: "enforce",
    files: { write: ["."], read: ["~/.gitconfig"], hide: ["secrets/**"] },
    commands: { deny: [["ssh"]] },
    edits: "staged",
  });
  assert.deepEqual([network?.publish, network?.allow?.length], [undefined, 1]);
  assert.doesNotMatch(learned.text, /`files\.hide` is left out/);
  assert.match(learned.text, /`signing` is left out/);
});

void test("an upstream is carried over, and keeps apart what was dialled elsewhere", () => {
  const upstream = { address: "127.0.0.1:8443", ca: "/x/ca.pem" };
  const { allow } = learn([request({ upstream }), request({ path: "/b" })]);
  assert.deepEqual(
    allow.map((entry: AllowEntry) => entry.upstream),
    [upstream, undefined],
  );
});

void test("a flood of paths, hosts, methods, programs widens nothing, and is told", () => {
  function* flood(): Generator<Seen> {
    yield request({ purpose: "inference", path: "/needed" });
    for (let at = 0; at < 10_000; at++)
      yield request({ path: `/x/p${at}`, index: at, executable: `/tmp/${at}\u202e\n- host: evil` });
    for (let at = 0; at < 5_000; at++) yield request({ host: `h${at}.example.net`, path: `/${"q".repeat(500)}` });
  }
  const { allow, text, lesson } = learn(flood());
  assert.ok(Buffer.byteLength(text) < maxFileBytes);
  assert.ok(
    allow.every(({ paths = [] }) => paths.length <= maxLearnedPaths && paths.every((path) => !path.includes("*"))),
  );
  assert.deepEqual(allow[0]?.paths, ["/needed"]);
  assert.ok(lesson.beyond > 10_000, `${lesson.beyond}`);
  assert.match(text, /NOT GRANTED for want of room/);
  assert.ok(!/[^\n -~]/.test(text));
});

void test("more than a file holds is cut, whatever it is made of, and the tool's inference stays", () => {
  function* flood(): Generator<Seen> {
    for (const fate of ["audit", "wanted"] as const)
      for (let host = 0; host < 90; host++)
        for (let at = 0; at < 90; at++)
          yield request({ fate, host: `${fate}${host}.example.net`, path: `/${"q".repeat(400)}/p${at}`, index: at });
    yield request({ purpose: "inference", path: "/needed", index: 99_999 });
  }
  const { allow, text, lesson } = learn(flood());
  assert.ok(Buffer.byteLength(text) < maxFileBytes);
  assert.deepEqual(allow[0]?.paths, ["/needed"]);
  const told = [...lesson.grants, ...lesson.proposals].reduce((sum, one) => sum + one.told.count, 0);
  assert.ok(allow.length > 1 && told > 0 && lesson.beyond > 10_000, `${lesson.beyond}`);
});

void test("sessions join, each with its own entries", () => {
  const { text, allow } = learn([request(), request({ session: "s-00000001", index: 77 })]);
  assert.equal(allow.length, 1);
  assert.match(text, new RegExp(`# ${session} entry 4 and s-00000001 entry 77, 2 times`));
});
