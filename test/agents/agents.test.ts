// Every published agent completes the scripted session inside the real boundary, with live and with staged edits, in its
// bypass mode and with its own questions on as far as that works headless. Judged by what the vendor received, the files,
// the record and the summary; never by an exit code or by what the agent prints. Needs the boundary's tools, and npm to
// install the agents.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { decodeBody } from "../../src/vendor/body.ts";
import { demo } from "../../src/vendor/demo.ts";
import { lastOf, type Received } from "../../src/vendor/record.ts";
import { type Installed, install } from "./packages.ts";
import { type Played, patience, play } from "./play.ts";
import { type Agent, roster, type Way } from "./roster.ts";

interface Row {
  readonly agent: string;
  version: string;
  readonly way: string;
  live: string;
  staged: string;
  requests: string;
  refused: string;
  seconds: string;
}

const rows: Row[] = [];

for (const agent of roster)
  describe(agent.name, () => {
    let installed: Installed;
    before(
      () => {
        installed = install(agent.name);
      },
      { timeout: 600_000 },
    );
    for (const way of agent.ways) {
      const row = {
        agent: agent.name,
        version: "",
        way: way.name,
        live: "-",
        staged: "-",
        requests: "",
        refused: "",
        seconds: "",
      };
      rows.push(row);
      for (const edits of ["live", "staged"] as const)
        void test(`${agent.name}, ${way.name}, ${edits} edits`, { timeout: 2 * patience }, async () => {
          row[edits] = "failed";
          const played = await play({ agent, installed, way, edits });
          note(row, installed, played);
          const by: Agent = { ...agent, ...way.by };
          completes(played, { agent: by, way, edits });
          keepsItsKey(played, by);
          reachesNothingElse(played, { agent: by, way });
          row[edits] = "done";
        });
    }
  });

/** In no account file. */
const another = 1_234_567;
const skip = process.getuid?.() === 0 ? false : "not root: all of the above was done by an ordinary user already";
for (const agent of roster.filter(({ name }) => name === "claude-code" || name === "codex"))
  void test(`${agent.name}, started by an ordinary user (needs root to try)`, {
    skip,
    timeout: 2 * patience,
  }, async () => {
    const [way] = agent.ways;
    assert.ok(way !== undefined);
    const played = await play({ agent, installed: install(agent.name), way, edits: "live", as: another });
    completes(played, { agent, way, edits: "live" });
    keepsItsKey(played, agent);
    reachesNothingElse(played, { agent, way });
    assert.deepEqual(new Set(played.log.map(({ person }) => person)), new Set([`uid-${another}`]));
  });

void test("a key that lies inside is found, and a request to somebody else is seen: what is asserted above can fail", {
  timeout: 2 * patience,
}, async () => {
  const [agent] = roster;
  const [way] = agent?.ways ?? [];
  assert.ok(agent !== undefined && way !== undefined);
  const careless = `sk-ant-api03-${randomBytes(24).toString("hex")}`;
  const by = { ...agent, key: () => careless, refused: [] };
  const planted: Way = { ...way, by, files: { ".config/careless": careless } };
  const played = await play({ agent, installed: install(agent.name), way: planted, edits: "live" });
  assert.throws(() => keepsItsKey(played, agent), /\.config\/careless/);
  const spoken = { ...played, seen: [{ kind: "connection", ip: "192.0.2.1", port: 443 }] as const };
  assert.throws(() => reachesNothingElse(spoken, { agent, way: planted }), /nothing came to any other address/);
  const unlisted = { agent: { ...agent, refused: [["telemetry", "nobody.example"]] as const }, way: planted };
  assert.throws(() => reachesNothingElse(played, unlisted), /nobody\.example/);
  assert.throws(() => completes({ ...played, landed: "" }, { agent, way: planted, edits: "live" }));
});

after(() => console.table(rows));

interface Case {
  readonly agent: Agent;
  readonly way: Way;
}

/** Its work is done: each step was asked for in order, at the vendor, with the real key; the file is as it should be. */
function completes(played: Played, { agent, way, edits }: Case & { edits: "live" | "staged" }): void {
  const { summary, requests, told } = played;
  assert.equal(summary?.exit.by, "tool", told);
  assert.deepEqual([summary.grade, summary.edits, summary.mode], ["full", edits, "enforce"]);
  if (way.script === undefined) assert.equal(summary.tool.name, agent.name);
  assert.equal(played.landed, demo.mended.text, told);
  assert.equal(played.edited, edits === "live" ? demo.mended.text : demo.files[demo.mended.path]);
  assert.deepEqual(
    summary.files.changed.map(({ path }) => path),
    [demo.mended.path],
  );
  const [header, scheme] = agent.header;
  for (const { target, headers, body } of requests.filter((one) => agent.hello?.test(one.target))) {
    assert.ok(!headers.some((word) => word.includes(played.key)), `the real key at ${target}`);
    assert.equal(body.length, 0, target);
  }
  for (const request of requests.filter(({ target }) => agent.hello?.test(target) !== true)) {
    assert.match(request.target, agent.target);
    assert.equal(lastOf(request.headers).get(header), scheme + played.key, "the real key, where inference is");
    assert.ok(request.status === 200 || request.status === 101, `${request.status}`);
    assert.equal(request.protocol, way.protocol ?? "http/1.1");
    if (request.method === "POST") assert.equal(lastOf(request.headers).get("content-encoding"), way.encoding);
  }
  const bodies = requests.map(textOf);
  const [red, green] = ["FAIL 500 g: 550, not 390", "ok   500 g: 390"].map((line) =>
    bodies.findIndex((body) => body.includes(line)),
  );
  assert.ok(requests.length > demo.script.steps.length, `${requests.length} requests`);
  assert.ok(red !== undefined && green !== undefined && red > 0 && green > red, `${red} before ${green}`);
}

function textOf({ body, headers }: Received): string {
  return decodeBody(body, lastOf(headers).get("content-encoding"))?.toString() ?? "";
}

/** Neither memory nor environment nor any file inside holds it, nor anything that is left on the disk. */
function keepsItsKey({ looked, key, kept, requests, told }: Played, agent: Agent): void {
  assert.ok(looked !== undefined, `the last step's result never reached the vendor\n${told}`);
  assert.deepEqual([looked.found, kept], [[], []]);
  assert.ok(looked.sound && looked.processes > 0, "the search finds what is there");
  assert.match(looked.placeholder, /postern[0-9a-f]{48}$/);
  assert.notEqual(looked.placeholder, key);
  assert.ok(!looked.users.includes(0), `users ${looked.users.join()}`);
  assert.ok(!told.includes(key));
  for (const { body } of requests) assert.ok(!body.includes(looked.placeholder), agent.name);
}

/** Every request that left is on the record first, and what it asks for beside inference is refused, and listed by purpose. */
function reachesNothingElse({ log, requests, seen, summary, told }: Played, { agent, way }: Case): void {
  assert.deepEqual(seen, [], "nothing came to any other address");
  const entered = log.filter(({ kind }) => kind === "request");
  assert.deepEqual([...new Set(entered.map(({ sealed }) => sealed["host"]))], agent.hosts);
  assert.equal(entered.length, requests.length, told);
  assert.equal(log.filter(({ kind }) => kind === "credential").length, 1);
  const refused = summary?.network.refusedFor.flatMap(({ purpose, hosts }) =>
    hosts.map((host) => `${purpose} ${host}`),
  );
  for (const [purpose, host] of [...agent.refused, ...(way.refused ?? [])])
    assert.ok(refused?.includes(`${purpose} ${host}`), `${purpose} ${host} in ${refused?.join()}`);
  // the profile knows them all, but for the repository's own and package registries
  if (way.script !== undefined) return;
  const unknown = refused?.filter((one) => /^other (?!registry\.)/.test(one));
  assert.deepEqual(unknown, [`other ${demo.refused}`]);
}

function note(row: Row, { version }: Installed, { requests, summary, seconds }: Played): void {
  const also = (before: string, value: string): string => (before === "" ? value : `${before}, ${value}`);
  row.version = version;
  row.requests = also(row.requests, `${requests.length}`);
  const hosts = summary?.network.hosts.filter(({ refused }) => refused > 0) ?? [];
  row.refused = also(row.refused, `${hosts.length}`);
  row.seconds = also(row.seconds, seconds.toFixed(0));
}
