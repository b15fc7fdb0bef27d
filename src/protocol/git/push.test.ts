// What a push asks for, read from its first bytes: git's own forms, whatever pieces they come in, and everything that could
// be read in two ways.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pushHead } from "../../domain/push.ts";
import { readPush } from "./http.ts";
import { PacketLines } from "./pkt-line.ts";
import { isRef, PushReader, type PushState } from "./push.ts";

const [a, b, none] = ["a".repeat(40), "b".repeat(40), "0".repeat(40)];

function line(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
}

const flush = Buffer.from("0000");
const first = (update: string, capable = " report-status side-band-64k agent=git/2.39.5"): Buffer =>
  line(`${update}\0${capable}`);
const read = (...parts: readonly (Buffer | string)[]): PushState =>
  new PushReader().add(Buffer.concat(parts.map((part) => Buffer.from(part))));
const updates = (state: PushState): unknown => (state.kind === "push" ? state.push.updates : state);

test("updates, shallow lines, deletions, options: as git writes them", () => {
  const main = { old: a, new: b, ref: "refs/heads/main" };
  assert.deepEqual(updates(read(first(`${a} ${b} refs/heads/main`), flush, "PACKxyz")), [main]);
  const two = read(
    line(`shallow ${a}`),
    first(`${a} ${b} refs/heads/main`),
    line(`${none} ${a} refs/tags/v1\n`),
    flush,
  );
  assert.deepEqual(updates(two), [main, { old: none, new: a, ref: "refs/tags/v1" }]);
  assert.deepEqual(updates(read(first(`${a} ${none} refs/heads/ö`), flush)), [
    { old: a, new: none, ref: "refs/heads/ö" },
  ]);
  const [long, other] = [a.padEnd(64, "a"), b.padEnd(64, "b")];
  assert.equal(read(first(`${long} ${other} refs/heads/main`, " object-format=sha256"), flush).kind, "push");
  const spoken = read(first(`${a} ${b} refs/heads/main`, "push-options"), flush, line("merge_request.create"), flush);
  assert.deepEqual(spoken, { kind: "push", push: { updates: [main], options: ["merge_request.create"] } });
  assert.deepEqual(read(flush), { kind: "push", push: { updates: [], options: [] } }, "a probe");
});

test("not whole yet", () => {
  for (const part of ["", "00", "0032", "0032aaaa"]) assert.equal(read(part).kind, "more");
  assert.equal(read(first(`${a} ${b} refs/heads/main`)).kind, "more");
  assert.equal(read(first(`${a} ${b} refs/heads/main`, "push-options"), flush).kind, "more");
});

const strange: Readonly<Record<string, readonly (Buffer | string)[]>> = {
  "no length": ["PACK"],
  "a delimiter": ["0001"],
  "an empty line": ["0004"],
  "a line too long": ["fff5"],
  "no capabilities": [line(`${a} ${b} refs/heads/main`), flush],
  "capabilities twice": [first(`${a} ${b} refs/heads/main`), first(`${a} ${b} refs/heads/x`), flush],
  "options announced with a value": [first(`${a} ${b} refs/heads/main`, " push-options=1"), flush, line("x"), flush],
  "options announced behind a tab": [first(`${a} ${b} refs/heads/main`, "x\tpush-options"), flush, line("x"), flush],
  "options announced behind a line feed": [first(`${a} ${b} refs/heads/main`, "x\npush-options"), flush, line("x")],
  "a line feed before the capabilities": [first(`${a} ${b} refs/heads/main\n`), flush],
  "capabilities of a shallow line": [first(`shallow ${a}`), flush],
  "a shallow line late": [first(`${a} ${b} refs/heads/main`), line(`shallow ${a}`), flush],
  "a NUL in capabilities": [line(`${a} ${b} refs/heads/main\0x\0push-options`), flush],
  "a certificate": [first("push-cert"), flush],
  "object names of two kinds": [first(`${a} ${b.padEnd(64, "b")} refs/heads/main`), flush],
  "capital digits": [first(`${a.toUpperCase()} ${b} refs/heads/main`), flush],
  "no reference": [first(`${a} ${b} HEAD`), flush],
  "a line break in a reference": [first(`${a} ${b} refs/heads/x\nrefs/heads/y`), flush],
  "no text": [line(Buffer.concat([Buffer.from(`${a} ${b} refs/heads/`), Buffer.from([0xff, 0])])), flush],
  "an option over two lines": [first(`${a} ${b} refs/heads/x`, "push-options"), flush, line("a\nb"), flush],
  "too many options": [first(`${a} ${b} refs/heads/x`, "push-options"), flush, ...Array(21).fill(line("a")), flush],
  "too many updates": [first(`${a} ${b} refs/heads/x`), ...Array(200).fill(line(`${a} ${b} refs/heads/y`)), flush],
  "too much": [
    first(`${a} ${b} refs/heads/x`, "push-options"),
    flush,
    line("o".repeat(60_000)),
    line("o".repeat(60_000)),
    line("o".repeat(60_000)),
    line("o".repeat(60_000)),
    line("o".repeat(60_000)),
  ],
};

for (const [what, parts] of Object.entries(strange))
  test(`unreadable: ${what}`, () => assert.equal(read(...parts).kind, "unreadable"));

test("a signed push is told apart; and nobody keeps more than they may", () => {
  const state = read(first("push-cert"), flush);
  assert.match(state.kind === "unreadable" ? state.reason : "", /a signed push/);
  const lines = new PacketLines(10);
  assert.deepEqual([lines.add(Buffer.from("0006a")), lines.add(Buffer.alloc(6)), lines.whole.length], [true, false, 5]);
});

test("references: what git itself accepts below refs/", () => {
  for (const name of ["refs/heads/a", "refs/for/main", "refs/heads/a-b.c/d", "refs/heads/日本"])
    assert.ok(isRef(name), name);
  const not =
    "HEAD|refs/|refs/heads/|refs//a|refs/a b|refs/a..b|refs/.a|refs/a.lock|refs/a.lock/b|refs/a~1|refs/a@{1}|refs/a.|refs/a\\b|refs/a*";
  for (const name of [...not.split("|"), "refs/a\u0007", `refs/${"a".repeat(1024)}`]) assert.ok(!isRef(name), name);
});

test("pieces change nothing; and whatever comes, it answers within its bound", () => {
  const whole = Buffer.concat([
    first(`${a} ${b} refs/heads/main`, "push-options"),
    line(`${a} ${b} refs/x`),
    flush,
    line("o"),
    flush,
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 9 }), (cuts) => {
      const places = [0, ...cuts.toSorted((x, y) => x - y), whole.length];
      const reader = new PushReader();
      let state: PushState = { kind: "more" };
      for (let at = 1; at < places.length; at += 1) state = reader.add(whole.subarray(places[at - 1], places[at]));
      assert.deepEqual(state, new PushReader().add(whole));
    }),
  );
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      flush,
      line(`${a} ${b} refs/heads/x`),
      first(`${a} ${b} refs/x`),
      first(`${a} ${b} refs/x`, "push-options"),
    ),
    fc.string().map((text) => line(text)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
      const reader = new PushReader();
      for (const part of parts) {
        const state = reader.add(part);
        if (state.kind !== "push") continue;
        assert.ok(state.push.updates.every(({ ref }) => isRef(ref)));
      }
    }),
    { numRuns: 2000 },
  );
  const endless = new PushReader();
  endless.add(first(`${a} ${b} refs/x`, "push-options"));
  endless.add(flush);
  let state: PushState = { kind: "more" };
  for (let size = 0; size <= pushHead && state.kind === "more"; size += 1000)
    state = endless.add(Buffer.alloc(1000, "fff0"));
  assert.equal(state.kind, "unreadable");
});

const type = ["Content-Type", "application/x-git-receive-pack-request"];
const head = Buffer.concat([first(`${a} ${b} refs/heads/main`), flush]);
const asked = (path: string, headers: readonly string[] = type, method = "POST") =>
  readPush({ method, path, headers, head });

test("over http: what a server could take for a push is one", () => {
  const read = asked("/team/one.git/git-receive-pack");
  assert.deepEqual([read?.kind, read?.kind === "push" && read.repository], ["push", "/team/one.git"]);
  for (const [path, headers, method] of [
    ["/one.git/git-receive-pack", []],
    ["/one.git/git-receive-pack", ["content-type", "text/plain"]],
    ["/one.git/git-receive-pack", [...type, ...type]],
    ["/one.git/git-receive-pack", [...type, "Content-Encoding", "gzip"]],
    ["/one.git/git-receive-pack", type, "PUT"],
    ["/one.git/git-receive-pack/", type],
    ["/git-receive-pack/git-receive-pack", type],
    ["/git-receive-pack", type],
    ["/one.git/git-receive-p%61ck", []],
    ["/one.git/GIT-RECEIVE-PACK", []],
    ["/one.git/other", type],
    ["/one.git/other", ["content-type", "APPLICATION/X-GIT-RECEIVE-PACK-REQUEST; a=b"]],
  ] as const)
    assert.equal(asked(path, headers, method)?.kind, "unreadable", `${method ?? "POST"} ${path}`);
  for (const [path, headers, method] of [
    ["/one.git/git-upload-pack", ["content-type", "application/x-git-upload-pack-request"]],
    ["/one.git/info/refs", [], "GET"],
    ["/one.git/git-receive-pack", [], "GET"],
    ["/v1/messages", ["content-type", "application/json"]],
  ] as const)
    assert.equal(asked(path, headers, method), undefined, path);
  const short = readPush({ method: "POST", path: "/x/git-receive-pack", headers: type, head: head.subarray(0, -1) });
  assert.equal(short?.kind, "unreadable");
});
