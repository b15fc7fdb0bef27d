// Inside, loopback is the tool's own: its servers serve it on any port and address, a closed port is refused as anywhere,
// and what listens on the host's loopback is not there. Needs the boundary's tools, and namespaces for the world outside.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import { Stage } from "./stage.ts";

const node = process.execPath;

/** A server for each place, a client of another program for each; then ports nobody inside listens on. */
const program = `
const { createServer } = require("http"), { execFile } = require("child_process"), net = require("net"), dgram = require("dgram");
const servers = [["127.0.0.1", 3000], ["0.0.0.0", 8080], ["127.0.0.1", 443], ["0.0.0.0", 80], ["::1", 3001], ["::", 5432]];
const urls = ["127.0.0.1:3000", "localhost:3000", "127.0.0.1:8080", "127.0.0.5:8080", "127.0.0.1:443", "[::1]:3001", "localhost:5432", "127.0.0.1:80", "[::1]:5432"];
const curl = (url) => new Promise((resolve) => execFile("/usr/bin/curl", ["-sS", "http://" + url], (error, out, errors) => resolve(error ? error.code + errors : out)));
const refused = (host, port) => new Promise((resolve) => net.connect(port, host, () => resolve("OPEN")).on("error", (error) => resolve(error.code)));
(async () => {
  for (const [host, port] of servers) await new Promise((resolve) => createServer((request, response) => response.end(host + " " + port)).listen(port, host, resolve));
  for (const url of urls) console.log(url, "=", await curl(url));
  for (const host of ["127.0.0.1", "::1", "0.0.0.0"]) for (const port of [9099, 2525]) console.log(host, port, await refused(host, port));
  console.log("curl", await curl("127.0.0.1:9099/"));
  const server = dgram.createSocket("udp4").bind(5353, "127.0.0.1", () => {
    const client = dgram.createSocket("udp4");
    server.on("message", (bytes, from) => server.send("back", from.port, from.address));
    client.on("message", (bytes) => { console.log("udp", String(bytes)); process.exit(); });
    client.send("there", 5353, "127.0.0.1");
  });
})();
`;

const expected = `127.0.0.1:3000 = 127.0.0.1 3000
localhost:3000 = 127.0.0.1 3000
127.0.0.1:8080 = 0.0.0.0 8080
127.0.0.5:8080 = 0.0.0.0 8080
127.0.0.1:443 = 127.0.0.1 443
[::1]:3001 = ::1 3001
localhost:5432 = :: 5432
127.0.0.1:80 = 0.0.0.0 80
[::1]:5432 = :: 5432
127.0.0.1 9099 ECONNREFUSED
127.0.0.1 2525 ECONNREFUSED
::1 9099 ECONNREFUSED
::1 2525 ECONNREFUSED
0.0.0.0 9099 ECONNREFUSED
0.0.0.0 2525 ECONNREFUSED
`;

test("real boundary: loopback is the tool's own (needs namespaces)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async (t) => {
  using stage = new Stage({ files: { "servers.cjs": program } });
  // outside, the same ports are all taken
  await using outside = await openOutside({ directory: stage.base });
  const { code, output, errors, summary } = await stage.run([node, "servers.cjs"], { before: outside.enter });
  assert.equal(code, 0, errors);
  const [served, rest] = output.split("curl ");
  assert.equal(served, expected);
  assert.match(rest ?? "", /^7curl: \(7\) .*\nudp back\n$/s);
  assert.equal(summary?.network.connections, 0);
  const log = await stage.log();
  assert.deepEqual(
    log.map((entry) => entry.kind).filter((kind) => kind !== "exec"),
    ["session.start", "session.stop"],
  );
  assert.deepEqual(await outside.seen(), []);
  t.diagnostic(`${expected.split("=").length - 1} clients served, 7 attempts refused`);
});
