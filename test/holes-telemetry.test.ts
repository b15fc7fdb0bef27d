// Holes that others' gateways left in telemetry: a file that is named by its hash alone. Whoever has the file, or guesses its path, knows
// which it was, and nothing of its text has left. Through the real gateway; ground truth: what the server received, the files, the record.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { rootsOf } from "../src/session/sources/roots.ts";
import { assertLeaks, stand } from "./holes/stand.ts";

const text = Array.from(
  { length: 20 },
  (_, at) => `export const rate${at} = ${at * 17}.25; // of a table of ours\n`,
).join("");
const files = ["work/src/own.ts", "secret/src/rates.ts"];
const sha256 = (what: string): Buffer => createHash("sha256").update(what).digest();

interface Told {
  readonly labels?: Readonly<Record<string, { readonly hashes: number }>>;
  readonly lines: readonly unknown[];
  readonly hashes: readonly { readonly file: string; readonly kind: string; readonly labels: readonly string[] }[];
}

/** As a tool reports what it did. */
const event = (value: string): string =>
  JSON.stringify({ events: [{ name: "file_read", at: 1, properties: { ok: true, id: value, lines: 20 } }] });

/** Most gateways know what a secret looks like, and a hash is none. */
const looksForText = (body: Buffer): Buffer | undefined => (body.includes("of a table of ours") ? undefined : body);

test("[acceptance] hash-only telemetry of a protected file (SHA-256 of content, of path — absolute and relative, truncated) is found", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postern-telemetry-")));
  for (const path of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `// ${path}\n${text}`);
  }
  const secret = join(root, "secret");
  const rule = { rule: "user:protected[0]", path: secret, label: "restricted", everywhere: false };
  const policy = { files: { write: [join(root, "work")] }, protected: [rule] };
  try {
    await using it = await stand({ sources: () => rootsOf({ policy }) });
    const content = sha256(`// ${files[1]}\n${text}`);
    const [absolute, relative] = [sha256(join(secret, "src/rates.ts")), sha256("src/rates.ts")];
    const cases: readonly (readonly [what: string, body: string, kind: string, coding?: "gzip"])[] = [
      ["content", event(content.toString("hex")), "content"],
      ["content, capitals, in a query's form", `v=1&id=${content.toString("hex").toUpperCase()}`, "content"],
      ["content, base64, compressed", event(content.toString("base64")), "content", "gzip"],
      ["content, truncated", event(content.toString("hex").slice(0, 16)), "content"],
      ["absolute path", event(absolute.toString("hex")), "absolute path"],
      ["absolute path, truncated", event(absolute.toString("hex").slice(0, 20)), "absolute path"],
      ["relative path", event(relative.toString("hex")), "relative path"],
      ["relative path, truncated, base64url", event(relative.toString("base64url").slice(0, 16)), "relative path"],
    ];
    for (const [, body, , coding] of cases) {
      assertLeaks(looksForText, body, body);
      const headers = coding === undefined ? "" : "Content-Encoding: gzip\r\n";
      const octets = coding === undefined ? Buffer.from(body) : gzipSync(body);
      assert.equal((await it.send(octets, { target: "/v2/track", headers })).status, 200);
    }
    await it.send(event(sha256("another file").toString("hex")), { target: "/v2/track" });
    assert.equal(it.heard.length, cases.length + 1);
    const requests = await it.entries("request");
    for (const [at, [what, , kind]] of cases.entries()) {
      const { counts = {}, sealed = {} } = requests[at] ?? assert.fail(what);
      const { sources: told } = sealed["content"] as { readonly sources: Told };
      assert.deepEqual(
        told.hashes.map((each) => [each.file, each.kind, each.labels]),
        [[join(secret, "src/rates.ts"), kind, ["restricted"]]],
        what,
      );
      assert.deepEqual([counts["source-hashes"], counts["source-hashes.restricted"]], [1, 1], what);
      assert.deepEqual([told.lines, told.labels], [[], { restricted: { files: 0, lines: 0, hashes: 1 } }], what);
    }
    const last = requests.at(-1);
    assert.equal(last?.counts?.["source-hashes"], 0, "a hash of something else is none");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
