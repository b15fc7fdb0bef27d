import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePage } from "./page.ts";

const page = (more: string) => `https://claude.ai/oauth/authorize?client_id=c&code_challenge=x${more}\n`;
const port = (uri: string) => parsePage(page(`&redirect_uri=${encodeURIComponent(uri)}`))?.port;

test("a page, and the port it leads back to", () => {
  assert.deepEqual(parsePage(page("&redirect_uri=http%3A%2F%2Flocalhost%3A54545%2Fcallback")), {
    url: "https://claude.ai/oauth/authorize?client_id=c&code_challenge=x&redirect_uri=http%3A%2F%2Flocalhost%3A54545%2Fcallback",
    host: "claude.ai",
    port: 54_545,
  });
  assert.equal(port("http://127.0.0.1:1455/auth/callback"), 1455);
  assert.equal(port("http://[::1]:2000/"), 2000);
});

test("what does not lead back to a high port of the loopback leads nowhere", () => {
  for (const uri of [
    "https://localhost:5000/",
    "http://localhost/",
    "http://localhost:22/",
    "http://evil.example:5000/",
    "http://localhost.evil:5000/",
    "x",
  ])
    assert.equal(port(uri), undefined, uri);
  assert.equal(
    parsePage(page("&redirect_uri=http%3A%2F%2Flocalhost%3A5000&redirect_uri=http%3A%2F%2Flocalhost%3A6000"))?.port,
    undefined,
  );
});

test("what is no page is nothing", () => {
  for (const text of [
    "",
    "claude.ai",
    "http://claude.ai/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://u:p@claude.ai/",
    "https://claude.ai:8443/",
    `https://claude.ai/${"x".repeat(5000)}`,
  ])
    assert.equal(parsePage(`${text}\n`), undefined, text);
});

test("whatever a tool asks for, what a person is shown is plain ASCII of https", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.string(),
        fc.string().map((text) => `https://claude.ai/${text}`),
      ),
      (text) => {
        const read = parsePage(text);
        if (read !== undefined) assert.match(read.url, /^https:\/\/[\x21-\x7e]+$/);
      },
    ),
    { numRuns: 1000 },
  );
});
