// A conversation that grows while files become known: what is told of each body is what a desk tells that has seen nothing before it.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Host } from "../../domain/brand.ts";
import type { Inquiry } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import { keyHashes } from "../../inspection/source/keyed.ts";
import { madeLines } from "../../inspection/source/made-source.ts";
import { printOf } from "../../inspection/source/print.ts";
import { openSourceDesk, type Told } from "../sources/desk.ts";
import { openDesk } from "./desk.ts";

const texts = Array.from({ length: 6 }, (_, seed) => madeLines(seed + 1, 40).join("\n"));
const key = Buffer.alloc(32, 7);
const keyed = keyHashes(key);
const file = (at: number): Told => {
  const place = { path: `/work/${at}.ts`, relative: `${at}.ts`, label: "workspace", labels: [] };
  return { kind: "file", ...place, first: true, print: printOf(place.path, Buffer.from(texts[at] ?? ""), keyed) };
};

function inquiry(results: readonly string[]): Inquiry {
  const messages = results.map((content) => ({
    role: "user",
    content: [{ type: "tool_result", tool_use_id: "t", content }],
  }));
  const head = { method: "POST", target: "/v1/messages", headers: ["Content-Type", "application/json"] };
  const body = Buffer.from(JSON.stringify({ model: "m", max_tokens: 1, messages }));
  return { form: "request", head, host: "api.example.com" as Host, body };
}

test("files that are told between two bodies are found in what was said before them", () => {
  const opened = () => openDesk({ known: [], compared: true, key, rules: undefined });
  const growing = opened();
  for (let turn = 1; turn <= texts.length; turn += 1) {
    // its text was said before, or will be
    const told = file(texts.length - turn);
    growing.take(told);
    const { sources } = growing.look(inquiry(texts.slice(0, turn)));
    const fresh = opened();
    for (let at = texts.length - turn; at < texts.length; at += 1) fresh.take(file(at));
    assert.deepEqual(sources, fresh.look(inquiry(texts.slice(0, turn))).sources);
    assert.equal(sources?.lines.length, Math.max(0, 2 * turn - texts.length));
  }
});

test("a dependency that is told later is found in what was said before it, and gone again", () => {
  const desk = openDesk({ known: [], compared: false, rules: undefined });
  const octets = Buffer.from(texts[0] ?? "");
  const dependency = { path: "/work/node_modules/a/README.md", group: "/work/node_modules/a" };
  const marks = () => desk.look(inquiry(texts)).untrusted?.counts.dependency;
  assert.deepEqual([marks(), marks()], [0, 0]);
  desk.take({ kind: "dependency", ...dependency, code: false, octets });
  assert.deepEqual([marks(), marks()], [1, 1]);
  desk.take({ kind: "dependency gone", ...dependency });
  assert.deepEqual([marks(), marks()], [0, 0]);
});

const hash = (text: string): string => createHmac("sha256", "key").update(text).digest("base64");
const span = (text: string, role: Span["role"] = "result"): Span => ({
  role,
  kind: "text",
  place: { from: 0, to: text.length, escaped: false },
  text,
  path: "",
  fixed: false,
});

test("bodies that grow, are cut and go on otherwise: of each is told what a desk tells that has seen none before", () => {
  const opened = () => {
    const desk = openSourceDesk({ key, hash, open: () => [] });
    for (const at of texts.keys()) desk.take(file(at));
    return desk;
  };
  const piece = fc.record({
    text: fc.nat({ max: texts.length - 1 }),
    from: fc.nat({ max: 30 }),
    lines: fc.integer({ min: 4, max: 12 }),
    role: fc.constantFrom<Span["role"]>("result", "person", "assistant"),
  });
  const made = piece.map(({ text, from, lines, role }) =>
    span((texts[text]?.split("\n") ?? []).slice(from, from + lines).join("\n"), role),
  );
  const body = fc.tuple(fc.nat({ max: 12 }), fc.array(made, { maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(body, { minLength: 2, maxLength: 8, size: "max" }), (bodies) => {
      const desk = opened();
      let spans: readonly Span[] = [];
      for (const [kept, more] of bodies) {
        spans = [...spans.slice(0, kept), ...more];
        const told = desk.look(spans, "one");
        assert.deepEqual(told, opened().look(spans, "one"));
      }
    }),
    { numRuns: 30 },
  );
});

test("a text is looked at again where another stands before it, though it is the same itself", () => {
  const opened = () => {
    const desk = openSourceDesk({ key, hash, open: () => [] });
    desk.take(file(0));
    return desk;
  };
  const [first, second] = [texts[0]?.slice(0, 60) ?? "", texts[0]?.slice(60, 120) ?? ""];
  // only with what stood before it is a passage of the file in it
  const [other, half, behind] = [span("nothing of any file, and long enough"), span(first), span(second)];
  const desk = opened();
  const alone = desk.look([other, behind], "one").lines;
  const together = desk.look([half, behind], "one").lines;
  assert.notDeepEqual(together, alone);
  assert.deepEqual(together, opened().look([half, behind], "one").lines);
  assert.deepEqual(desk.look([other, behind], "one").lines, alone);
});

test("a hash of a file that is known twice has the labels of both, however often it is said", () => {
  const desk = openSourceDesk({ key, hash, open: () => [] });
  const taken = file(0);
  assert.ok(taken.kind === "file");
  desk.take({ ...taken, labels: ["restricted"] });
  desk.take({ ...taken, labels: ["other"], first: false });
  const digest = createHash("sha256")
    .update(texts[0] ?? "")
    .digest("hex");
  const [one, again, behind] = [digest, `${digest} again`, "something else that is said"].map((text) => span(text));
  assert.ok(one !== undefined && again !== undefined && behind !== undefined);
  for (const spans of [[one], [one, again], [one, behind], [one]]) {
    const told = desk.look(spans, "one").hashes;
    assert.deepEqual(
      told.map(({ labels }) => labels),
      [["other", "restricted"]],
    );
  }
});
