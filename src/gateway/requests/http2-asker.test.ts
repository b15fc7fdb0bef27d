// What a tool sends on HTTP/2 while nobody reads it is held back by its window.

import assert from "node:assert/strict";
import { test } from "node:test";
import { converse, End, nobody, request } from "../http2/dialogue.ts";
import { Http2Asker } from "./http2-asker.ts";

test("no more is sent for than the window, until somebody reads", async () => {
  const client = new End("client", { streamWindow: 100_000 });
  const server = new End("server", { streamWindow: 100_000 });
  converse(client, server);
  const stream = client.listen(client.connection.open());
  stream.head(request, nobody, false);
  converse(client, server);
  const [opened] = server.streams;
  assert.ok(opened !== undefined);
  const asker = new Http2Asker(opened, { method: "POST", length: undefined, bodiless: false });
  opened.hearer = asker;
  stream.end(Buffer.alloc(300_000), [], nobody);
  converse(client, server);
  assert.deepEqual(client.heard, []);
  let read = 0;
  const ended = new Promise((resolve) => asker.stream.once("end", resolve));
  asker.stream.on("data", (chunk: Buffer) => {
    read += chunk.length;
    // what it gives back is said to the other end, which goes on
    setImmediate(() => converse(client, server));
  });
  await ended;
  assert.deepEqual([read, asker.complete, client.heard], [300_000, true, ["1 drained", "1 said"]]);
});
