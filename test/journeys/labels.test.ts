// Labels after a real session: a labelled file, a file of a repository that no session shows, and the hash of another leave; the record, the
// summary and the listing say which, under which label. Ground truth: what the server received.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { host, openCollector, textOf } from "./collector.ts";
import { withoutCurl } from "./missing.ts";
import { Stage } from "./stage.ts";

const post = (what: string): string => `curl -sSf --data-binary ${what} https://${host}/collect >/dev/null`;

test("real boundary: what leaves of labelled files and of a protected repository is told, with its label", {
  skip: withoutCurl,
  timeout: 120_000,
}, async () => {
  const files = { "src/pricing/rates.ts": textOf("rate"), "src/plain.ts": textOf("plain"), "key.pem": textOf("pem") };
  using stage = new Stage({ files, git: true });
  const [secret, hashed] = [
    stage.write("secret/lib/deep.ts", textOf("deep")),
    stage.write("secret/only.ts", textOf("only")),
  ];
  stage.write(join(stage.work, "postern.yaml"), 'version: 1\nlabels:\n  keys: ["*.pem"]\n');
  await using collector = await openCollector();
  const ca = stage.write("ca.pem", collector.ca);
  const policy = {
    network: { allow: [{ host, upstream: { address: collector.address, ca } }] },
    labels: { restricted: ["src/pricing/**"] },
    protected: [{ path: join(stage.base, "secret") }],
  };
  const digest = createHash("sha256").update(realpathSync(hashed)).digest("hex").slice(0, 24);
  const lines = [
    post("@src/pricing/rates.ts"),
    post("@src/plain.ts"),
    post("@key.pem"),
    `! test -e ${secret}`,
    post('"$1"'),
    post(`id=${digest}`),
  ];
  const ran = await stage.run(["sh", "-ec", lines.join("\n"), "sh", textOf("deep")], { policy });
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual(collector.bodies, [...Object.values(files), textOf("deep"), `id=${digest}`]);

  const requests = (await stage.log()).filter(({ kind }) => kind === "request");
  const counts = requests.map((each) =>
    Object.fromEntries(Object.entries(each.counts).filter(([name, count]) => name.includes(".") && count > 0)),
  );
  assert.deepEqual(counts, [
    { "findings-source.restricted": 1, "source-lines.restricted": 20 },
    {},
    {},
    { "findings-source.protected": 1, "source-lines.protected": 20 },
    { "source-hashes.protected": 1 },
  ]);
  const sum = (files: number, lines: number, hashes: number) => ({ files, lines, hashes });
  assert.deepEqual(ran.summary?.disclosures, {
    ...sum(4, 80, 1),
    labels: { keys: sum(1, 20, 0), protected: sum(1, 20, 1), restricted: sum(1, 20, 0) },
  });

  const listed = await stage.call(["disclosures", "--json"]);
  const told = listed.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { file: string; labels: string[]; count: number; hashes: string[] });
  assert.deepEqual(
    told.map(({ file, labels, count, hashes }) => [file, labels, count, hashes]),
    [
      [realpathSync(secret), ["protected"], 20, []],
      [realpathSync(hashed), ["protected"], 0, ["absolute path sha256"]],
      [join(stage.work, "key.pem"), ["keys"], 20, []],
      [join(stage.work, "src/plain.ts"), [], 20, []],
      [join(stage.work, "src/pricing/rates.ts"), ["restricted"], 20, []],
    ],
  );
  const table = (await stage.call(["disclosures"])).output;
  assert.match(table, /20 {2}src\/pricing\/rates\.ts +restricted +collector\.example\.net/);
  assert.match(table, /20 {2}\S+secret\/lib\/deep\.ts +protected +collector/);
});

test("real boundary: how many files have which label is told; a tree that is not there begins nothing", async () => {
  using stage = new Stage({
    files: { "src/pricing/a.ts": "a\n", "src/pricing/b.ts": "b\n", "c.ts": "c\n" },
    git: true,
  });
  stage.write("secret/a.ts", "a\n");
  const configured = (tree: string): string =>
    `version: 1\nlabels:\n  restricted: ["src/pricing/**"]\nprotected:\n  - { path: ${tree}, label: others }\n`;
  const own = stage.write("home/.config/postern/policy.yaml", configured("../../../secret"));
  const secret = join(stage.base, "secret");
  const why = await stage.call(["why", "src"]);
  assert.match(why.output, /label {3}restricted, 2 files/);
  const one = await stage.call(["why", "./c.ts", "--json"]);
  assert.equal((JSON.parse(one.output) as { labels?: unknown }).labels, undefined);
  const doctor = await stage.call(["doctor", "--json"]);
  const row = doctor.output.split("\n").find((line) => line.includes('"labels"'));
  assert.equal(
    (JSON.parse(row ?? "{}") as { seen: string }).seen,
    `others 1 file, restricted 2 files, of ${secret} 1 file`,
  );
  stage.write(own, configured("../../../gone"));
  const refused = await stage.call(["run", "--", "true"]);
  assert.equal(refused.code, 125);
  assert.match(
    refused.errors,
    /policy\.yaml:5: protected names \S+\/gone, which is not there\npostern: hint: name a directory/,
  );
});
