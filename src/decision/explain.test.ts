import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import { sha256 } from "../policy/canonical.ts";
import type { Notice } from "../policy/fault.ts";
import { parseHostPattern } from "../policy/host-pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { explain } from "./explain.ts";

const place = { file: "/home/me/policy.yaml", line: 4, column: 7 };
const notice = (about: string | undefined): Notice => ({
  id: `user:x.${about}`,
  about,
  ...place,
  key: "",
  message: "m",
  hint: "h",
  example: "",
  excerpt: "",
  width: 1,
});
const pattern = parseHostPattern("api.example");
assert.ok(pattern.ok);
const grant = {
  host: pattern.pattern,
  ports: [443, 80, 8443],
  protocol: "http",
  methods: ["POST"],
  paths: ["/v1/**"],
  upstream: undefined,
  purpose: "inference",
  why: undefined,
} as const;
const own = { ...grant, id: "user:network.allow[0]" };
const builtIn = { ...grant, id: "profile:pi.hosts[0]", host: { kind: "suffix", suffix: ".built.example" } } as const;

const policy: Policy = {
  mode: "enforce",
  require: "full",
  acceptGrades: ["full"],
  edits: "live",
  files: {
    write: ["/w"],
    read: ["/home/me/.gitconfig", "/w/deep", "/opt", "/opt/x"],
    hide: [],
    mask: [],
    toolchains: [],
    rules: { "read:/home/me/.gitconfig": "user:files.read[0]" },
  },
  network: [own, builtIn],
  registries: [],
  publish: [],
  services: [],
  credentials: [],
  logins: [],
  commands: { ask: [], deny: [] },
  tools: {},
  proxy: undefined,
  signing: undefined,
  purposes: [],
  layers: [],
  sha256: sha256(""),
  unenforced: [],
  requested: [notice("asked.example"), notice("/etc/asked")],
  voided: [notice("*.void.example"), notice(undefined)],
  untrusted: [],
  origins: { "user:network.allow[0]": place, "user:files.read[0]": place },
};
const told = (what: string, given: Policy = policy) => explain(given, what, { workspace: "/w", home: "/home/me" });

void test("a granted host: the rule, its line, and that taking it out changes it", () => {
  const explained = told("api.example:8443");
  assert.deepEqual(
    [explained?.subject, explained?.answer, explained?.rule, explained?.place],
    ["api.example:8443", "allowed", "user:network.allow[0]", place],
  );
  assert.deepEqual(explained?.change, { kind: "remove", place });
});

void test("a refused host: the exact lines that would grant it, with its port where it is unusual", () => {
  assert.deepEqual(told("x.example")?.change, { kind: "add", yaml: 'network:\n  allow:\n    - { host: "x.example" }' });
  assert.deepEqual(told("x.example:443")?.change, told("x.example")?.change);
  assert.deepEqual(told("x.example:80")?.change, told("x.example")?.change);
  assert.deepEqual(told("x.example:22")?.change, {
    kind: "add",
    yaml: 'network:\n  allow:\n    - { host: "x.example", ports: [22] }',
  });
  assert.deepEqual(
    [told("x.example")?.answer, told("x.example")?.rule, told("x.example")?.place],
    ["refused", "default", undefined],
  );
});

void test("a profile's grant has no line: one's own words would replace it", () => {
  assert.equal(told("a.built.example")?.change.kind, "narrow");
});

void test("lines that speak of it and do not count are shown", () => {
  assert.deepEqual(
    told("a.void.example")?.silent.map(({ id }) => id),
    ["user:x.*.void.example"],
  );
  assert.deepEqual(
    told("asked.example")?.silent.map(({ id }) => id),
    ["user:x.asked.example"],
  );
  assert.deepEqual(
    told("/etc/asked/deep")?.silent.map(({ id }) => id),
    ["user:x./etc/asked"],
  );
});

void test("a URL is judged with its method and path, as it would be sent", () => {
  assert.equal(told("POST https://api.example/v1/messages?beta=1")?.answer, "allowed");
  assert.match(told("https://api.example/v1/messages")?.reason ?? "", /not GET \/v1\/messages/);
  assert.match(told("POST https://api.example/v1/../admin")?.reason ?? "", /ambiguous/);
  const change = told("http://x.example:8080/a")?.change;
  assert.deepEqual(change, {
    kind: "add",
    yaml: 'network:\n  allow:\n    - { host: "x.example", ports: [8080], methods: [GET], paths: ["/a"] }',
  });
  assert.match(JSON.stringify(told("http://x.example")?.change), /paths: \[\\"\/\\"\]/);
  assert.equal(told("https://[::1]/")?.answer, "refused");
  assert.equal(told("https://a b/"), undefined);
  assert.equal(told("https:///"), undefined);
  assert.equal(told("https://a_b!/"), undefined);
});

void test("a host with a path is a URL without its scheme; a relative path is a path", () => {
  const asked = told("POST api.example/v1/x");
  assert.deepEqual([asked?.subject, asked?.answer], ["POST https://api.example/v1/x", "allowed"]);
  assert.equal(told("api.example/v1/x")?.answer, "refused", "GET is not granted");
  assert.equal(told("api.example:8443/v1/x")?.subject, "GET https://api.example:8443/v1/x");
  assert.equal(told("src/new.ts")?.subject, "/w/src/new.ts");
});

void test("audit says that enforce would refuse, and gives the lines all the same", () => {
  const explained = told("x.example", { ...policy, mode: "audit" });
  assert.deepEqual([explained?.answer, explained?.rule, explained?.change.kind], ["allowed", "audit", "add"]);
});

void test("a path: writable, readable, or absent, by its narrowest grant", () => {
  assert.deepEqual([told("./src/a.ts")?.answer, told("src/a.ts")?.subject], ["writable", "/w/src/a.ts"]);
  assert.deepEqual([told("/w/deep/x")?.answer, told("/w/deep/x")?.rule], ["writable", "default"]);
  assert.deepEqual(
    [told("~/.gitconfig")?.answer, told("~/.gitconfig")?.place, told("~/.gitconfig")?.change],
    ["readable", place, { kind: "remove", place }],
  );
  assert.deepEqual(
    [told("~/.ssh")?.answer, told("~/.ssh")?.change],
    ["absent", { kind: "add", yaml: 'files:\n  read: ["/home/me/.ssh"]' }],
  );
  assert.equal(told("/w")?.change.kind, "narrow");
  assert.equal(told("/opt/x/y")?.reason, "it lies in /opt/x");
});

void test("a path that is hidden or masked, also where nothing lies there yet", () => {
  const rules = { ...policy.files.rules, "hide:secrets/**": "user:files.hide[0]" };
  const hiding = { ...policy, files: { ...policy.files, hide: ["secrets/**"], mask: [".env"], rules } };
  assert.deepEqual(
    ["secrets/a", "./a/.env", "/w/secrets", "src/a.ts"].map((path) => told(path, hiding)?.answer),
    ["hidden", "masked", "hidden", "writable"],
  );
  assert.deepEqual(
    [told("secrets/a", hiding)?.rule, told("secrets/a", hiding)?.reason],
    ["user:files.hide[0]", "secrets/** hides it"],
  );
});

void test("what is none of these is not explained", () => {
  assert.equal(told("git push"), undefined);
  assert.equal(told("a b"), undefined);
  assert.equal(told("é"), undefined);
});

test("the loopback of this machine is reached from inside as a service, not as a host", () => {
  for (const [what, address] of [
    ["localhost:5432", "localhost:5432"],
    ["127.0.0.1:6379", "127.0.0.1:6379"],
    ["::1", "[::1]:5432"],
  ] as const) {
    const told = explain(policy, what, { workspace: "/w", home: "/home/me" });
    assert.equal(told?.answer, "refused");
    assert.deepEqual(told?.change, { kind: "add", yaml: `network:\n  services: ["${address}"]` });
  }
});

void test("a path that is not there: unless it belongs to a toolchain, which is found when a tool is started", () => {
  const files = { ...policy.files, toolchains: ["rust", "go"] as const };
  const reason = explain({ ...policy, files }, "~/.ssh", { workspace: "/w", home: "/home/me" })?.reason;
  assert.equal(reason, "nothing is there inside but what is granted, and what is found here of rust, go");
});

test("git: a push over https, a remote over ssh", () => {
  const ids = { https: "user:network.allow[7]", ssh: "user:network.allow[8]" };
  const own = { methods: undefined, upstream: undefined, purpose: "other", why: undefined, push: "ask" } as const;
  const host = { kind: "exact", name: parseHost("git.example") ?? assert.fail() } as const;
  const network = [
    { ...own, id: ids.https, host, ports: [443], protocol: "http", paths: undefined },
    {
      ...own,
      id: ids.ssh,
      host,
      ports: [22],
      protocol: "ssh",
      paths: ["/team/**"],
      ssh: { user: "git", key: undefined },
    },
  ] as const;
  const ask = (what: string) => explain({ ...policy, network }, what, { workspace: "/w", home: "/home/me" });
  assert.deepEqual(
    ["POST", "GET"].map((method) => ask(`${method} https://git.example/a/git-receive-pack`)?.answer),
    ["asked", "allowed"],
  );
  for (const what of [
    "git@git.example:team/one.git",
    "ssh://git@git.example/team/one.git",
    "ssh://git.example:22/team/one.git",
  ]) {
    const { answer, rule, reason } = ask(what) ?? {};
    assert.deepEqual([answer, rule, reason], ["allowed", ids.ssh, "granted: a fetch; a push is asked about"]);
  }
  const other = ask("ssh://me@git.example:2222/~/other/two.git");
  const yaml =
    'network:\n  allow:\n    - { host: "git.example", protocol: ssh, ports: [2222], user: me, paths: ["/~/other/two.git"] }';
  assert.deepEqual([other?.answer, other?.change], ["refused", { kind: "add", yaml }]);
});
