// An ordinary user in a place whose /proc is covered in part, as many a container's is: a session like any other, and what it
// had to do without is said wherever its grade is. Needs bubblewrap to build the place. Judged by the files, the vendor's
// log (in the demo), the summary and the record.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { asInDocker, become, enterCovered } from "../../src/boundary/linux/covered-room.ts";
import { Stage } from "./stage.ts";

/** In no account file. */
const uid = 1_234_567;

function openPlace(more: readonly string[] = []) {
  const stage = new Stage({ files: { "kept.txt": "as it was\n" }, git: true });
  if (process.getuid?.() === 0) stage.give(uid);
  return { stage, before: enterCovered(more, become(uid)), [Symbol.dispose]: () => stage[Symbol.dispose]() };
}

test("real boundary, covered /proc: a session is whole, and what it lacks is said", { timeout: 60_000 }, async () => {
  using place = openPlace();
  const { stage, before } = place;
  const script = "echo changed >kept.txt; ls /proc >listed.txt; exit 9";
  const ran = await stage.run(["sh", "-c", script], { before });
  assert.equal(ran.code, 9, ran.errors);
  const lacks = ran.summary?.lacks.filter((lack) => lack !== "memory-bound");
  assert.deepEqual([ran.summary?.grade, lacks], ["full", ["proc"]]);
  assert.match(
    ran.errors,
    /^postern: boundary full, enforce.*\npostern: lacking inside: \/proc \(postern doctor says why\)$/m,
  );
  assert.match(ran.errors, /^lacked {3}\/proc: postern doctor says why/m);
  assert.equal(readFileSync(`${stage.work}/kept.txt`, "utf8"), "changed\n");
  assert.doesNotMatch(readFileSync(`${stage.work}/listed.txt`, "utf8"), /^(?:\d+|self)$/m);
  const start = (await stage.log({ before })).find(({ kind }) => kind === "session.start");
  assert.deepEqual(start?.sealed["lacks"], ran.summary?.lacks);
  for (const words of [
    ["undo", ran.summary?.session ?? ""],
    ["verify", "--contents"],
  ])
    assert.equal((await stage.call(words, { before })).code, 0, words.join(" "));
  assert.equal(readFileSync(`${stage.work}/kept.txt`, "utf8"), "as it was\n");
});

for (const { title, more, lacking } of [
  { title: "in part", more: [], lacking: ["/proc inside"] },
  { title: "as in Docker", more: asInDocker, lacking: ["/proc inside", "low ports inside"] },
]) {
  test(`real boundary, /proc covered ${title}: the doctor says what is lacking and what gives it back`, async () => {
    using place = openPlace(more);
    const { stage, before } = place;
    const json = await stage.call(["doctor", "--json"], { before });
    assert.equal(json.code, 0, json.output);
    const checks = json.output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { name: string; ok: boolean; remedy?: string });
    assert.ok(checks.every(({ ok }) => ok));
    // whether everything inside can be bounded in memory is another matter than /proc
    const bound = "a bound on memory inside";
    const unbounded = checks.some(({ name }) => name === bound);
    const mended = checks.filter(({ name, remedy }) => remedy !== undefined && name !== bound);
    assert.deepEqual(
      mended.map(({ name }) => name),
      lacking,
    );
    for (const { remedy } of mended) assert.match(remedy ?? "", /systempaths=unconfined/);
    const told = await stage.call(["doctor"], { before });
    const all = [...lacking, ...(unbounded ? [bound] : [])];
    assert.match(told.output, /^lacking +\/proc inside +none: .*covered at \/proc\/irq/m);
    assert.ok(told.output.endsWith(`\na boundary of grade full can be built here, without: ${all.join(", ")}\n`));
  });
}

test("real boundary, covered /proc: the demo, with the published agent, proves all it claims", {
  timeout: 120_000,
}, async () => {
  using place = openPlace();
  const { code, output, errors } = await place.stage.call(["demo"], { before: place.before });
  assert.equal(code, 0, `${output}${errors}`);
  const text = Buffer.from(output, "latin1").toString();
  assert.equal(text.match(/^✓ /gm)?.length, 7, text);
  assert.doesNotMatch(text, /✗/);
});
