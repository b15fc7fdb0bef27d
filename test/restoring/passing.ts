// For tests: a reply through what gives placeholders back, cut anywhere.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { openPlaceholders } from "../../src/inspection/placeholders/placeholders.ts";
import { readerOf } from "../../src/protocol/streams.ts";
import { openRestoring } from "../../src/session/inspecting/restoring.ts";
import { cut } from "../conversations/written.ts";
import type { Reply } from "./replies.ts";

export const openHeld = () => openPlaceholders((text) => createHmac("sha256", "key").update(text).digest());

type Held = ReturnType<typeof openHeld>;

export function pass({ protocol, mediaType }: Reply, octets: Buffer, places: readonly number[], held: Held) {
  const restoring = openRestoring(readerOf(protocol, mediaType) ?? assert.fail(protocol), held.all);
  const passed = Buffer.concat([...cut(octets, places).map((chunk) => restoring.push(chunk)), restoring.end()]);
  return { passed, restored: restoring.restored() };
}
