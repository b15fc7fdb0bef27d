// How a session ends, as the caller's shell sees it and as the summary tells it; and that the summary is what its page
// says. Needs the boundary's tools.

import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const bash = (script: string): readonly string[] => ["bash", "-c", script];

const cases: readonly [name: string, command: readonly string[], code: number, reason: string][] = [
  ["its own code", bash("exit 7"), 7, "ended by itself"],
  ["its own 125", bash("exit 125"), 125, "ended by itself"],
  ["a command that Debian leads through /etc/alternatives", ["awk", "BEGIN { exit 3 }"], 3, "ended by itself"],
  ["SIGTERM", bash("kill -TERM $$"), 143, "ended by signal 15"],
  ["SIGKILL", bash("kill -KILL $$"), 137, "ended by signal 9"],
  ["a child left behind", bash("sleep 600 & exit 3"), 3, "ended by itself"],
];

test("real boundary: the tool's own end is the caller's, and the summary says whose it was", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  for (const [name, command, code, reason] of cases) {
    const ran = await stage.run(command);
    assert.equal(ran.code, code, `${name}: ${ran.errors}`);
    assert.deepEqual(ran.summary?.exit, { code, by: "tool", reason }, name);
  }
  const stops = (await stage.log()).filter((entry) => entry.kind === "session.stop");
  assert.deepEqual(
    stops.map((entry) => entry.counts["exit-code"]),
    cases.map(([, , code]) => code),
  );
});

test("what cannot be run is 126 or 127, and nothing ran", { timeout: 60_000 }, async () => {
  using stage = new Stage({ files: { "plain.txt": "text\n", "lost.sh": "#!/nonexistent/interpreter\n" } });
  chmodSync(`${stage.work}/lost.sh`, 0o755);
  const refused: readonly [readonly string[], number, RegExp][] = [
    [["no-such-command-anywhere"], 127, /^postern: .*no-such-command-anywhere.*\npostern: hint: /],
    [["./lost.sh"], 127, /^postern: .*nonexistent.interpreter.*\npostern: hint: /],
    [["./plain.txt"], 126, /^postern: .*\npostern: hint: /],
    [["/"], 126, /^postern: .*\npostern: hint: /],
  ];
  for (const [command, code, says] of refused) {
    const ran = await stage.run(command);
    assert.deepEqual([ran.code, ran.output, ran.summary], [code, "", undefined], `${command[0]}: ${ran.errors}`);
    assert.match(ran.errors, says);
  }
});

/** Field → the names its page lists for it, where it lists any. */
function readFields(page: string): ReadonlyMap<string, readonly string[] | undefined> {
  const rows = [...page.matchAll(/^\| (`[^|]*`) \| (.*) \|$/gm)];
  return new Map(
    rows.flatMap(([, names = "", text = ""]) => {
      const parts = /`\{([a-zA-Z0-9, ]+)\}`/.exec(text)?.[1]?.split(", ");
      return names.split(", ").map((name) => [name.replaceAll("`", ""), parts] as const);
    }),
  );
}

test("real boundary: the summary holds what its page says, and adds up", {
  skip: withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ files: { "a.txt": "one\n", "CLAUDE.md": "be good\n" }, git: true });
  const script = [
    "echo two > a.txt; echo new > b.txt; mkdir .husky; echo x > .husky/pre-commit",
    "curl -s http://10.1.2.3/ http://10.1.2.3/again; curl -s http://stranger.example.org/",
    "(exec 3<>/dev/tcp/10.1.2.4/25; echo EHLO >&3; read -u 3 line)",
    "exit 5",
  ];
  const ran = await stage.run(bash(script.join("\n")));
  const { summary } = ran;
  assert.ok(summary !== undefined, ran.errors);
  const fields = readFields(readFileSync(new URL("../../docs/spec/summary.md", import.meta.url), "utf8"));
  assert.ok(fields.size >= 15, "the page's table was read");
  assert.deepEqual(new Set(Object.keys(summary)), new Set(fields.keys()));
  for (const [name, parts] of fields) {
    const value: unknown = Object.entries(summary).find(([key]) => key === name)?.[1];
    if (parts !== undefined) assert.deepEqual(new Set(Object.keys(value as object)), new Set(parts), name);
    assert.notEqual(value, undefined, name);
  }
  assert.equal(summary.version, 1);
  assert.match(summary.session, /^s-[0-9A-HJKMNP-TV-Z]{8}$/);
  assert.deepEqual(
    [summary.grade, summary.mode, summary.edits, summary.workspace],
    ["full", "enforce", "live", stage.work],
  );
  // invariant 12
  assert.match(ran.errors, /^postern: .*\bboundary full\b/m);
  assert.deepEqual(new Set((await stage.log()).map((entry) => entry.grade)), new Set(["full"]));
  assert.deepEqual([summary.tool.name, summary.tool.path], ["bash", "/usr/bin/bash"]);
  assert.match(summary.tool.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(
    summary.policy.layers.map((layer) => layer.kind),
    ["user"],
  );
  assert.ok(Date.parse(summary.started) <= Date.parse(summary.ended));
  assert.deepEqual(summary.exit, { code: 5, by: "tool", reason: "ended by itself" });
  const { network } = summary;
  assert.deepEqual([network.requests, network.refused, network.connectionsRefused], [3, 4, 1]);
  assert.deepEqual([network.connections, network.bytesOut, network.bytesIn, network.overflow], [3, 0, 0, 0]);
  assert.deepEqual(network.namesRefused, ["stranger.example.org"]);
  const hosts = network.hosts.map(({ host, requests, refused }) => [host, requests, refused]);
  assert.deepEqual(hosts.slice(0, 2), [
    ["10.1.2.3", 2, 2],
    ["stranger.example.org", 1, 1],
  ]);
  assert.deepEqual(summary.files.changed, [
    { path: "a.txt", change: "modified" },
    { path: "b.txt", change: "added" },
  ]);
  assert.deepEqual(
    new Set(summary.files.held.map(({ path, state }) => `${state} ${path}`)),
    new Set(["held .git/config", "held .git/hooks", "held CLAUDE.md", "quarantined .husky"]),
  );
  assert.equal(summary.files.undo, true);
  // three requests, and a connection that was nothing that could be judged
  assert.deepEqual(summary.verdicts, { allow: 0, redact: 0, ask: 0, reroute: 0, refuse: 4 });
  const log = await stage.log();
  assert.equal(summary.ledger.entries, log.length);
  assert.equal(summary.ledger.size, log.length);
  assert.match(ran.errors, /^(?:refused {2}|lacked .* refused )3 requests, 1 connection, 1 name/m);
});

test("nobody listens to what we say: the tool's end is its own, and a listing ends quietly", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const deaf = (end: string) => ["bash", "-c", `"$@" ${end}; exit "\${PIPESTATUS[0]}"`, "bash"];
  const ran = await stage.run(bash("echo ran > canary; exit 7"), { before: deaf("2>&1 | true") });
  assert.equal(readFileSync(`${stage.work}/canary`, "utf8"), "ran\n");
  assert.deepEqual([ran.code, ran.summary?.exit.by], [7, "tool"]);
  const full = await stage.run(bash("exit 7"), { before: deaf("2>/dev/full") });
  assert.deepEqual([full.code, full.summary?.exit.by], [7, "tool"]);
  const listed = await stage.call(["log"], { before: deaf("| true") });
  assert.deepEqual([listed.code, listed.errors], [0, ""]);
  // what was asked for and could not be given is a no
  const lost = await stage.call(["verify"], { before: deaf(">/dev/full") });
  assert.equal(lost.code, 1);
  assert.match(lost.errors, /^postern: standard output cannot be written \(ENOSPC\)\npostern: hint: [^\n]+\n$/);
});
