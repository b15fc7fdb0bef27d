// Gone without is only what this machine does not have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isLasting, refusal } from "./refusal.ts";

test("no such thing, and a listener that stands there already, stay so; want of memory or descriptors passes", () => {
  // ENOSYS, EINVAL, EBUSY; ENOMEM, ENFILE, EMFILE, EAGAIN, ESRCH
  for (const error of [38, 22, 16]) assert.ok(isLasting(refusal(error).message), String(error));
  for (const error of [12, 23, 24, 11, 3]) assert.ok(!isLasting(refusal(error).message), String(error));
  assert.ok(!isLasting("no watch for ia32"));
  // words of the tool's own around it are another message
  for (const words of [`x ${refusal(38).message}`, `${refusal(38).message} x`]) assert.ok(!isLasting(words), words);
});
