import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { openFingerprints, type SourceFile } from "./fingerprints.ts";
import { sharers, slice } from "./limits.ts";
import { lookUp } from "./lookup.ts";
import { key, madeFile, madeLines } from "./made-source.ts";
import { openShared } from "./reading.ts";

const files = Array.from({ length: 12 }, (_, seed) => madeFile(seed, 40));
const everything = files.map(({ lines }) => lines.join("\n")).join("\n");
const opened = (some: readonly SourceFile[]) => {
  const index = openFingerprints({ key });
  for (const file of some) index.put(file);
  return index;
};
const answers = (index: ReturnType<typeof opened>, text = everything) => lookUp(index.reading(), text).found;
const some = fc.array(fc.nat({ max: files.length - 1 }), { maxLength: 12 });
const chosen = (which: readonly number[]): SourceFile[] => which.flatMap((at) => files[at] ?? []);

test("the order of adding does not matter, and adding twice is adding once", () => {
  fc.assert(
    fc.property(some, fc.array(fc.nat(), { maxLength: 12 }), (which, order) => {
      const once = chosen([...new Set(which)]);
      const otherwise = once.toSorted((a, b) => (order[once.indexOf(a)] ?? 0) - (order[once.indexOf(b)] ?? 0));
      const wanted = answers(opened(once));
      assert.equal(wanted.length, once.length);
      assert.deepEqual(answers(opened(otherwise)), wanted);
      assert.deepEqual(answers(opened([...chosen(which), ...chosen(which)])), wanted);
    }),
    { numRuns: 60 },
  );
});

test("removing a file takes all of it away and nothing else; replacing it likewise", () => {
  fc.assert(
    fc.property(some, some, some, (added, removed, replaced) => {
      const index = opened(chosen(added));
      for (const { path } of chosen(removed)) index.remove(path);
      for (const file of chosen(replaced)) index.put({ ...file, octets: Buffer.from("nothing\nof it\n") });
      const left = [...new Set(added)].filter((at) => !removed.includes(at) && !replaced.includes(at));
      assert.deepEqual(answers(index), answers(opened(chosen(left))));
      assert.equal(index.size().files, new Set([...left, ...replaced]).size);
      for (const at of left) index.remove(files[at]?.path ?? "");
      assert.deepEqual(answers(index), []);
    }),
    { numRuns: 60 },
  );
});

test("files that come and go many times over do not make the index grow", () => {
  const index = openFingerprints({ key });
  const sizes: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    for (let seed = 0; seed < 8; seed += 1) index.put({ ...madeFile(seed + round, 500), path: `${seed}.ts` });
    sizes.push(index.size().index);
  }
  assert.equal(index.size().files, 8);
  assert.ok((sizes.at(-1) ?? 0) <= (sizes[19] ?? 0) * 1.25, `${sizes[19]} and then ${sizes.at(-1)}`);
  for (let seed = 0; seed < 8; seed += 1) {
    const { lines } = madeFile(seed + 39, 500);
    const [answer, ...others] = answers(index, lines.join("\n"));
    assert.deepEqual([answer?.file, answer?.lines, others.length], [`${seed}.ts`, [[1, 500]], 0]);
  }
});

test("of too many files that share their lines the same are known, whatever order they came in", () => {
  const { octets, lines } = madeFile(77, 30);
  const same = Array.from({ length: sharers * 3 }, (_, at) => ({ path: `copy-${at}.ts`, label: "a", octets }));
  const wanted = answers(opened(same), lines.join("\n"));
  assert.equal(wanted.length, 1);
  assert.equal(wanted[0]?.also.length, sharers - 1);
  assert.deepEqual(answers(opened(same.toReversed()), lines.join("\n")), wanted);
});

test("another worker reads the same memory", async () => {
  const index = opened(files);
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { fours } = workerData.tables[0];
    parentPort.postMessage({ shared: fours.buffer instanceof SharedArrayBuffer, ones: fours.filter(Boolean).length });`;
  const worker = new Worker(program, { eval: true, workerData: index.share() });
  const told = await new Promise((done) => worker.once("message", done));
  await worker.terminate();
  assert.deepEqual(told, { shared: true, ones: index.share().tables[0]?.fours.filter(Boolean).length });
  const cloned = openShared(structuredClone(index.share()));
  assert.deepEqual(lookUp(cloned, everything).found, answers(index));
  index.put(madeFile(50, 40));
  const { lines, path } = madeFile(50, 40);
  assert.deepEqual(
    lookUp(openShared({ ...structuredClone(index.share()), tables: cloned.tables }), lines.join("\n")).found.map(
      ({ file }) => file,
    ),
    [path],
    "what was put in later stands in the memory that was shared before",
  );
});

test("any text at all: nothing is thrown, and every line named is one the file has", () => {
  const index = opened(files);
  const reading = index.reading();
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\0", "\ud800", "\\", '"', "\\u", "\\n", "→", "12:", "\r", "\n", "+", "\t"),
    fc.nat({ max: 11 }).chain((at) => fc.constantFrom(...(files[at]?.lines ?? []))),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.option(fc.uint8Array({ maxLength: 600 })), (pieces, carried) => {
      for (const joint of ["", "\n"]) {
        const { found } = lookUp(reading, pieces.join(joint), carried ?? undefined);
        for (const { file, lines, count, share } of found) {
          const known = files.find(({ path }) => path === file);
          let sum = 0;
          for (const [from, to] of lines) {
            assert.ok(from >= 1 && from <= to && to <= (known?.lines.length ?? 0));
            sum += to - from + 1;
          }
          assert.ok(sum === count && share > 0 && share <= 1);
        }
      }
    }),
    { numRuns: 400 },
  );
});

const passages = files.flatMap(({ lines }) => lines).join(" ");
const hostile: readonly [what: string, text: string][] = [
  ["one line of 10 MB", passages.repeat(Math.ceil(10_000_000 / passages.length))],
  ["one line of 10 MB, quoted", JSON.stringify(everything.repeat(Math.ceil(9_000_000 / everything.length)))],
  ["100,000 lines that are one of ours", `${files[0]?.lines[1]}\n`.repeat(100_000)],
  ["100,000 lines", madeLines(3, 100_000).join("\n")],
  ["NULs", "\0".repeat(2_000_000)],
  ["lone surrogates", "\ud800\n".repeat(500_000)],
  ["backslashes", "\\".repeat(3_000_000)],
  ["quotes", '"\\n"'.repeat(500_000)],
  ["numbers before nothing", "1:".repeat(1_500_000)],
  ["the same letter", "a".repeat(3_000_000)],
  ["paths without an end", `${"a.b/".repeat(200)}\n`.repeat(3000)],
];
for (const [what, text] of hostile)
  test(`bounded: ${what}`, { timeout: 120_000 }, () => {
    const { found, carried } = lookUp(opened(files).reading(), text);
    assert.ok(found.length <= files.length && carried.length <= 512);
    for (const { share } of found) assert.ok(share <= 1);
  });

test("a long text is looked at in pieces, and nothing is lost where it is cut", () => {
  const index = opened(files);
  const first = files[0];
  const text = first?.lines.join("\n") ?? "";
  for (const before of [slice - 2000, slice - 700, slice - 30, slice + 5]) {
    const long = `${"x y\n".repeat(before / 4)}${text}\n${"z w\n".repeat(1000)}`;
    assert.deepEqual(
      answers(index, long).map(({ file, lines }) => [file, lines]),
      [[first?.path, [[1, 40]]]],
    );
  }
});
