import assert from "node:assert/strict";
import { test } from "node:test";
import { concealingOf, veilOfCopy } from "./conceal.ts";

const found = {
  hidden: [
    { path: "/w/sub/store/real", glob: "*.pem", directory: false },
    { path: "/elsewhere/x", glob: "*.pem", directory: false },
    { path: "/w/sub/away", glob: "sub/away/**", directory: true },
  ],
  masked: [{ path: "/w/sub/second", glob: ".env", text: "A=0\n" }],
};

void test("by globs, from the copied checkout and from the workspace around it; and by what was found", () => {
  const { veil, texts } = concealingOf("/w/sub", found, { hide: ["*.pem", "sub/away/**"], mask: [".env"], at: "sub" });
  assert.deepEqual(veil.hidden, ["store/real", "away"]);
  assert.deepEqual([...texts], [["second", "A=0\n"]]);
  const of = veilOfCopy(veil);
  const kinds = ["a.pem", "store/real", "store", "away/new", "second", "x/.env", "other"].map((path) => of(path)?.kind);
  assert.deepEqual(kinds, ["hide", "hide", undefined, "hide", "mask", "mask", undefined]);
  // nothing lay there when the copy was made
  const bare = veilOfCopy({ hide: ["sub/away/**"], mask: ["sub/*.json"], hidden: [], masked: [], at: "sub" });
  assert.deepEqual([bare("away/new")?.kind, bare("b.json")?.kind, bare("c")?.kind], ["hide", "mask", undefined]);
});
