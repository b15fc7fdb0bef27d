// A reply of HTTP/2 that is said and not yet sent is under way: its connection makes no room for another.

import assert from "node:assert/strict";
import { connect } from "node:http2";
import { test } from "node:test";
import { openHttp2Upstream } from "../http2-rehearsal.ts";
import { grantFor, judgeFor, openStage } from "../rehearsal.ts";

const name = "api.vendor.example";

test("a slow reader gets all of its reply, however many want its place", { timeout: 30_000 }, async () => {
  const size = 12_000_000;
  await using upstream = await openHttp2Upstream(({ stream }) => {
    stream.respond({ ":status": 200 });
    stream.end(Buffer.alloc(size, "x"));
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]), limits: { connections: 1 } });
  const socket = await stage.dialTls(name, { ALPNProtocols: ["h2"] });
  const session = connect(`https://${name}`, {
    createConnection: () => socket,
    settings: { initialWindowSize: 2 ** 30 },
  });
  session.on("error", () => undefined);
  session.setLocalWindowSize(2 ** 30);
  const stream = session.request({ ":path": "/" });
  let got = 0;
  const over = Promise.withResolvers<void>();
  stream.on("error", () => undefined);
  stream.on("close", () => over.resolve());
  stream.on("data", (chunk: Buffer) => {
    got += chunk.length;
    stream.pause();
    setTimeout(() => stream.resume(), 1);
  });
  let wanted = 0;
  const others = setInterval(() => {
    wanted += 1;
    // the last ones may still be dialling when the stage closes
    stage.dial("93.184.216.34", 80).then(
      (other) => other.on("error", () => undefined).resume(),
      () => undefined,
    );
  }, 3);
  await over.promise;
  clearInterval(others);
  assert.ok(wanted > 10);
  assert.equal(got, size);
  session.destroy();
});
