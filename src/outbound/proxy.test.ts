import assert from "node:assert/strict";
import { test } from "node:test";
import { rootCertificates } from "node:tls";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { parseHost } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import { type ProxyPolicy, readProxy } from "./proxy.ts";

function said(environment: Record<string, string>, policy?: Partial<ProxyPolicy>): string {
  const out = readProxy(
    policy === undefined ? undefined : { url: undefined, ca: undefined, except: [], ...policy },
    environment,
  );
  if (out instanceof Fault) return out.code;
  return out.proxy === undefined ? "direct" : [out.proxy.https, out.proxy.http, out.proxy.noProxy].join(" ");
}

test("which proxy the environment asks for", () => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{}, "direct"],
    [{ HTTPS_PROXY: "" }, "direct"],
    [{ HTTPS_PROXY: "http://p:3128" }, "http://p:3128  "],
    [{ HTTPS_PROXY: "p:3128" }, "http://p:3128  "],
    [{ HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" }, "http://q:2  "],
    [{ HTTP_PROXY: "http://p:1" }, " http://p:1 "],
    [{ HTTP_PROXY: "http://p:1", REQUEST_METHOD: "GET" }, "direct"],
    [{ ALL_PROXY: "https://p" }, "https://p https://p "],
    [{ HTTPS_PROXY: "http://p", NO_PROXY: " a.test, b.test  .c.test:8443," }, "http://p  a.test,b.test,.c.test:8443"],
    [{ HTTPS_PROXY: "http://p", NO_PROXY: "a", no_proxy: "b" }, "http://p  b"],
    [{ HTTPS_PROXY: "socks5://p:1" }, "proxy"],
    [{ HTTPS_PROXY: "http://" }, "proxy"],
  ];
  for (const [environment, wanted] of cases) assert.equal(said(environment), wanted, JSON.stringify(environment));
});

test("a proxy of the policy is the whole answer", () => {
  const host = parseHost("git.corp.test") ?? assert.fail();
  const except = [{ kind: "exact", name: host } as const, { kind: "suffix", suffix: ".corp.test" } as const];
  const environment = { HTTPS_PROXY: "http://p:1", NO_PROXY: "*" };
  assert.equal(
    said(environment, { url: "http://c:8080", except }),
    "http://c:8080 http://c:8080 git.corp.test,*.corp.test",
  );
});

test("authorities of the policy and the environment, and a broken one is said", () => {
  const out = readProxy({ url: undefined, ca: rootCertificates[0], except: [] }, {});
  assert.equal(out instanceof Fault ? out.message : out.authorities.length, 1);
  assert.equal(said({}, { ca: "no PEM" }), "authority");
  assert.equal(said({ NODE_EXTRA_CA_CERTS: "/nonexistent" }), "authority");
});

test("no message holds the proxy's password", () => {
  for (const url of ["ftp://ann:pass@p", "http://ann:pass@ho st", "http://ann:pass%zz@p:1"]) {
    const fault = readProxy(undefined, { HTTPS_PROXY: url });
    assert.ok(fault instanceof Fault);
    assert.doesNotMatch(inspect(fault), /pass%|ann/);
  }
});

test("any address: no throw, and what is taken is an http or https URL", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (url) => {
      const out = readProxy(undefined, { HTTPS_PROXY: url });
      if (!(out instanceof Fault) && out.proxy !== undefined) assert.match(out.proxy.https ?? "", /^https?:\/\//i);
    }),
  );
});
