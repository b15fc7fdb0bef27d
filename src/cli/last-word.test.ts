// What the last word says, line by line, and that it stays narrow and short.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Digest, SessionId } from "../domain/brand.ts";
import type { Summary } from "../session/summary.ts";
import { lastWord } from "./last-word.ts";

const plain = new PassThrough() as unknown as NodeJS.WriteStream;
const digest = "0".repeat(64) as Digest;

const quiet: Summary = {
  version: 1,
  session: "s-7Q4M2K9A" as SessionId,
  grade: "full",
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
    overflow: 0,
    hosts: [],
  },
  files: { changed: [], held: [], undo: true, staged: [] },
  verdicts: { allow: 0, redact: 0, ask: 0, reroute: 0, refuse: 0 },
  ledger: { entries: 2, size: 48, root: "x", checkpoint: "" },
};

test("a quiet run", () => {
  assert.deepEqual(lastWord(quiet, plain), [
    "postern  pi 0.73.1 in shop, 42 min, ended with 0",
    "         boundary full · record sealed to 48, 2 of this session",
    "",
    "left     nothing",
    "",
  ]);
});

test("a full run", () => {
  const hosts = [
    { host: "api.anthropic.com", requests: 5, allowed: 4, refused: 1, bytesOut: 18_400, bytesIn: 4000 },
    { host: "telemetry.test", requests: 2, allowed: 0, refused: 2, bytesOut: 0, bytesIn: 0 },
  ];
  const network = {
    ...quiet.network,
    requests: 7,
    refused: 4,
    connectionsRefused: 1,
    namesRefused: ["a.test", "b.test"],
    overflow: 4,
    hosts,
  };
  const held = [
    { path: ".husky/pre-commit", state: "quarantined" as const, whose: "husky" },
    { path: ".git/config", state: "held" as const, whose: "git" },
  ];
  const files = { changed: [{ path: "src/total.ts", change: "modified" }], held, undo: true, staged: [] };
  const exit = { code: 124, by: "postern" as const, reason: "the record cannot be written" };
  const lines = lastWord({ ...quiet, network, files, exit }, plain);
  assert.deepEqual(lines, [
    "postern  pi 0.73.1 in shop, 42 min, ended by postern (124): the record cannot be written",
    "         boundary full · record sealed to 48, 2 of this session",
    "",
    "left     18 kB in 4 requests  api.anthropic.com",
    "refused  3 requests, 1 connection, 2 names, 4 more only counted",
    "         api.anthropic.com, telemetry.test and 2 more",
    "held     1 new control file moved to quarantine  .husky/pre-commit",
    "changed  1 file  src/total.ts",
    "         take it back:  postern undo s-7Q4M2K9A",
    "",
  ]);
  assert.ok(lines.length <= 12);
  assert.ok(lines.slice(1).every((line) => line.length <= 80));
});

test("what left is said, however much else was refused toward the same host, and unopened too", () => {
  const hosts = [
    { host: "api.test", requests: 1, allowed: 1, refused: 2, bytesOut: 168, bytesIn: 38 },
    { host: "raw.test", requests: 0, allowed: 1, refused: 0, bytesOut: 14, bytesIn: 0 },
  ];
  const lines = lastWord({ ...quiet, network: { ...quiet.network, requests: 1, refused: 2, hosts } }, plain);
  assert.deepEqual(lines.slice(3, 5), ["left     168 B in 1 request  api.test", "            14 B unopened  raw.test"]);
});

test("a record that broke is not called sealed", () => {
  const lines = lastWord({ ...quiet, ledger: { entries: 7, size: 0, root: "", checkpoint: "" } }, plain);
  assert.equal(lines[1], "         boundary full · the record broke after 7 entries of this session");
});

test("hostile names cannot steer the terminal", () => {
  const files = { ...quiet.files, changed: [{ path: "\u001b]52;c;AAAA\u0007", change: "added" }] };
  assert.ok(
    !lastWord({ ...quiet, files }, plain)
      .join("")
      .includes("\u001b"),
  );
});
