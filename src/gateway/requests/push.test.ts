// A push at the gate, on the wire: read before it is judged, asked about where the judge says so, and what the upstream got.
// And Basic authentication: the placeholder in its base64 becomes the real pair, at its own place alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Answer, PushPlace } from "../../domain/push.ts";
import type { Credential } from "../../domain/reach.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown } from "../../inspection/known.ts";
import { readPush } from "../../protocol/git/http.ts";
import { grantFor, host, judgeFor, openStage, openUpstream, readAll } from "../rehearsal.ts";
import { bind, isAtHome, splice } from "./credentials.ts";

const name = "git.example";
const [before, after] = ["1".repeat(40), "2".repeat(40)];
const line = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
const body = `${line(`${before} ${after} refs/heads/main\0report-status`)}0000PACK${"x".repeat(300)}`;
const update = { old: before, new: after, ref: "refs/heads/main" };

async function stand(answer: Answer) {
  let served = 0;
  const upstream = await openUpstream((request, response) => {
    served += 1;
    request.resume();
    request.on("end", () => response.end("fine"));
  });
  const asked: unknown[] = [];
  const grants = [grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca }, push: "ask" })];
  const judge = judgeFor(grants);
  const stage = await openStage({
    judge: {
      ...judge,
      // the real judge is decision's own: here anything it is told to be a push is asked about
      decide: (disclosure) => {
        const verdict = judge.decide(disclosure);
        return disclosure.push?.kind === "push" ? { ...verdict, kind: "ask" } : verdict;
      },
    },
    pushes: {
      read: readPush,
      ask: (rule: string, place: PushPlace, push) => {
        asked.push([rule, place, push]);
        return answer;
      },
    },
  });
  return {
    served: () => served,
    stage,
    asked,
    send: async (path: string, type: string) => {
      const socket = await stage.dialTls(name);
      const head = `Host: ${name}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close`;
      socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\n\r\n${body}`);
      return readAll(socket);
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const type = "application/x-git-receive-pack-request";

test("asked about: refused, entered with the question, and nothing reached the upstream", async () => {
  for (const answer of [
    { kind: "ask", reason: "a person is asked about it", question: "q-0" },
    { kind: "refuse", reason: "jane said no", question: "q-0" },
  ] as const) {
    await using scene = await stand(answer);
    assert.match(await scene.send("/a/b.git/git-receive-pack", type), /^HTTP\/1\.1 403 /);
    const place = { protocol: "https", host: host(name), port: 443, repository: "/a/b.git" };
    assert.deepEqual(scene.asked, [["user:network.allow[0]", place, { updates: [update], options: [] }]]);
    assert.equal(scene.served(), 0);
    const refusal = scene.stage.entries.find(({ kind }) => kind === "refusal");
    assert.deepEqual([refusal?.sealed?.["question"], refusal?.sealed?.["reason"]], ["q-0", answer.reason]);
  }
});

test("a yes lets it go, with what it changes on the record before", async () => {
  await using scene = await stand({ kind: "allow", reason: "jane said yes", question: "q-1" });
  assert.match(await scene.send("/a/b.git/git-receive-pack", type), /^HTTP\/1\.1 200 /);
  assert.equal(scene.served(), 1);
  const entry = scene.stage.entries.find(({ kind }) => kind === "request");
  assert.deepEqual(
    [entry?.verdict, entry?.sealed?.["push"], entry?.sealed?.["question"]],
    ["allow", { updates: [update], options: [] }, "q-1"],
  );
});

const real = "real-password-0123456789";
const placeholder = "postern00112233445566778899aabbccddeeff";
const credential = (user?: string): Credential => ({
  id: "forge",
  secret: new Secret(real),
  placeholder,
  variable: undefined,
  to: { host: host(name), header: "authorization", paths: undefined, basic: { user } },
});
const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const destination = { scheme: "https", host: host(name), port: 443 } as const;
const bound = (value: string, user?: string) => {
  const headers = ["Authorization", value];
  const found = bind(
    { credentials: [credential(user)], logins: [], matchesPath: () => true },
    { destination, path: "/x", headers },
  );
  return { found, spliced: splice(headers, found)[1], headers };
};

test("Basic: the pair becomes the real one, with the policy's name or the tool's", () => {
  assert.equal(bound(`Basic ${base64(`me:${placeholder}`)}`).spliced, `Basic ${base64(`me:${real}`)}`);
  assert.equal(bound(`basic  ${base64(`me:${placeholder}`)}`, "jane").spliced, `basic  ${base64(`jane:${real}`)}`);
  const { found, headers } = bound(`Basic ${base64(`abc:${placeholder}`)}`);
  const findings = seekKnown([credential()])({ kind: "header", name: "Authorization", value: headers[1] ?? "" });
  assert.ok(
    findings.length > 0 && findings.every((finding) => isAtHome(finding, found)),
    "no leak, it is where it belongs",
  );
});

test("Basic: whatever else stands there is foreign", () => {
  for (const value of [
    placeholder,
    `Bearer ${placeholder}`,
    `Basic ${base64(`${placeholder}:`)}`,
    `Basic ${base64(`me:${placeholder}x`)}`,
    `Basic ${base64(`me:${placeholder}`)} x`,
    `Basic ${base64(placeholder)}`,
    `Basic ${base64(`me:${real}`)}`,
    // decodes to the same, and is written in another way
    `Basic ${base64(`m:${placeholder}`).replace(/=+$/, "")}`,
  ])
    assert.ok(bound(value).found.foreign !== undefined, value);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { found, spliced, headers } = bound(`Basic ${text}`);
      assert.ok(found.foreign !== undefined || found.used.length === 1);
      if (found.used.length === 0) assert.equal(spliced, headers[1]);
    }),
  );
});
