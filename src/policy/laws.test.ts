// Invariant 7, the laws of the layers, over random policies: an untrusted repository never widens, and nobody exceeds the limits.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { parseHost } from "../domain/brand.ts";
import { matchesPath } from "./glob.ts";
import { coversHost, coversPattern, parseHostPattern } from "./host-pattern.ts";
import { grades, type Policy } from "./policy.ts";
import { readPolicy } from "./read.ts";
import { standingOf } from "./standing.ts";
import { isWithin } from "./way.ts";

const root = mkdtempSync(join(tmpdir(), "laws-"));
after(() => rmSync(root, { recursive: true }));
const workspace = join(root, "w");
mkdirSync(workspace);
const now = new Date("2026-06-01");

const hosts = [
  "a.example",
  "b.example",
  "x.a.example",
  "*.a.example",
  "*.b.example",
  "*.x.a.example",
  "api.anthropic.com",
  "10.0.0.1",
] as const;
const paths = ["/", "/v1", "/v1/messages", "/v1/messages/x", "/admin"];
const places = [".", "src", "..", "~", "~/.aws", "/opt/x"];
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const grant = fc.record({
  host: fc.constantFrom(...hosts),
  methods: maybe(fc.subarray(["GET", "POST"], { minLength: 1 })),
  paths: maybe(fc.subarray(["/v1/**", "/v1", "/**", "/v1/*"], { minLength: 1 })),
  ports: maybe(fc.subarray([443, 8443], { minLength: 1 })),
  until: maybe(fc.constantFrom("2026-01-01", "2027-01-01")),
});
const shared = {
  version: fc.constant(1),
  mode: maybe(fc.constantFrom("audit", "enforce")),
  require: maybe(fc.constantFrom(...grades)),
  edits: maybe(fc.constantFrom("live", "staged")),
  extends: maybe(fc.subarray(["pi", "codex"])),
  network: maybe(fc.record({ allow: fc.array(grant, { maxLength: 3 }) })),
  files: maybe(fc.record({ write: maybe(fc.subarray(places)), read: maybe(fc.subarray(places)) })),
  credentials: maybe(
    fc.dictionary(
      fc.constantFrom("a", "b"),
      fc.record({
        from: fc.constantFrom({ env: "A" }, { file: "~/a" }),
        to: fc.constant({ host: "a.example", header: "x-a" }),
      }),
    ),
  ),
  tools: maybe(fc.dictionary(fc.constantFrom("t", "u"), fc.record({ status: fc.constantFrom("allowed", "banned") }))),
};
const layer = fc.record(shared);
const limits = fc.record({
  mode: maybe(fc.constantFrom("audit", "enforce")),
  "accept-grades": maybe(fc.subarray([...grades], { minLength: 1 })),
  hosts: maybe(fc.subarray([...hosts])),
  credentials: maybe(fc.subarray(["env", "file"])),
  files: maybe(fc.record({ write: maybe(fc.subarray(places)), read: maybe(fc.subarray(places)) })),
});
const organisation = fc.record({ ...shared, limits: maybe(limits) });

async function read(layers: Record<"organisation" | "user" | "repository", unknown>, trusted = false): Promise<Policy> {
  const file = {
    organisation: join(root, "o.yaml"),
    user: join(root, "u.yaml"),
    repository: join(workspace, "postern.yaml"),
  };
  for (const kind of ["organisation", "user", "repository"] as const) {
    if (layers[kind] === undefined) rmSync(file[kind], { force: true });
    else writeFileSync(file[kind], JSON.stringify(layers[kind]));
  }
  const rest = {
    override: undefined,
    mode: undefined,
    edits: undefined,
    workspace,
    home: join(root, "h"),
    profile: "claude-code",
    guarded: [],
    now,
  };
  const outcome = await readPolicy({ ...file, ...rest, trusted: () => trusted });
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.policy;
}

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly port: number;
}

function allows(policy: Policy, { host, path, method, port }: Asked): boolean {
  const name = parseHost(host);
  return policy.network.some(
    (one) =>
      name !== undefined &&
      coversHost(one.host, name) &&
      one.ports.includes(port) &&
      (one.methods?.includes(method) ?? true) &&
      (one.paths?.some((glob) => matchesPath(glob, path)) ?? true),
  );
}

const names = [
  "a.example",
  "x.a.example",
  "y.x.a.example",
  "b.example",
  "z.b.example",
  "api.anthropic.com",
  "api.openai.com",
  "10.0.0.1",
];

void test("adding an untrusted repository never widens", async () => {
  await fc.assert(
    fc.asyncProperty(maybe(organisation), maybe(layer), layer, async (organisation, user, repository) => {
      const without = await read({ organisation, user, repository: undefined });
      const having = await read({ organisation, user, repository });
      for (const host of names) {
        for (const path of paths) {
          for (const [method, port] of [
            ["GET", 443],
            ["POST", 443],
            ["GET", 8443],
            ["GET", 80],
          ] as const) {
            if (allows(having, { host, path, method, port }))
              assert.ok(allows(without, { host, path, method, port }), `${method} ${host}:${port}${path}`);
          }
        }
      }
      if (without.mode === "enforce") assert.equal(having.mode, "enforce");
      if (without.edits === "staged") assert.equal(having.edits, "staged");
      assert.ok(having.acceptGrades.every((grade) => without.acceptGrades.includes(grade)));
      assert.ok(having.files.write.every((path) => without.files.write.some((holder) => isWithin(path, holder))));
      assert.ok(having.files.read.every((path) => without.files.read.some((holder) => isWithin(path, holder))));
      assert.deepEqual(having.credentials, without.credentials);
      assert.deepEqual(having.proxy, without.proxy);
      for (const tool of ["t", "u"]) {
        if (standingOf(without, tool, now).kind === "banned")
          assert.equal(standingOf(having, tool, now).kind, "banned");
      }
    }),
    { numRuns: 60 },
  );
});

void test("nobody exceeds the organisation's limits, a trusted repository neither", async () => {
  await fc.assert(
    fc.asyncProperty(organisation, maybe(layer), maybe(layer), async (organisation, user, repository) => {
      const policy = await read({ organisation, user, repository }, true);
      const { hosts, credentials, mode, files } = organisation.limits ?? {};
      const wide = hosts?.flatMap((text) => {
        const parsed = parseHostPattern(text);
        return parsed.ok ? [parsed.pattern] : [];
      });
      if (wide !== undefined)
        assert.ok(policy.network.every((one) => wide.some((pattern) => coversPattern(pattern, one.host))));
      if (credentials !== undefined)
        assert.ok(
          policy.credentials.every(({ from }) => Object.keys(from).every((kind) => credentials.includes(kind))),
        );
      if (mode === "enforce") assert.equal(policy.mode, "enforce");
      if (files?.read !== undefined && files.read.length === 0) assert.deepEqual(policy.files.read, []);
      if (files?.write !== undefined && files.write.length === 0) assert.deepEqual(policy.files.write, []);
    }),
    { numRuns: 60 },
  );
});
