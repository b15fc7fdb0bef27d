// Invariant 11, the record of a session: its leaves hold the public fields of docs/spec/leaf.md and nothing else; no host, path, argument
// or name stands in clear anywhere in the record, yet whoever holds the keys reads them all. Needs namespaces: the person's
// and the machine's names are canaries there.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { formsOf } from "./memory.ts";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import { Stage } from "./stage.ts";

const spec = readFileSync(new URL("../../docs/spec/leaf.md", import.meta.url), "utf8");

/** The first table of the page: member → whether it may be absent. */
function readMembers(page: string): ReadonlyMap<string, boolean> {
  const table = /## 2\. Members\n([\s\S]*?)\n## /.exec(page)?.[1] ?? "";
  return new Map(
    [...table.matchAll(/^\| `([a-z]+)`(, optional)? \|/gm)].map(([, name = "", optional]) => [
      name,
      optional !== undefined,
    ]),
  );
}

const canary = (what: string): string => `canary${what}${Math.random().toString(36).slice(2, 10)}`;

const canaries = {
  user: canary("user"),
  machine: canary("machine"),
  workspace: canary("workspace"),
  argument: canary("argument"),
  variable: canary("variable"),
  granted: canary("granted"),
  refused: canary("refused"),
  path: canary("path"),
  query: canary("query"),
  header: canary("header"),
  body: canary("body"),
  reply: "answered from outside",
  file: canary("file"),
  program: canary("program"),
  credential: canary("credential"),
  why: canary("why"),
};
/** Never kept at all, not even sealed. */
const unkept = ["variable", "header", "body", "reply", "credential"];

const script = `
cp /usr/bin/curl ./${canaries.program}
export CANARY=${canaries.variable}
# by way of a file: arguments are kept, sealed, with the program that was given them
printf '%s\\n' 'header = "x-canary: ${canaries.header}"' "header = \\"x-api-key: $KEY\\"" 'data = "${canaries.body}"' > how
./${canaries.program} -sS -K how http://${canaries.granted}.example.com/${canaries.path}?${canaries.query}
curl -sS https://${canaries.refused}.example.org/${canaries.path}
(exec 3<>/dev/tcp/93.184.216.34/25; echo ${canaries.body} >&3; read -u 3 line)
mkdir -p .husky; echo ${canaries.body} > .husky/${canaries.file}; echo ${canaries.body} > ${canaries.file}
`;

const wholeRecord = (state: string): readonly [name: string, bytes: Buffer][] =>
  readdirSync(join(state, "record")).map((name) => [name, readFileSync(join(state, "record", name))]);

test("real boundary: leaves hold the public fields alone, the record nothing in clear, and its holder reads it all (needs namespaces)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async (t) => {
  using stage = new Stage({ workspace: canaries.workspace, files: { "CLAUDE.md": "be good", "run.sh": script } });
  await using outside = await openOutside({
    directory: stage.base,
    userName: canaries.user,
    hostName: canaries.machine,
    names: { [`${canaries.granted}.example.com`]: ["93.184.216.34"] },
  });
  const host = `${canaries.granted}.example.com`;
  const before = outside.enter;
  const upstream = { address: "127.0.0.1:8080" };
  const { code, output, errors, summary } = await stage.run(["bash", "run.sh", canaries.argument], {
    before,
    policy: {
      network: { allow: [{ host, upstream, why: canaries.why }] },
      credentials: { key: { from: { env: "REAL" }, to: { host, header: "x-api-key" }, as: "KEY" } },
    },
    environment: { REAL: canaries.credential },
  });
  assert.equal(code, 0, errors);
  assert.match(output, /^answered from outside\n/);

  const members = readMembers(spec);
  assert.ok(members.size >= 16, "the page's table was read");
  const database = new DatabaseSync(join(stage.state, "record/record.db"), { readOnly: true });
  const leaves = database
    .prepare("SELECT leaf FROM entry ORDER BY position")
    .all()
    .map((row) => Buffer.from(row["leaf"] as Uint8Array));
  database.close();
  assert.equal(leaves.length, summary?.ledger.size);
  for (const bytes of leaves) {
    const keys = Object.keys(JSON.parse(bytes.toString()) as object);
    assert.deepEqual(
      keys.filter((key) => !members.has(key)),
      [],
    );
    assert.deepEqual(
      [...members].flatMap(([name, optional]) => (optional || keys.includes(name) ? [] : [name])),
      [],
    );
  }

  const record = wholeRecord(stage.state);
  const ways: readonly (readonly [string, string])[] = [
    ...Object.entries(canaries),
    ["home", stage.home],
    ["address", "93.184.216.34"],
    ["directory", stage.base.split("/").at(-1) ?? ""],
  ];
  for (const [what, value] of ways) {
    for (const [form, needle] of formsOf(value)) {
      assert.ok(!leaves.some((leaf) => leaf.includes(needle)), `${what} (${form}) stands in a leaf`);
      for (const [name, bytes] of record)
        assert.ok(!bytes.includes(needle), `${what} (${form}) stands in record/${name}`);
    }
  }

  const { output: opened } = await stage.call(["log", "--json"], { before });
  for (const [what, value] of Object.entries(canaries)) {
    const kept = !unkept.includes(what);
    assert.equal(opened.includes(value), kept, what);
  }
  const log = await stage.log({ before });
  const kinds = new Set(log.map((entry) => entry.kind));
  assert.deepEqual([...kinds].toSorted(), [
    "connection",
    "control-file",
    "credential",
    "exec",
    "name",
    "refusal",
    "reply",
    "request",
    "session.start",
    "session.stop",
  ]);
  assert.deepEqual(
    new Set(log.map((entry) => `${entry.person} ${entry.host}`)),
    new Set([`${canaries.user} ${canaries.machine}`]),
  );
  const verified = await stage.call(["verify", "--contents"], { before });
  assert.equal(verified.code, 0, verified.output);
  t.diagnostic(
    `${leaves.length} leaves of ${kinds.size} kinds, ${ways.length} values in ${formsOf("x").size} forms sought in ${record.length} files`,
  );
});
