// The rest of the wire through the real boundary: HTTP/2 asked by curl, a WebSocket by the runtime's own client, a proxy by tools
// that insist on one. The measure is what servers outside received, and the record. Needs the boundary's tools; the last one namespaces.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { test } from "node:test";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { demo } from "../../src/vendor/demo.ts";
import { openVendor, vendorNames } from "../../src/vendor/server.ts";
import { withoutCurl } from "./missing.ts";
import { openOutside } from "./outside.ts";
import { type Logged, Stage } from "./stage.ts";

const host = "api.openai.com";
const key = `sk-proj-${"0123456789abcdef".repeat(3)}`;
const credentials = {
  vendor: { from: { env: "REAL" }, to: { host, header: "authorization" }, as: "OPENAI_API_KEY" },
};
const tool = (name: string, ...fields: string[]) => ({
  type: "function",
  name,
  parameters: {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field, { type: "string" }])),
    required: fields,
  },
});
const tools = [tool("read", "path"), tool("bash", "command"), tool("edit", "path", "old", "new")];

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Heard {
  readonly version: string;
  readonly headers: readonly string[];
  readonly digest: string;
}

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Hosts that are not a vendor: one that speaks HTTP/2 alone, one that never heard of it. */
async function openOthers(names: readonly [modern: string, old: string]) {
  const issued = issueForLoopback([...names]);
  const heard: Heard[] = [];
  const answer = async (request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer));
    const digest = digestOf(Buffer.concat(chunks));
    heard.push({ version: request.httpVersion, headers: request.rawHeaders, digest });
    response.end(digest);
  };
  const modern = createSecureServer(
    { cert: issued.cert, key: issued.key },
    (request, response) => void answer(request, response),
  );
  const old = createServer({ cert: issued.cert, key: issued.key, ALPNProtocols: ["http/1.1"] }, (request, response) => {
    heard.push({ version: request.httpVersion, headers: request.rawHeaders, digest: "" });
    response.end("old");
  });
  return {
    ca: issued.ca,
    heard,
    modern: await listen(modern),
    old: await listen(old),
    [Symbol.asyncDispose]: async () => {
      modern.close();
      old.closeAllConnections();
      old.close();
    },
  };
}

const spoken = (log: readonly Logged[], kind: string) => log.filter((entry) => entry.kind === kind);

test("real boundary, real curl: HTTP/2 on both sides, the key put in, large bodies whole, refusals in HTTP/2", {
  skip: withoutCurl,
  timeout: 120_000,
}, async () => {
  const ask = JSON.stringify({ model: "m", stream: true, input: "hello", tools });
  using stage = new Stage({ files: { "ask.json": ask } });
  const names = ["modern.example.com", "old.example.com"] as const;
  await using others = await openOthers(names);
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script: demo.script, key, tls });
  const ca = stage.write("others.pem", others.ca);
  const policy = {
    network: {
      allow: [
        {
          host,
          upstream: { address: vendor.address, ca: stage.write("vendor.pem", tls.ca) },
          paths: ["/v1/responses"],
        },
        { host: names[0], upstream: { address: others.modern, ca } },
        { host: names[1], upstream: { address: others.old, ca } },
      ],
    },
    credentials,
  };
  const told = "-sS --http2 -o /dev/null -w '%{http_version} %{http_code}\\n'";
  const authorized = '-H "Authorization: Bearer $OPENAI_API_KEY"';
  const script = [
    `curl ${told} https://${host}/v1/responses ${authorized} -d @ask.json`,
    `gzip -c ask.json | curl ${told} https://${host}/v1/responses ${authorized} -H 'Content-Encoding: gzip' --data-binary @-`,
    `curl ${told} https://${host}/v1/files ${authorized} -d @ask.json`,
    `curl ${told} https://${names[0]}/leak -H "X-Key: $OPENAI_API_KEY"`,
    `curl ${told} https://refused.example.com/a`,
    `curl ${told} https://${names[1]}/b`,
    `curl -sS --http2 https://${names[0]}/c -H 'X-B: 1' -H 'X-A: 2' -H 'X-B: 3'; echo`,
    "head -c 6000000 /dev/urandom > large",
    `[ "$(curl -sS --http2 https://${names[0]}/d --data-binary @large)" = "$(sha256sum < large | cut -d' ' -f1)" ] && echo whole`,
    `curl -sS --http2 --parallel --parallel-max 20 $(for i in $(seq 20); do echo -o /dev/null https://${names[0]}/many/$i; done) && echo many`,
  ];
  const { code, output, errors } = await stage.run(["bash", "-c", script.join("\n")], {
    policy,
    environment: { REAL: key },
  });
  assert.equal(code, 0, errors + output);
  const empty = digestOf(Buffer.alloc(0));
  assert.deepEqual(output.trim().split("\n"), [
    "2 200",
    "2 200",
    "2 403",
    "2 403",
    "2 403",
    "1.1 200",
    empty,
    "whole",
    "many",
  ]);

  assert.deepEqual(
    vendor.requests.map(({ protocol, status, headers }) => [
      protocol,
      status,
      headers[headers.indexOf("authorization") + 1],
    ]),
    Array.from({ length: 2 }, () => ["h2", 200, `Bearer ${key}`]),
  );
  assert.equal(vendor.requests[0]?.body.toString(), ask);
  assert.deepEqual(
    others.heard.map(({ version }) => version),
    ["1.1", ...Array(22).fill("2.0")],
  );
  const ordered = others.heard.find(({ headers }) => headers.includes("/c"))?.headers ?? [];
  assert.deepEqual(ordered.slice(ordered.indexOf("x-b")), ["x-b", "1", "x-a", "2", "x-b", "3"]);
  assert.ok(!others.heard.some(({ headers }) => headers.includes("x-key")));

  const log = await stage.log();
  const hosts = (kind: string) =>
    spoken(log, kind).map(({ sealed }) => `${String(sealed["protocol"])} ${String(sealed["host"])}`);
  assert.equal(hosts("request").filter((one) => one === `h2 ${names[0]}`).length, 22);
  assert.equal(hosts("request").filter((one) => one === `h2 ${host}`).length, 2);
  assert.deepEqual(new Set(hosts("refusal")), new Set([`h2 ${host}`, `h2 ${names[0]}`, "h2 refused.example.com"]));
  assert.equal(hosts("refusal").length, 3);
  assert.ok(!JSON.stringify(log).includes(key));
});

/** Inside: the runtime's own WebSocket client. Says what became of each step. */
const client = `
const to = (host, key) => new WebSocket("wss://" + host + "/v1/responses", { headers: { authorization: "Bearer " + key } });
const ended = (socket) => new Promise((resolve) => { socket.onclose = ({ code, reason }) => resolve(code + " " + reason); socket.onerror = () => 0; });
const key = process.env.OPENAI_API_KEY;
const ask = (socket, message) => new Promise((resolve) => {
  const events = [];
  socket.onmessage = ({ data }) => {
    events.push(JSON.parse(data));
    if (events.at(-1).type === "response.completed") resolve(events);
  };
  socket.send(JSON.stringify({ type: "response.create", model: "m", instructions: "x".repeat(5000), tools: ${JSON.stringify(tools)}, ...message }));
});
const socket = to("${host}", key);
await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = () => reject(new Error("did not open")); });
console.log("open " + socket.extensions);
const first = await ask(socket, { generate: false, input: [] });
const second = await ask(socket, { previous_response_id: first.at(-1).response.id, input: "hello" });
console.log(second.flatMap(({ item }) => item?.name ?? []).join(" "));
const closed = ended(socket);
socket.send("another's key is " + process.env.OTHER_KEY);
console.log(await closed);
console.log((await ended(to("refused.example.com", key))).split(" ")[0]);
const again = await fetch("https://refused.example.com/v1/responses", { method: "POST", body: "{}" });
console.log(again.status);
`;

test("real boundary, the runtime's WebSocket: each message on the record, one with a key in it never leaves", {
  timeout: 120_000,
}, async () => {
  using stage = new Stage({ files: { "client.mjs": client } });
  const tls = issueForLoopback(vendorNames);
  await using vendor = await openVendor({ script: demo.script, key, tls });
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", tls.ca) };
  const other = { from: { env: "REAL" }, to: { host: "other.example.com", header: "x-api-key" }, as: "OTHER_KEY" };
  const policy = { network: { allow: [{ host, upstream }] }, credentials: { ...credentials, other } };
  const { code, output, errors } = await stage.run([process.execPath, "client.mjs"], {
    policy,
    environment: { REAL: key },
  });
  assert.equal(code, 0, errors + output);
  assert.deepEqual(output.trim().split("\n"), [
    "open permessage-deflate",
    "read read",
    "1008 not permitted by the policy of this environment",
    "1006",
    "403",
  ]);

  assert.deepEqual(
    vendor.requests.map(({ protocol, status }) => [protocol, status]),
    [
      ["websocket", 101],
      ["websocket", 200],
      ["websocket", 200],
    ],
  );
  const [opening, first] = vendor.requests;
  assert.equal(opening?.headers[opening.headers.indexOf("authorization") + 1], `Bearer ${key}`);
  assert.equal((JSON.parse(first?.body.toString() ?? "") as { generate: boolean }).generate, false);

  const log = await stage.log();
  const requests = spoken(log, "request");
  const at = requests[0]?.index;
  assert.deepEqual(
    requests.map(({ sealed }) => [sealed["protocol"], sealed["opening"], sealed["message"], sealed["credentials"]]),
    [
      ["websocket", undefined, undefined, ["vendor"]],
      ["websocket", at, 1, undefined],
      ["websocket", at, 2, undefined],
    ],
  );
  // the runtime's client may open a connection more than it uses, and leave it at the end
  const judged = spoken(log, "refusal").filter(({ sealed }) => sealed["method"] !== undefined);
  const refusals = judged.map(({ sealed }) => [sealed["host"], sealed["protocol"], sealed["message"]]);
  assert.deepEqual(refusals, [
    [host, "websocket", 3],
    ["refused.example.com", "websocket", undefined],
    ["refused.example.com", undefined, undefined],
  ]);
  const [reply] = spoken(log, "reply");
  assert.deepEqual([reply?.counts["status"], reply?.counts["requests"], reply?.sealed["intent"]], [101, 3, at]);
});

test("real boundary, tools that insist on a proxy: judged as without one, and nobody asks the proxy (needs namespaces)", {
  skip: withoutCurl,
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  await using outside = await openOutside({
    directory: stage.base,
    names: { "plain.example.com": ["93.184.216.40"], "proxy.corp.example": ["93.184.216.41"] },
    certified: ["one.example.com"],
  });
  const upstream = { address: "127.0.0.1:8443", ca: stage.write("ca.pem", outside.ca) };
  const allow = [{ host: "one.example.com", upstream }, { host: "plain.example.com" }];
  const status = "-o /dev/null -w '%{http_code} %{http_connect}\\n'";
  const script = [
    "export http_proxy=http://me:secret@proxy.corp.example:8080 https_proxy=http://me:secret@proxy.corp.example:8080",
    "curl -sS https://one.example.com/1",
    "curl -sS http://plain.example.com/2?x",
    `curl -sS ${status} https://refused.example.com/3`,
    `curl -sS ${status} http://refused.example.com/4`,
    `curl -sS ${status} https://169.254.169.254/5`,
    `curl -sS ${status} -p http://one.example.com:53/6`,
    "true",
  ].join("\n");
  const { code, output, errors } = await stage.run(["bash", "-c", script], {
    before: outside.enter,
    policy: { network: { allow } },
  });
  assert.equal(code, 0, errors + output);
  assert.deepEqual(output.trim().split("\n"), [
    "answered from outside",
    "answered from outside",
    "403 200",
    "403 000",
    "403 200",
    "000 400",
  ]);

  const seen = await outside.seen();
  const requests = seen.filter((one) => one.kind === "request");
  assert.deepEqual(
    requests.map(({ port, target }) => `${port} ${target}`),
    ["8443 /1", "80 /2?x"],
  );
  assert.ok(!requests.some(({ headers }) => headers.some((part) => /^proxy-/i.test(part))));
  assert.deepEqual(
    new Set(seen.flatMap((one) => (one.kind === "question" ? [one.name] : []))),
    new Set(["plain.example.com"]),
  );
  assert.ok(!seen.some((one) => "port" in one && one.port === 8080));
  const log = await stage.log({ before: outside.enter });
  assert.ok(spoken(log, "request").every(({ sealed }) => sealed["via"] === "proxy.corp.example:8080"));
  const wire = log.filter(({ kind }) => ["connection", "request", "reply", "refusal", "name"].includes(kind));
  assert.ok(!JSON.stringify(wire).includes("secret"));
});
