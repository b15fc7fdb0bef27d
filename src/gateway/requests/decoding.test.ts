// Bodies are decoded a few at once, each in its turn, whatever became of those before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { limits } from "../limits.ts";
import { type Body, ownBody } from "./body.ts";
import { lookThrough } from "./decoding.ts";

test("no more at once than the bound; all of them in the end", async () => {
  const text = Buffer.alloc(3 << 20, "abc");
  const bodies = [gzipSync(text), brotliCompressSync(text), Buffer.from("no gzip"), zstdCompressSync(text)];
  const codings = ["gzip", "br", "gzip", "zstd"];
  let [begun, most] = [0, 0];
  const seen: number[] = [];
  const one = async (at: number): Promise<string | undefined> => {
    const body = ownBody(bodies[at % 4] ?? text);
    let counted = false;
    const watched: Body = {
      ...body,
      chunks: () => {
        begun += counted ? 0 : 1;
        counted = true;
        most = Math.max(most, begun);
        return body.chunks();
      },
    };
    let size = 0;
    const look = (window: Buffer, offset: number): void => {
      size = offset + window.length;
    };
    const why = await lookThrough(watched, codings[at % 4] ?? "", look, { ...limits, decoders: 3 });
    begun -= 1;
    seen.push(size);
    return why;
  };
  const whys = await Promise.all(Array.from({ length: 24 }, (_, at) => one(at)));
  // one that is over is counted off a moment after the next has begun
  assert.ok(most >= 3 && most <= 4, `${most}`);
  assert.equal(whys.filter((why) => why === undefined).length, 18);
  assert.equal(seen.filter((size) => size === text.length).length, 18);
});
