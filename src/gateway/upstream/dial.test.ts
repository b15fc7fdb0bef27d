// Invariant 3 at the wire: what is resolved, what is dialled, whom we believe; with and without a corporate proxy.

import assert from "node:assert/strict";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { createAuthority } from "../authority/session-authority.ts";
import { limits } from "../limits.ts";
import { grantFor, host, listen, openUpstream, readUntil } from "../rehearsal.ts";
import { type DialOptions, openDial, parseAddress, type Route } from "./dial.ts";
import { bypasses, parseProxy } from "./proxy.ts";

const name = "api.vendor.example";

/** Dials by a table of names; `special` are the private addresses. */
function dialer(table: Record<string, string[]>, special: string[], more: Partial<DialOptions> = {}) {
  const asked: string[] = [];
  const dial = openDial({
    authorities: [],
    proxy: undefined,
    isSpecial: (ip) => special.includes(ip),
    resolve: async (wanted) => {
      asked.push(wanted);
      return table[wanted] ?? [];
    },
    limits: { ...limits, connect: 2000 },
    ...more,
  });
  return { dial, asked };
}

function route(port: number, more: Partial<Route> = {}): Route {
  return { scheme: "http", host: host(name), port, grant: grantFor(name), ...more };
}

/** Says hello; tells how often it was connected to. */
async function greeter(): Promise<{ port: number; count: () => number; server: Server }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.end("hello");
  });
  return { port: await listen(server), count: () => count, server };
}

test("a name that resolves to a special address is not dialled, one that also has another is dialled there", async () => {
  const { port, count, server } = await greeter();
  const table = { [name]: ["127.0.0.2"] };
  await assert.rejects(dialer(table, ["127.0.0.2"]).dial(route(port)), { code: "special" });
  assert.equal(count(), 0);
  const both = dialer({ [name]: ["127.0.0.2", "127.0.0.1"] }, ["127.0.0.2"]);
  const socket = await both.dial(route(port));
  assert.equal(socket.remoteAddress, "127.0.0.1");
  await readUntil(socket, /hello/);
  // resolved once: what was checked is what was dialled
  assert.deepEqual(both.asked, [name]);
  server.close();
});

test("a special literal is refused, unless the grant names it", async () => {
  const { port, server } = await greeter();
  const { dial, asked } = dialer({}, ["127.0.0.1"]);
  const literal = host("127.0.0.1");
  await assert.rejects(dial(route(port, { host: literal })), { code: "special" });
  await assert.rejects(dial(route(port, { host: literal, grant: undefined })), { code: "special" });
  const upstream = { address: `127.0.0.1:${port}`, ca: undefined };
  const suffix = { kind: "suffix", suffix: ".example" } as const;
  await assert.rejects(dial(route(port, { host: literal, grant: grantFor(name, { protocol: "tcp", host: suffix }) })), {
    code: "special",
  });
  const named = [grantFor(name, { upstream }), grantFor("127.0.0.1", { protocol: "tcp" })];
  for (const grant of named) await readUntil(await dial(route(port, { host: literal, grant })), /hello/);
  assert.deepEqual(asked, []);
  server.close();
});

test("a name that does not resolve, or resolves to nothing that answers, is a fault", async () => {
  await assert.rejects(dialer({ [name]: ["127.0.0.1"] }, []).dial(route(1)), { code: "upstream" });
  const resolve = () => Promise.reject(new Error("NXDOMAIN"));
  await assert.rejects(dialer({}, [], { resolve }).dial(route(80)), { code: "upstream", message: /resolved/ });
});

const believed: readonly [
  title: string,
  options: (ca: string) => Partial<DialOptions>,
  ca: (ca: string) => string | undefined,
  ok: boolean,
][] = [
  ["nobody's authority", () => ({}), () => undefined, false],
  ["the grant's own authority", () => ({}), (ca) => ca, true],
  ["the user's added authority", (ca) => ({ authorities: [ca] }), () => undefined, true],
  ["a grant's authority in place of the user's", (ca) => ({ authorities: [ca] }), () => createAuthority().pem, false],
];
for (const [title, options, ca, ok] of believed) {
  test(`an upstream under ${title} is ${ok ? "" : "not "}believed`, async () => {
    await using upstream = await openUpstream((_, response) => void response.end("hi"));
    const { dial } = dialer({ [name]: ["127.0.0.1"] }, [], options(upstream.ca));
    const grant = grantFor(name, { upstream: { address: upstream.address, ca: ca(upstream.ca) } });
    const dialled = dial(route(upstream.port, { scheme: "https", grant }));
    if (ok) (await dialled).destroy();
    else await assert.rejects(dialled, { code: "upstream", message: /trusted/ });
    assert.equal(upstream.received(), "");
  });
}

test("a certificate for another name is not believed", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("hi"));
  const { dial } = dialer({}, []);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  // for a literal no server name is sent, so the upstream has no certificate for it
  await assert.rejects(dial(route(443, { scheme: "https", host: host("93.184.216.34"), grant })), { code: "upstream" });
});

test("an upstream that agrees on no version is not spoken HTTP/2 to", async () => {
  const authority = createAuthority();
  const server = createTlsServer({ SNICallback: (asked, done) => done(null, authority.issue(host(asked))) });
  const port = await listen(server);
  const grant = grantFor(name, { upstream: { address: `127.0.0.1:${port}`, ca: authority.pem } });
  const to = (offers: Route["offers"]) => route(443, { scheme: "https", grant, ...(offers && { offers }) });
  const { dial } = dialer({}, []);
  await assert.rejects(dial(to(["h2"])), { code: "upstream", message: "it does not speak HTTP/2" });
  for (const offers of [undefined, ["h2", "http/1.1"] as const]) (await dial(to(offers))).destroy();
  server.close();
});

test("a second TLS connection resumes the first one's session", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("hi"));
  const { dial } = dialer({}, []);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  const ask = async () => {
    const socket = await dial(route(443, { scheme: "https", grant }));
    socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    await readUntil(socket, /hi$/);
    const reused =
      "isSessionReused" in socket && typeof socket.isSessionReused === "function" && socket.isSessionReused();
    socket.destroy();
    return reused;
  };
  assert.deepEqual([await ask(), await ask()], [false, true]);
});

/** A proxy that opens tunnels to loopback, whatever name is asked for. */
async function openProxy(answer = "HTTP/1.1 200 Connection established\r\n\r\n") {
  const heads: string[] = [];
  const server = createServer((socket) => {
    socket.once("data", (chunk: Buffer) => {
      heads.push(chunk.toString("latin1"));
      const port = Number(/:(\d+) HTTP/.exec(chunk.toString("latin1"))?.[1]);
      if (!answer.includes(" 200 ")) return void socket.end(answer);
      const onward: Socket = connectTcp(port, "127.0.0.1", () => {
        socket.write(answer);
        socket.pipe(onward).pipe(socket);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
  });
  const port = await listen(server);
  return { heads, url: `http://us%65r:pass@127.0.0.1:${port}`, server };
}

test("through the corporate proxy: the name is told to it and not resolved here, TLS is end to end", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("hi"));
  const proxy = await openProxy();
  const { dial, asked } = dialer({}, [], {
    authorities: [upstream.ca],
    proxy: { https: proxy.url, http: undefined, noProxy: "" },
  });
  const socket = await dial(route(upstream.port, { scheme: "https" }));
  socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
  await readUntil(socket, /hi$/);
  socket.destroy();
  proxy.server.close();
  const authority = `${name}:${upstream.port}`;
  const credentials = `Proxy-Authorization: Basic ${btoa("user:pass")}`;
  assert.deepEqual(proxy.heads, [`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n\r\n`]);
  assert.deepEqual(asked, []);
});

test("the proxy is not used for a grant's upstream, nor past its exceptions; a special literal does not go through it", async () => {
  const { port, server } = await greeter();
  const proxy = await openProxy();
  const options = { proxy: { https: proxy.url, http: proxy.url, noProxy: `.${name}` } };
  const { dial } = dialer({ [name]: ["127.0.0.1"] }, ["10.0.0.1"], options);
  await readUntil(await dial(route(port)), /hello/);
  const upstream = { address: `127.0.0.1:${port}`, ca: undefined };
  await readUntil(
    await dial(route(port, { host: host("x.example"), grant: grantFor("x.example", { upstream }) })),
    /hello/,
  );
  assert.deepEqual(proxy.heads, []);
  await assert.rejects(dial(route(port, { host: host("10.0.0.1") })), { code: "special" });
  await readUntil(await dial(route(port, { host: host("y.example") })), /hello/);
  assert.equal(proxy.heads.length, 1);
  proxy.server.close();
  server.close();
});

test("a proxy that says no, or nonsense, is a fault that does not repeat its password", async () => {
  for (const answer of ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "what?\r\n\r\n"]) {
    const proxy = await openProxy(answer);
    const { dial } = dialer({}, [], { proxy: { https: undefined, http: proxy.url, noProxy: undefined } });
    const fault = await dial(route(80)).catch((error: unknown) => error);
    assert.ok(
      fault instanceof Error && !fault.message.includes("pass") && "code" in fault && fault.code === "upstream",
    );
    proxy.server.close();
  }
  const options = { proxy: { https: "ftp://u:pass@x", http: undefined, noProxy: undefined } };
  assert.throws(
    () => dialer({}, [], options),
    (error: Error) => !error.message.includes("pass") && "code" in error,
  );
});

const exceptions: readonly [list: string, name: string, expected: boolean][] = [
  ["*", "a.example", true],
  ["", "a.example", false],
  ["a.example", "a.example", true],
  ["a.example", "b.a.example", true],
  ["a.example", "ba.example", false],
  [".a.example", "b.a.example", true],
  ["*.a.example", "b.a.example", true],
  ["x, A.EXAMPLE ,y", "a.example", true],
  ["a.example:443", "a.example", true],
  ["a.example:80", "a.example", false],
];
for (const [list, target, expected] of exceptions) {
  test(`no_proxy "${list}" ${expected ? "covers" : "does not cover"} ${target}`, () => {
    assert.equal(bypasses(list, target, 443), expected);
  });
}

test("addresses and proxies as people write them", () => {
  assert.deepEqual(parseAddress("127.0.0.1:8443"), { host: "127.0.0.1", port: 8443 });
  assert.deepEqual(parseAddress("[::1]:1"), { host: "::1", port: 1 });
  for (const bad of ["x", "x:0", "x:65536", "::1:80", "x:1:2", ""])
    assert.throws(() => parseAddress(bad), { code: "upstream" });
  assert.deepEqual(parseProxy("proxy.corp.example:3128"), {
    secure: false,
    host: "proxy.corp.example",
    port: 3128,
    authorization: undefined,
  });
  assert.equal(parseProxy("https://[::1]").host, "::1");
});
