// What the last word says, line by line, and that it stays narrow and short.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import type { Digest, SessionId } from "../domain/brand.ts";
import type { Summary } from "../session/summary.ts";
import { lastWord } from "./last-word.ts";

const plain = new PassThrough() as unknown as NodeJS.WriteStream;
const digest = "0".repeat(64) as Digest;

const quiet: Summary = {
  version: 1,
  session: "s-7Q4M2K9A" as SessionId,
  grade: "full",
  missing: [],
  lacks: [],
  bounds: [],
  workspace: "/src/shop",
  tool: { name: "pi", version: "0.73.1", path: "/opt/pi", sha256: digest },
  mode: "enforce",
  edits: "live",
  policy: { sha256: digest, layers: [] },
  started: "2026-01-05T09:00:00.000Z",
  ended: "2026-01-05T09:42:00.000Z",
  exit: { code: 0, by: "tool", reason: "ended by itself" },
  network: {
    requests: 0,
    refused: 0,
    bytesOut: 0,
    bytesIn: 0,
    connections: 0,
    connectionsRefused: 0,
    namesRefused: [],
    refusedFor: [],
    overflow: 0,
    hosts: [],
    published: [],
    unpublished: [],
  },
  commands: { run: 1, refused: 0, asked: 0, unanswered: 0, firstRefused: null },
  files: { changed: [], held: [], undo: true, staged: [], attempts: 0, firstAttempt: null, hidden: 0, masked: 0 },
  disclosures: { files: 0, lines: 0, hashes: 0, labels: {} },
  findings: { secret: 0, personal: 0, covert: 0, untrusted: 0 },
  transcript: { edited: 0, forged: 0, missing: 0, orphan: 0, before: 0, unheard: 0 },
  verdicts: { allow: 0, redact: 0, ask: 0, reroute: 0, refuse: 0 },
  ledger: { entries: 2, size: 48, root: "x", checkpoint: "" },
};

test("a quiet run", () => {
  assert.deepEqual(lastWord(quiet, plain), [
    "postern  pi 0.73.1 in shop, 42 min, ended with 0",
    "         boundary full · record sealed at 48 entries, 2 of this session",
    "left     nothing",
  ]);
});

const busy: Summary["network"] = {
  ...quiet.network,
  requests: 7,
  refused: 4,
  connectionsRefused: 1,
  namesRefused: ["a.test", "b.test"],
  hosts: [
    { host: "api.anthropic.com", requests: 5, allowed: 4, unreached: 0, refused: 1, bytesOut: 18_400, bytesIn: 4000 },
    { host: "telemetry.test", requests: 2, allowed: 0, unreached: 0, refused: 2, bytesOut: 0, bytesIn: 0 },
  ],
};
const held = [
  { path: ".husky/pre-commit", state: "quarantined" as const, whose: "husky", kept: "/s/q/s-7Q4M2K9A/0a1b/content" },
  { path: ".git/config", state: "held" as const, whose: "git" },
];
const files = {
  changed: [{ path: "src/total.ts", change: "modified" }],
  held: [],
  undo: true,
  staged: [],
  attempts: 0,
  firstAttempt: null,
  hidden: 0,
  masked: 0,
};

test("what was let go and reached nobody is told apart from what left", () => {
  const host = { host: "api.test", requests: 2, allowed: 2, unreached: 2, refused: 0, bytesOut: 0, bytesIn: 0 };
  const network = { ...quiet.network, requests: 2, hosts: [host] };
  assert.deepEqual(lastWord({ ...quiet, network }, plain).slice(2), [
    "left     nothing",
    "failed   2 requests no host was reached for: api.test",
  ]);
});

test("a line each where there are five", () => {
  assert.deepEqual(lastWord({ ...quiet, network: busy, files }, plain), [
    "postern  pi 0.73.1 in shop, 42 min, ended with 0",
    "         boundary full · record sealed at 48 entries, 2 of this session",
    "left     18 kB in 4 requests to api.anthropic.com",
    "refused  3 requests, 1 connection, 2 names: api.anthropic.com and 3 more",
    "changed  1 file: src/total.ts · postern undo s-7Q4M2K9A",
  ]);
});

test("more than five share one, each by its own word", () => {
  const network = { ...busy, published: [{ port: 3000, connections: 12, bytesOut: 48_000, bytesIn: 900 }] };
  const exit = { code: 124, by: "postern" as const, reason: "the record cannot be written, the disk is full" };
  const lines = lastWord({ ...quiet, network, files: { ...files, held }, exit }, plain);
  assert.deepEqual(lines, [
    "postern  pi 0.73.1, ended by postern (124): the record cannot be written, the d…",
    "         boundary full · record sealed at 48 entries, 2 of this session",
    "left     18 kB in 4 requests to api.anthropic.com",
    "refused  3 requests, 1 connection, 2 names · held 1 new control file · served 4…",
    "changed  1 file: src/total.ts · postern undo s-7Q4M2K9A",
  ]);
});

test("what is staged waits, and is not taken back", () => {
  const staged = [{ workspace: "/w", tree: "/s/staged/s-7Q4M2K9A-0/tree" }];
  const lines = lastWord({ ...quiet, files: { ...files, undo: false, staged } }, plain);
  assert.deepEqual(lines.slice(2), [
    "left     nothing",
    "staged   1 file, none landed yet · look: postern review s-7Q4M2K9A",
  ]);
});

test("what this machine fetched from servers inside", () => {
  const published = [
    { port: 3000, connections: 12, bytesOut: 48_000, bytesIn: 900 },
    { port: 5173, connections: 1, bytesOut: 20, bytesIn: 9 },
  ];
  const lines = lastWord({ ...quiet, network: { ...quiet.network, published } }, plain);
  assert.deepEqual(lines.slice(2), [
    "left     nothing",
    "served   48 kB to this machine: port 3000 in 12 connections and 1 more",
  ]);
});

test("what left is said, however much else was refused toward the same host, and unopened too", () => {
  const hosts = [
    { host: "api.test", requests: 1, allowed: 1, unreached: 0, refused: 2, bytesOut: 168, bytesIn: 38 },
    { host: "raw.test", requests: 0, allowed: 1, unreached: 0, refused: 0, bytesOut: 14, bytesIn: 0 },
  ];
  const network = { ...quiet.network, requests: 1, refused: 2, hosts };
  const [, , line] = lastWord({ ...quiet, network }, plain);
  assert.equal(line, "left     168 B in 1 request to api.test, 14 B unopened to raw.test");
  const many = hosts.flatMap((host) =>
    [1, 2, 3].map((at) => ({ ...host, host: `${at}.a-rather-long-name.${host.host}` })),
  );
  const [, , longer] = lastWord({ ...quiet, network: { ...network, hosts: many } }, plain);
  assert.equal(longer, "left     546 B to 6 hosts");
});

test("audit, what was lacking, and a broken record are said", () => {
  const lines = lastWord({ ...quiet, mode: "audit", lacks: ["proc", "low-ports"] }, plain);
  assert.deepEqual(lines.slice(2), [
    "left     nothing",
    "audit    what no rule allows was passed on",
    "lacked   /proc, low ports: postern doctor says why",
  ]);
  const both = lastWord({ ...quiet, mode: "audit", lacks: ["proc"], files }, plain);
  assert.equal(both[3], "audit    what no rule allows was passed on · lacked /proc");
  const broken = lastWord({ ...quiet, ledger: { entries: 7, size: 0, root: "", checkpoint: "" } }, plain);
  assert.equal(broken[1], "         boundary full · the record broke after 7 entries of this session");
});

test("commands are counted where there is more than the tool, and the first refused one is named", () => {
  const commands = { run: 2013, refused: 3, asked: 2, unanswered: 1, firstRefused: "git push\u001b[2J x" };
  const told = (more: Partial<Summary["commands"]>) =>
    lastWord({ ...quiet, commands: { ...commands, ...more } }, plain);
  assert.equal(told({})[3], "ran      2013 commands, 3 refused, 2 asked, 1 unanswered: git push\\x1b[2J x");
  assert.equal(
    told({ firstRefused: "git push ".repeat(9) })[3],
    "ran      2013 commands, 3 refused, 2 asked, 1 unanswered",
  );
  assert.equal(told({ run: 2, refused: 0, asked: 0, firstRefused: null })[3], "ran      2 commands");
  assert.deepEqual(told({ run: 1, refused: 0, asked: 0, firstRefused: null }), lastWord(quiet, plain));
});

test("whatever happened: at most five lines, of at most 80 columns", () => {
  const text = fc.string({ unit: "binary", maxLength: 90 });
  const count = fc.integer({ min: 0, max: 10 ** 9 });
  const host = fc.record({
    host: text,
    requests: count,
    allowed: count,
    unreached: count,
    refused: count,
    bytesOut: count,
    bytesIn: count,
  });
  const any = fc.record({
    tool: fc.record({ name: text, version: fc.option(text) }),
    workspace: text,
    mode: fc.constantFrom("audit" as const, "enforce" as const),
    lacks: fc.subarray(["proc" as const, "low-ports" as const]),
    exit: fc.record({ code: fc.nat(255), by: fc.constantFrom("tool" as const, "postern" as const), reason: text }),
    hosts: fc.array(host, { maxLength: 6 }),
    namesRefused: fc.array(text, { maxLength: 4 }),
    refused: count,
    overflow: count,
    ports: fc.array(fc.record({ port: fc.nat(65_535), connections: count, bytesOut: count, bytesIn: count })),
    changed: fc.array(fc.record({ path: text, change: text }), { maxLength: 6 }),
    commands: fc.record({ run: count, refused: count, asked: count, unanswered: count, firstRefused: fc.option(text) }),
    away: fc.array(fc.record({ path: text, state: fc.constant("quarantined" as const), whose: text })),
  });
  fc.assert(
    fc.property(any, ({ tool, workspace, mode, lacks, exit, changed, away, commands, ...network }) => {
      const lines = lastWord(
        {
          ...quiet,
          ...{ workspace, mode, lacks, exit, commands },
          tool: { ...quiet.tool, ...tool },
          network: { ...quiet.network, ...network, published: network.ports },
          files: { changed, held: away, undo: true, staged: [], attempts: 0, firstAttempt: null, hidden: 0, masked: 0 },
        },
        plain,
      );
      assert.ok(lines.length <= 5);
      for (const line of lines) assert.ok([...line].length <= 80, line);
      assert.ok(!/[\p{Cc}\p{Cf}]/u.test(lines.join("")));
    }),
  );
});

test("hostile names cannot steer the terminal", () => {
  const files = { ...quiet.files, changed: [{ path: "\u001b]52;c;AAAA\u0007", change: "added" }] };
  assert.ok(
    !lastWord({ ...quiet, files }, plain)
      .join("")
      .includes("\u001b"),
  );
});
