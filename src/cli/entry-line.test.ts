// One line for each kind of entry, and that what is sealed cannot steer the reader's terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { entryKinds } from "../domain/entry.ts";
import type { RecordedEntry } from "../ledger/record.ts";
import { tellEntry } from "./entry-line.ts";

function entry(kind: string, sealed: RecordedEntry["sealed"], counts: Record<string, number> = {}): RecordedEntry {
  const leaf = { kind, counts } as unknown as RecordedEntry["leaf"];
  return { index: 0, leaf, sealed, person: undefined, host: undefined };
}

const verdict = (word: "ask" | "allow", { leaf, ...rest }: RecordedEntry): RecordedEntry => ({
  ...rest,
  leaf: { ...leaf, verdict: word },
});

const process = { pid: 7, executable: "/usr/bin/curl" };
const cases: readonly [string, RecordedEntry, string][] = [
  ["start", entry("session.start", { command: ["pi", "-p"], workspace: "/w" }), "pi -p in /w"],
  [
    "a start where something is lacking",
    entry("session.start", { command: ["pi"], workspace: "/w", lacks: ["proc"] }),
    "pi in /w, lacking proc",
  ],
  [
    "stop",
    entry("session.stop", { exit: { reason: "ended by itself" } }, { "exit-code": 3 }),
    "ended with 3: ended by itself",
  ],
  [
    "request",
    entry("request", { method: "POST", host: "a.test", port: 443, target: "/v1?x", process }),
    "POST a.test/v1?x  by /usr/bin/curl (7)",
  ],
  [
    "a proof",
    entry("proof", { workspace: "/w", of: "s-00000001", rows: [] }, { "rules-held": 9, "rules-open": 0 }),
    "proved in /w, by s-00000001: 9 held",
  ],
  [
    "a proof in which something did not hold",
    entry(
      "proof",
      {
        workspace: "/w",
        of: "s-00000001",
        rows: [{ outcome: "held" }, { outcome: "open", rule: "mode", tried: "a\u001b" }],
      },
      { "rules-held": 9, "rules-open": 2 },
    ),
    "proved in /w, by s-00000001: 9 held, 2 did not: mode, a\\x1b",
  ],
  [
    "another port",
    entry("request", { method: "GET", host: "a.test", port: 8443, target: "/", process: "gone" }),
    "GET a.test:8443/  by a process that is gone",
  ],
  [
    "a message on a WebSocket",
    entry("request", { method: "GET", host: "a.test", port: 443, target: "/v1", opening: 3, message: 2, process }),
    "message 2 to a.test/v1  by /usr/bin/curl (7)",
  ],
  [
    "a control frame on a WebSocket",
    entry("refusal", { method: "GET", host: "a.test", target: "/v1", frame: "ping", reason: "no", process: "gone" }),
    "ping to a.test/v1  no  by a process that is gone",
  ],
  [
    "refusal",
    entry("refusal", { method: "GET", host: "b.test", port: 80, target: "/", reason: "no rule", process }),
    "GET b.test/  no rule  by /usr/bin/curl (7)",
  ],
  [
    "reply",
    entry("reply", { intent: 4, outcome: "whole" }, { status: 200, "bytes-out": 10, "bytes-in": 2000 }),
    "200 to entry 4, 10 B out, 2.0 kB in",
  ],
  [
    "broken reply",
    entry("reply", { intent: 4, outcome: "cut off" }, { "bytes-out": 1, "bytes-in": 0 }),
    "no reply to entry 4, 1 B out, 0 B in, cut off",
  ],
  [
    "published",
    entry("connection", { carried: "published", host: "127.0.0.1", ip: "127.0.0.1", port: 3000, process }),
    "from this machine to 127.0.0.1:3000  by /usr/bin/curl (7)",
  ],
  [
    "connection",
    entry("connection", { host: "a.test", ip: "198.18.0.1", port: 443, process }),
    "a.test:443  by /usr/bin/curl (7)",
  ],
  [
    "literal",
    entry("connection", { host: "9.9.9.9", ip: "9.9.9.9", port: 25, process: "gone" }),
    "9.9.9.9:25  by a process that is gone",
  ],
  [
    "a literal of IPv6",
    entry("connection", { host: "2606:2800::1", ip: "2606:2800::1", port: 25, process: "gone" }),
    "[2606:2800::1]:25  by a process that is gone",
  ],
  [
    "datagram",
    entry("connection", { destination: { ip: "9.9.9.9", port: 123 }, process: "gone" }),
    "9.9.9.9:123  by a process that is gone",
  ],
  ["name", entry("name", { name: "c.test", process: "gone" }), "c.test  by a process that is gone"],
  ["credential", entry("credential", { credential: "anthropic", host: "a.test" }), "anthropic put in for a.test"],
  ["credential", entry("credential", { credential: "me", host: "a.test", act: "login" }), "me logged in at a.test"],
  [
    "credential",
    entry("credential", { credential: "me", host: "a.test", act: "kept" }),
    "me had been refreshed at a.test",
  ],
  ["credential", entry("credential", { credential: "me", host: "a.test", act: "toString" }), "me put in for a.test"],
  ["held", entry("control-file", { held: [1, 2] }), "2 held"],
  ["quarantined", entry("control-file", { path: ".envrc", why: "new" }), ".envrc to quarantine: new"],
  ["hidden", entry("hidden-file", { path: ".env", why: "hidden, and open would" }), ".env is hidden, and open would"],
  [
    "exec",
    entry("exec", {
      executable: "/usr/bin/git",
      arguments: ["git", "log", "a b"],
      parent: { executable: "/usr/bin/bash" },
    }),
    "git log 'a b'  /usr/bin/git, by /usr/bin/bash",
  ],
  [
    "refused exec",
    entry("exec", { executable: "/usr/bin/git", arguments: [], reason: "it is denied" }),
    "/usr/bin/git  /usr/bin/git: it is denied",
  ],
  [
    "question",
    verdict(
      "ask",
      entry("approval", { question: "q-1", effect: { executable: "/usr/bin/git", arguments: ["git", "push"] } }),
    ),
    "q-1 asked  git push",
  ],
  ["yes", verdict("allow", entry("approval", { question: "q-1", effect: { arguments: ["x"] } })), "q-1 approved  x"],
  ["no answer", entry("approval", { question: "q-1", outcome: "expired" }), "q-1 expired"],
  ["erased", entry("request", "destroyed"), "(sealed content destroyed)"],
  ["damaged", entry("request", "damaged"), "(sealed content damaged: postern verify says more)"],
];

for (const [what, given, line] of cases) test(what, () => assert.equal(tellEntry(given), line));

test("whatever is sealed, of whatever shape, is told as text", () => {
  const sealed = fc.dictionary(
    fc.constantFrom(
      "method",
      "host",
      "target",
      "reason",
      "process",
      "name",
      "command",
      "exit",
      "held",
      "path",
      "arguments",
      "effect",
      "parent",
      "executable",
      "question",
      "outcome",
    ),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...entryKinds), sealed, (kind, content) => {
      assert.doesNotMatch(tellEntry(entry(kind, content)), /[\p{Cc}\p{Cf}]/u);
    }),
  );
});
