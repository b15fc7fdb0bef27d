import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { parseHost } from "../../domain/brand.ts";
import type { Sources } from "../../domain/inspection.ts";
import { openInspecting } from "../inspecting/thread.ts";
import type { SourceRoot } from "./listing.ts";

/** Nothing in them is alike: of a passage that stands in many lines the first is named, and the index's key decides which passages are kept. */
const lineOf = (file: string, at: number): string => {
  const own = createHash("sha256").update(`${file} ${at}`).digest("hex");
  return `const x${own.slice(0, 20)} = "${own.slice(20, 60)}";`;
};
const textOf = (file: string, count = 40): string =>
  Array.from({ length: count }, (_, at) => `${lineOf(file, at + 1)}\n`).join("");
const linesOf = (text: string, from: number, to: number): string =>
  text
    .split("\n")
    .slice(from - 1, to)
    .join("\n");

class Bench implements AsyncDisposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-sources-")));
  readonly #inspecting = openInspecting({ known: () => [], sources: () => this.roots() });

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.put(path, text);
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  roots(): readonly SourceRoot[] {
    return [
      {
        checkout: this.root,
        tree: this.root,
        label: "workspace",
        labels: [],
        from: [""],
        below: [],
        without: [],
        store: undefined,
      },
    ];
  }

  async look(messages: readonly unknown[]): Promise<Sources> {
    const body = { model: "m", max_tokens: 1, messages };
    const head = { method: "POST", target: "/v1/messages", headers: ["Content-Type", "application/json"] };
    const host = parseHost("api.anthropic.com") ?? assert.fail("no host");
    const inspected = await this.#inspecting.inspect({
      form: "request",
      head,
      host,
      body: Buffer.from(JSON.stringify(body)),
    });
    if (inspected.kind === "failed") return assert.fail(inspected.why);
    const sources = inspected.inspection.sources ?? assert.fail("no sources");
    const short = <Named extends { readonly file: string }>(named: Named): Named => ({
      ...named,
      file: named.file.slice(this.root.length + 1),
    });
    return { ...sources, lines: sources.lines.map(short), hashes: sources.hashes.map(short) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inspecting[Symbol.asyncDispose]();
    rmSync(this.root, { recursive: true, force: true });
  }
}

const result = (text: string): unknown => ({
  role: "user",
  content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "text", text }] }],
});
const answer = (text: string): unknown => ({ role: "assistant", content: [{ type: "text", text }] });
const numbered = (text: string, from: number): string =>
  text
    .split("\n")
    .map((line, at) => `${String(from + at).padStart(6)}\t${line}`)
    .join("\n");

test("which lines of which files a request holds: plain, numbered, again, and none of what is not there", async () => {
  const [a, b] = [textOf("alpha"), textOf("beta")];
  await using bench = new Bench({ "src/a.ts": a, "src/b.ts": b, "src/c.ts": textOf("gamma") });
  const first = [result(linesOf(a, 5, 20)), result(numbered(linesOf(b, 1, 10), 1))];
  const sources = await bench.look(first);
  assert.deepEqual(
    sources.lines.map(({ file, lines, how, by, label }) => [file, lines, how, by, label]),
    [
      ["src/a.ts", [[5, 20]], "verbatim", "here", "workspace"],
      ["src/b.ts", [[1, 10]], "verbatim", "here", "workspace"],
    ],
  );
  assert.deepEqual([sources.files, sources.unread, sources.whole], [3, 0, true]);
  // the conversation goes on: what it held it holds, and more of a file joins what was there
  const second = await bench.look([...first, answer("go on"), result(linesOf(a, 21, 30))]);
  assert.deepEqual(
    second.lines.map(({ file, lines }) => [file, lines]),
    [
      ["src/a.ts", [[5, 30]]],
      ["src/b.ts", [[1, 10]]],
    ],
  );
});

test("what the model is said to have written is told apart, and what is read beside it counts", async () => {
  const text = textOf("delta");
  await using bench = new Bench({ "d.ts": text });
  const [only] = (await bench.look([answer(linesOf(text, 1, 12))])).lines;
  assert.deepEqual([only?.by, only?.lines], ["vendor", [[1, 12]]]);
  const [both] = (await bench.look([answer(linesOf(text, 1, 12)), result(linesOf(text, 8, 15))])).lines;
  assert.deepEqual([both?.by, both?.lines], ["here", [[8, 15]]]);
});

test("written in base64, split over two results, in JSON in JSON", async () => {
  const text = textOf("epsilon", 60);
  await using bench = new Bench({ "e.ts": text });
  const coded = await bench.look([result(Buffer.from(linesOf(text, 1, 20)).toString("base64"))]);
  assert.deepEqual(coded.lines[0]?.lines, [[1, 20]]);
  const half = linesOf(text, 11, 30);
  const at = Math.floor(half.length / 2);
  const split = await bench.look([result(half.slice(0, at)), result(half.slice(at))]);
  assert.deepEqual(split.lines[0]?.lines, [[11, 30]]);
  const nested = await bench.look([result(JSON.stringify({ out: JSON.stringify({ file: linesOf(text, 31, 50) }) }))]);
  assert.deepEqual(nested.lines[0]?.lines, [[31, 50]]);
});

test("hashes alone: of a content, of a path, truncated", async () => {
  const text = textOf("zeta");
  await using bench = new Bench({ "src/z.ts": text });
  const of = (what: string): string => createHash("sha256").update(what).digest("hex");
  const sources = await bench.look([
    result(`content ${of(text)}`),
    result(`path ${of("src/z.ts").slice(0, 24)}`),
    result(`absolute ${of(join(bench.root, "src/z.ts"))}`),
    result(`nothing ${of("something else")}`),
  ]);
  assert.deepEqual(sources.hashes.map(({ file, kind }) => `${file}: ${kind}`).sort(), [
    "src/z.ts: absolute path",
    "src/z.ts: content",
    "src/z.ts: relative path",
  ]);
  assert.deepEqual(sources.lines, []);
});

test("what changes and comes while the session runs is known to the requests that follow", async () => {
  await using bench = new Bench({ "src/a.ts": textOf("eta"), "src/gone.ts": textOf("theta") });
  await bench.look([result("begin")]);
  const [changed, fresh] = [textOf("iota"), textOf("kappa")];
  bench.put("src/a.ts", changed);
  bench.put("src/new.ts", fresh);
  rmSync(join(bench.root, "src/gone.ts"));
  const all = [result(linesOf(changed, 1, 10)), result(linesOf(fresh, 1, 10)), result(linesOf(textOf("theta"), 1, 9))];
  let files: string[] = [];
  // looked at again at most every two seconds, and after a request
  for (let turn = 0; turn < 40 && files.join() !== "src/a.ts,src/new.ts"; turn += 1) {
    await pause(200);
    files = (await bench.look(all)).lines.map(({ file }) => file);
  }
  assert.deepEqual(files, ["src/a.ts", "src/new.ts"]);
});

test("a directory that is led elsewhere is not followed", async () => {
  const [own, others] = [textOf("xi"), textOf("omicron")];
  await using bench = new Bench({ "src/a.ts": own });
  await using elsewhere = new Bench({ "a.ts": others });
  await bench.look([result("begin")]);
  rmSync(join(bench.root, "src"), { recursive: true });
  symlinkSync(elsewhere.root, join(bench.root, "src"));
  let files = 1;
  for (let turn = 0; turn < 40 && files > 0; turn += 1) {
    await pause(200);
    files = (await bench.look([result(linesOf(own, 1, 10))])).lines.length;
  }
  // looked at again, and what was there is gone
  assert.equal(files, 0);
  assert.deepEqual((await bench.look([result(linesOf(others, 1, 10))])).lines, []);
});

test("what installs and builds leave is not read, and what others wrote is no evidence", async () => {
  const text = textOf("lambda");
  await using bench = new Bench({
    "node_modules/p/i.js": textOf("mu"),
    "vendor/l/copied.ts": text,
    "src/copied.ts": text,
    ".git/objects/x": textOf("nu"),
  });
  const sources = await bench.look([
    result(linesOf(text, 1, 20)),
    result(linesOf(textOf("mu"), 1, 20)),
    result(linesOf(textOf("nu"), 1, 20)),
  ]);
  assert.deepEqual(sources.lines, []);
  assert.equal(sources.files, 1);
});
