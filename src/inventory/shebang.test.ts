import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseShebang } from "./shebang.ts";

const cases = [
  ["\x7fELF", "none"],
  ["#!/bin/sh\n", "path /bin/sh"],
  ["#! /bin/sh -e\n", "path /bin/sh"],
  ["#!/usr/bin/env node\n", "name node"],
  ["#!/usr/bin/env -S node --no-warnings\n", "name node"],
  ["#!/usr/bin/env -S -i A=b node\n", "name node"],
  ["#!/usr/bin/env -S /opt/node/bin/node -x\n", "path /opt/node/bin/node"],
  ["#!/usr/bin/env node --flag\n", "unreadable"],
  ["#!/usr/bin/env -S 'node'\n", "unreadable"],
  ["#!node\n", "unreadable"],
  ["#!\n", "unreadable"],
  [`#!/${"x".repeat(300)}`, "unreadable"],
] as const;

test("the kernel's and env's reading of a first line", () => {
  for (const [text, wanted] of cases) {
    const read = parseShebang(Buffer.from(text));
    const said = read.kind === "path" ? ` ${read.path}` : read.kind === "name" ? ` ${read.name}` : "";
    assert.equal(read.kind + said, wanted, text);
  }
});

test("any bytes: no throw, and a path is absolute or was given to env with a slash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, marked) => {
      const read = parseShebang(Buffer.concat([Buffer.from(marked ? "#!/usr/bin/env " : ""), bytes]));
      if (read.kind === "path") assert.match(read.path, /\//);
    }),
  );
});
