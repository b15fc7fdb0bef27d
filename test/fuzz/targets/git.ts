// What a push asks for, in packet lines: the same however it is cut, and written anew as git writes it read as the same; never
// a reference git itself would refuse.

import assert from "node:assert/strict";
import type { Push } from "../../../src/domain/push.ts";
import { PacketLines } from "../../../src/protocol/git/pkt-line.ts";
import { isRef, PushReader, type PushState } from "../../../src/protocol/git/push.ts";
import { latin1, pieces, type Target } from "../target.ts";

const zero = "0".repeat(40);
const one = "1".repeat(40);

function line(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

function write({ updates, options }: Push): Buffer {
  const capable = options.length > 0 ? "\0 report-status push-options" : "\0 report-status";
  const commands = updates.map(({ old, new: next, ref }, at) =>
    line(`${old} ${next} ${ref}${at === 0 ? capable : ""}`),
  );
  const words = options.length > 0 ? `${options.map(line).join("")}0000` : "";
  return Buffer.from(`${commands.join("")}0000${words}PACK`);
}

function read(bytes: Buffer, size: number): PushState {
  const reader = new PushReader();
  let state: PushState = { kind: "more" };
  for (const piece of pieces(bytes, size)) state = reader.add(piece);
  return state;
}

/** git-check-ref-format(1), said in another way. */
function mayStand(ref: string): boolean {
  const forbidden = ["..", "@{", "//", "\\", " ", "~", "^", ":", "?", "*", "["];
  return (
    ref.startsWith("refs/") &&
    !/[/.]$/.test(ref) &&
    forbidden.every((sign) => !ref.includes(sign)) &&
    [...ref].every((sign) => (sign.codePointAt(0) ?? 0) > 32 && sign !== "\x7f") &&
    ref.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"))
  );
}

/** Every other input is lines of text, and becomes packet lines: of changed lengths few are right ones. */
function framed(bytes: Buffer): Buffer {
  if (((bytes[0] ?? 0) & 1) === 0) return bytes.subarray(1);
  const lines = bytes.toString("latin1", 1).split("\n");
  return latin1(
    lines.map((text) => (text === "" ? "0000" : (text.length + 4).toString(16).padStart(4, "0") + text)).join(""),
  );
}

function check(input: Buffer): string {
  const bytes = framed(input);
  const lines = new PacketLines(1 << 16);
  assert.ok(lines.add(bytes));
  let packet = lines.next();
  let counted = 0;
  for (; packet.kind === "line" || packet.kind === "flush"; packet = lines.next())
    counted += packet.kind === "flush" ? 4 : packet.bytes.length + 4;
  assert.ok(counted <= bytes.length);
  const whole = read(bytes, bytes.length + 1);
  for (const size of [1, 9]) assert.deepEqual(read(bytes, size), whole);
  if (whole.kind !== "push") return `${packet.kind} ${whole.kind} ${whole.kind === "unreadable" ? whole.reason : ""}`;
  const { push } = whole;
  for (const { ref } of push.updates) assert.ok(isRef(ref) && mayStand(ref), `no reference: ${ref}`);
  if (push.updates.length > 0) assert.deepEqual(read(write(push), 4096), whole);
  return `push ${push.updates.length} ${push.options.length}`;
}

export const target: Target = {
  seeds: [
    ...[
      write({ updates: [{ old: zero, new: one, ref: "refs/heads/main" }], options: [] }),
      write({
        updates: [
          { old: zero, new: one, ref: "refs/heads/a" },
          { old: one, new: zero, ref: "refs/tags/v1" },
        ],
        options: ["ci.skip"],
      }),
      latin1(`${line(`shallow ${one}`)}${line(`${zero} ${one} refs/heads/x\0 a\n`)}0000`),
      latin1("0000"),
      latin1(line("push-cert\0 a")),
    ].map((bytes) => Buffer.concat([Buffer.from([0]), bytes])),
    latin1(`\x01${zero} ${one} refs/heads/a\0 push-options\n${one} ${zero} refs/heads/b\n\nci.skip\n`),
    latin1(`\x01${zero} ${one} refs/heads/a/b\0\n`),
    ...["a.lock", "a..b", ".a", "a/", "a.", "a@{b"].map((end) => latin1(`\x01${zero} ${one} refs/heads/${end}\0\n`)),
  ],
  words: [
    "0000",
    "0001",
    "0004",
    "fff0",
    line(`${zero} ${one} refs/heads/b`),
    "push-options",
    "push-options=",
    "\0",
    "refs/heads/",
    ".lock",
    "@{",
    "\u00e2\u0080\u008b",
  ],
  run: check,
};
