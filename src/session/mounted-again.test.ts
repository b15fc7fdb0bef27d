// Which other places a mount shows a hidden file at, by tables as the kernel writes them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withMounted } from "./mounted-again.ts";

const line = (device: string, root: string, point: string): string =>
  `1 1 ${device} ${root} ${point} rw - ext4 /dev/x rw`;

const file = (path: string) => ({ path, glob: "g", directory: false });
const none = { hidden: [], masked: [], whole: [] };

const cases: readonly (readonly [what: string, table: readonly string[], hidden: string, again: readonly string[]])[] =
  [
    ["nothing is mounted twice", [line("8:1", "/", "/")], "/w/k", []],
    ["its directory", [line("8:1", "/", "/"), line("8:1", "/w/s", "/w/pub")], "/w/s/k", ["/w/pub/k"]],
    ["itself", [line("8:1", "/", "/"), line("8:1", "/w/s/k", "/w/one")], "/w/s/k", ["/w/one"]],
    ["with a space", [line("8:1", "/", "/"), line("8:1", "/w/s", "/w/a\\040b")], "/w/s/k", ["/w/a b/k"]],
    ["a part of what is hidden whole", [line("8:1", "/", "/"), line("8:1", "/w/s/in", "/w/pub")], "/w/s", ["/w/pub"]],
    [
      "the mount is meant, not what it shows",
      [line("8:1", "/", "/"), line("8:1", "/w/s", "/w/pub")],
      "/w/pub/k",
      ["/w/s/k"],
    ],
    ["on a disk of its own", [line("8:1", "/", "/w"), line("8:1", "/s", "/w/pub")], "/w/s/k", ["/w/pub/k"]],
    ["another disk", [line("8:1", "/", "/"), line("8:2", "/w/s", "/w/pub")], "/w/s/k", []],
    ["beside it", [line("8:1", "/", "/"), line("8:1", "/w/so", "/w/pub")], "/w/s/k", []],
    ["not in what is shown", [line("8:1", "/", "/"), line("8:1", "/w/s", "/far")], "/w/s/k", []],
    ["covered there", [line("8:1", "/", "/"), line("8:1", "/w/s", "/w/pub"), line("0:9", "/", "/w/pub")], "/w/s/k", []],
  ];

for (const [what, table, hidden, again] of cases)
  test(`mounted again: ${what}`, () => {
    const found = withMounted({ ...none, hidden: [file(hidden)] }, ["/w"], table.join("\n"));
    assert.deepEqual(
      found.hidden.map(({ path }) => path),
      [hidden, ...again],
    );
  });

test("a masked file is masked there too, and not where it is hidden", () => {
  const table = [line("8:1", "/", "/"), line("8:1", "/w/a", "/w/b")].join("\n");
  const masked = [{ path: "/w/a/.env", glob: ".env", text: "A=0\n" }];
  const both = withMounted({ ...none, masked }, ["/w"], table);
  assert.deepEqual(both.masked, [...masked, { ...masked[0], path: "/w/b/.env" }]);
  const one = withMounted({ ...none, masked, hidden: [file("/w/b/.env")] }, ["/w"], table);
  assert.deepEqual(one.masked, []);
  assert.deepEqual(
    one.hidden.map(({ path }) => path),
    ["/w/b/.env", "/w/a/.env"],
  );
});
