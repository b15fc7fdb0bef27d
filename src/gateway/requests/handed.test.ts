// An answer that hands out headers, at the gate: collected, changed by whoever keeps them, looked through once more; what cannot be given is
// an error for the tool and a word on the record.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Credential } from "../../domain/reach.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown } from "../../inspection/known.ts";
import { grantFor, host, judgeFor, openStage, openUpstream, readAll } from "../rehearsal.ts";

const name = "git.example";
const real = "real-credential-0123456789";
const credential: Credential = {
  id: "a",
  secret: new Secret(real),
  placeholder: "postern-placeholder-0123",
  variable: undefined,
  to: { host: host("other.example"), header: "x-a", paths: undefined },
};

interface Answer {
  readonly status?: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ status = 200, body, headers = {} }: Answer, path = "/objects/batch") {
  await using upstream = await openUpstream((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(status, { "content-type": "a/b", ...headers }).end(body));
  });
  const taken: string[] = [];
  await using stage = await openStage({
    judge: judgeFor([grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } })]),
    seek: seekKnown([credential]),
    limits: { handed: 5000 },
    passes: {
      id: "passes",
      objection: ({ path: to, body: sent }) =>
        to === "/sends" && sent?.toString() === "hi" ? "to fetch alone" : undefined,
      isAsked: (asked) => asked.path === "/objects/batch",
      take: (bytes) => {
        taken.push(bytes.toString());
        return bytes.includes("bad") ? "it is bad" : Buffer.from(bytes.toString().replace("TOKEN", "placeholder"));
      },
    },
  });
  const socket = await stage.dialTls(name);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`);
  const [head = "", ...rest] = (await readAll(socket)).split("\r\n\r\n");
  const entries = [...stage.entries];
  const of = (sought: string) => entries.find(({ kind }) => kind === sought);
  return { head, said: rest.join("\r\n\r\n"), taken, reply: of("reply"), refusal: of("refusal") };
}

test("it is given changed, with a length that is true; encoded or not", async () => {
  for (const encoded of [false, true]) {
    const body = "say TOKEN twice";
    const headers: Record<string, string> = encoded ? { "content-encoding": "gzip" } : {};
    const { head, said, reply } = await ask({ body: encoded ? gzipSync(body) : body, headers });
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\ncontent-type: a\/b\r\ncontent-length: 21(?:\r\n|$)/);
    assert.equal(said, "say placeholder twice");
    assert.deepEqual(
      [reply?.counts?.["status"], reply?.sealed?.["outcome"], reply?.verdict],
      [200, "whole", undefined],
    );
  }
});

test("any success hands out", async () => {
  for (const status of [201, 202, 299]) {
    const { said } = await ask({ status, body: "say TOKEN" });
    assert.equal(said, "say placeholder");
  }
});

test("a challenge or an error passes with its head, and is no answer that hands out anything", async () => {
  const headers = { "lfs-authenticate": 'Basic realm="x"', "x-more": "y" };
  const { head, said, taken } = await ask({ status: 401, body: "TOKEN", headers });
  assert.match(head, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  assert.match(head, /\r\nlfs-authenticate: Basic realm="x"\r\n/);
  assert.deepEqual([said, taken, head.includes("x-more")], ["TOKEN", [], false]);
});

test("what cannot be read, is too long, or holds a real credential by then is an error, and entered", async () => {
  for (const [answer, outcome, rule] of [
    [{ body: "bad TOKEN" }, /its answer cannot be read: it is bad/, "gateway:handed"],
    [{ body: `TOKEN ${real}` }, /the reply held a credential/, "gateway:credential-reflected"],
    [{ body: "x", headers: { "content-type": real } }, /the reply held a credential/, "gateway:credential-reflected"],
    [{ status: 401, body: real }, /the reply held a credential/, "gateway:credential-reflected"],
    [{ body: "x".repeat(5001) }, /longer than any of its kind/, undefined],
  ] as const) {
    const { head, said, reply } = await ask(answer);
    assert.match(head, /^HTTP\/1\.1 502 /);
    assert.equal(said.includes("TOKEN") || said.includes(real), false);
    assert.match(String(reply?.sealed?.["outcome"]), outcome);
    assert.equal(reply?.rule, rule);
  }
});

test("what may not be put into a request is refused before it leaves, and entered", async () => {
  const { head, reply, refusal } = await ask({ body: "x" }, "/sends");
  assert.match(head, /^HTTP\/1\.1 403 /);
  assert.deepEqual([reply, refusal?.rule, refusal?.sealed?.["reason"]], [undefined, "gateway:lent", "to fetch alone"]);
});

test("any other answer streams as ever", async () => {
  const { said, taken } = await ask({ body: "TOKEN" }, "/other");
  assert.deepEqual([said.startsWith("5\r\nTOKEN\r\n"), taken], [true, []]);
});
