// One refresher for everybody: what the tool gets, what is kept, what the server sees; and what a hostile tool, a hostile server
// and a sudden end make of it.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { SendTokens, TokenOutcome } from "../../domain/login.ts";
import { Grants } from "../../vendor/oauth/grants.ts";
import { answerOf, code, Scene, type ServerFor } from "./rehearsal.ts";
import { seekAll } from "./seek.ts";

const giving =
  (jwt: boolean): ServerFor<Grants> =>
  (prefixes, clock) =>
    new Grants({ lifetime: 3600, jwt, prefixes, interval: 5, slower: 5, claims: {}, clock });

const ruleOf = (outcome: TokenOutcome) =>
  outcome.kind === "refuse" ? `${outcome.status} ${outcome.rule}` : outcome.act;
const saying =
  (status: number, body: object | string): SendTokens =>
  async () => ({ status, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) });

test("a login made inside: the tool gets placeholders of the right shape and time, we keep the tokens, 0600", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hand = scene.open();
  assert.equal(hand.access(), undefined);
  const outcome = await hand.ask(code);
  assert.equal(ruleOf(outcome), "login");
  const had = answerOf(outcome);
  assert.match(String(had["access_token"]), /^sk-ant-oat01-0*postern[0-9a-f]{56}$/);
  assert.match(String(had["refresh_token"]), /^sk-ant-ort01-0*postern[0-9a-f]{56}$/);
  assert.deepEqual(
    [had["expires_in"], had["token_type"], had["scope"]],
    [3600, "Bearer", "user:inference user:profile"],
  );
  assert.ok(!JSON.stringify(had).includes(scene.server.watermark));
  assert.equal(scene.server.accepts(hand.access() ?? ""), "access");
  assert.ok(hand.isAccess(String(had["access_token"])) && !hand.isAccess(String(had["refresh_token"])));
  assert.equal(scene.server.accepts(String(had["access_token"])), undefined);
  assert.equal(statSync(scene.slot).mode & 0o777, 0o600);
});

test("JWTs stay JWTs: three parts, the same end of life, the identity's claims", async () => {
  using scene = new Scene("codex", "inside", giving(true));
  const hand = scene.open();
  const had = answerOf(await hand.ask(code));
  for (const name of ["access_token", "id_token"]) {
    const [, claims = "", signature = ""] = String(had[name]).split(".");
    const read = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    assert.deepEqual(read, { sub: "family-0", email: "me@example.org", exp: scene.now / 1000 + 3600 });
    assert.match(signature, /^postern[0-9a-f]{56}$/);
  }
});

test("three sessions refresh at once: the server is asked once, and everybody has what lasts", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hands = [scene.open(), scene.open(), scene.open()];
  const [first] = hands;
  let had = [answerOf((await first?.ask(code)) ?? assert.fail())];
  had = [...had, ...had, ...had];
  for (let round = 1; round <= 20; round += 1) {
    had = await Promise.all(hands.map((hand, at) => hand.refresh(had[at] ?? {})));
    assert.equal(scene.server.families[0]?.rotations, round);
    for (const hand of hands) assert.equal(scene.server.accepts(hand.access() ?? ""), "access");
    assert.equal(new Set(had.map(({ refresh_token: token }) => token)).size, 1);
  }
  assert.deepEqual(
    scene.server.families.map(({ ended }) => ended),
    [undefined],
  );
});

test("what somebody else refreshed is given with the time that is left, and asked for anew when that is over", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const [one, two] = [scene.open(), scene.open()];
  const had = answerOf(await one.ask(code));
  await one.refresh(had);
  scene.now += 600_000;
  const outcome = await two.ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] });
  assert.deepEqual([ruleOf(outcome), answerOf(outcome)["expires_in"], scene.asked], ["kept", 3000, 2]);
  scene.now += 2_950_000;
  assert.equal(ruleOf(await two.ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] })), "refresh");
});

test("what somebody else refreshed and the vendor does not take any more is not given again", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const [one, two] = [scene.open(), scene.open()];
  const had = answerOf(await one.ask(code));
  await one.refresh(had);
  two.reject();
  const ask = () => two.ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] });
  assert.equal(ruleOf(await ask()), "refresh");
  assert.equal(ruleOf(await ask()), "kept", "and what came then is");
});

test("the host's login: used as it is now, written back in its own form, everything else in the file as it was", async () => {
  using scene = new Scene("claude-code", "host", giving(false));
  scene.writeHost(scene.server.logIn());
  const hand = scene.open();
  assert.equal(scene.server.accepts(hand.access() ?? ""), "access");
  const placeholder = { refresh_token: `sk-ant-ort01-${hand.keep.marks.refresh}00000001` };
  const had = await hand.refresh(placeholder);
  const file = JSON.parse(readFileSync(scene.file, "utf8")) as Record<string, Record<string, unknown>>;
  assert.equal(scene.server.accepts(String(file["claudeAiOauth"]?.["refreshToken"])), "refresh");
  assert.deepEqual(
    [file["claudeAiOauth"]?.["subscriptionType"], file["mcpOAuth"]],
    ["max", { other: { accessToken: "another-secret" } }],
  );
  assert.equal(file["claudeAiOauth"]?.["expiresAt"], scene.now + 3_600_000);
  assert.equal(statSync(scene.file).mode & 0o777, 0o640, "0644 as it was, and nobody else's any more");
  assert.ok(
    !readFileSync(scene.slot, "utf8").includes(scene.server.watermark),
    "no token of the host's in our own file",
  );
  // the tool outside refreshes by itself: noticed at once, and its token is not asked for again
  const outside = scene.server.refresh(String(file["claudeAiOauth"]?.["refreshToken"]));
  assert.ok(!("error" in outside));
  scene.writeHost(outside);
  assert.equal(hand.access(), outside.access_token);
  const before = scene.asked;
  const kept = await hand.refresh(had);
  assert.deepEqual([kept["scope"], scene.asked], ["user:inference user:profile", before]);
  // and once more: a change after a change is one of its own
  const again = scene.server.refresh(outside.refresh_token);
  assert.ok(!("error" in again));
  scene.writeHost(again);
  await hand.refresh(kept);
  assert.equal(scene.asked, before);
  assert.equal(scene.server.families[0]?.ended, undefined);
});

test("the host's file half written is read again later, and not taken for a logout", () => {
  using scene = new Scene("claude-code", "host", giving(false));
  const given = scene.server.logIn();
  scene.writeHost(given);
  const hand = scene.open();
  assert.equal(hand.access(), given.access_token);
  writeFileSync(scene.file, '{"claudeAiOauth": {"acc');
  assert.equal(hand.access(), given.access_token);
  scene.writeHost(given);
  assert.equal(hand.access(), given.access_token);
  writeFileSync(scene.file, "{}");
  assert.equal(hand.access(), undefined, "logged out by the tool");
  scene.writeHost(given);
  rmSync(scene.file);
  assert.equal(hand.access(), undefined, "logged out by hand");
});

test("a tool cannot change whose login it is: no code for the host's, no token of its own, no other grant", async () => {
  using scene = new Scene("claude-code", "host", giving(false));
  scene.writeHost(scene.server.logIn());
  const hand = scene.open();
  assert.equal(ruleOf(await hand.ask(code)), "403 login:host");
  const stolen = scene.server.logIn("attacker@example.org").refresh_token;
  assert.equal(ruleOf(await hand.ask({ grant_type: "refresh_token", refresh_token: stolen })), "400 login:foreign");
  const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
  assert.equal(ruleOf(await hand.ask({ grant_type: exchange })), "403 login:grant");
  assert.equal(ruleOf(await hand.ask({ grant_type: 1 })), "400 login:request");
  assert.equal(scene.asked, 0, "the server was asked nothing");
});

const hostile: readonly [string, SendTokens, string][] = [
  ["no reply", async () => "the connection was closed", "502 login:unreached"],
  ["no JSON", saying(200, "<html>"), "502 login:reply"],
  ["a token with a line end", saying(200, { access_token: "access-0123456789\r\nx: y" }), "502 login:reply"],
  ["tokens under an error's status", saying(403, { access_token: "access-0123456789" }), "502 login:reply"],
  ["an error", saying(400, { error: "invalid_grant", access_key: "k" }), "failed"],
];
for (const [title, send, expected] of hostile)
  test(`a server that says ${title}: the login stays as it was`, async () => {
    using scene = new Scene("claude-code", "inside", giving(false));
    const hand = scene.open();
    const had = answerOf(await hand.ask(code));
    const before = hand.access();
    const outcome = await hand.ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] }, send);
    assert.equal(ruleOf(outcome), expected);
    if (outcome.kind === "answer") assert.equal(outcome.body.toString(), '{"error":"invalid_grant"}');
    assert.equal(hand.access(), before);
    await hand.refresh(had);
  });

test("killed between the server's answer and the write: the next refresh says what happened", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hand = scene.open();
  const had = answerOf(await hand.ask(code));
  const request = { grant_type: "refresh_token", refresh_token: had["refresh_token"] };
  // the server rotated, and nobody heard of it
  const lost: SendTokens = async (body) => {
    await scene.send(body);
    throw new Error("killed");
  };
  assert.equal(ruleOf(await hand.ask(request, lost)), "503 login:state");
  const next = await scene.open().ask(request);
  assert.ok(next.kind === "answer" && next.act === "failed");
  assert.match(next.why ?? "", /^the server gave no tokens: invalid_grant; an earlier answer was lost: log in again$/);
});

test("a request that cannot be written anew is not taken for one that was sent", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hand = scene.open();
  const request = { grant_type: "refresh_token", refresh_token: answerOf(await hand.ask(code))["refresh_token"] };
  const deep = `${JSON.stringify(request).slice(0, -1)},"x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
  assert.equal(ruleOf(await hand.ask(Buffer.from(deep))), "400 login:request");
  const next = await hand.ask(request, saying(400, { error: "invalid_grant" }));
  assert.ok(next.kind === "answer" && next.act === "failed");
  assert.equal(next.why, "the server gave no tokens: invalid_grant");
});

test("what the server gave is on the disk before the tool has its answer; a new session goes on from there", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const had = answerOf(await scene.open().ask(code));
  for (let round = 0; round < 5; round += 1) {
    await scene.open().refresh(had);
    assert.equal(scene.server.accepts(scene.open().access() ?? ""), "access");
  }
});

test("logged out is a file deleted: the placeholders of before are nothing any more", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const had = answerOf(await scene.open().ask(code));
  rmSync(scene.slot);
  const hand = scene.open();
  assert.equal(hand.isAccess(String(had["access_token"])), false);
  assert.equal(
    ruleOf(await hand.ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] })),
    "400 login:foreign",
  );
});

test("logged out while a session runs: it logs in again at once, and goes on with what it has then", {
  timeout: 20_000,
}, async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hand = scene.open();
  await hand.ask(code);
  rmSync(scene.slot);
  assert.equal(hand.access(), undefined);
  const began = performance.now();
  const had = answerOf(await hand.ask(code));
  assert.ok(performance.now() - began < 5000, "nobody waited for himself");
  await hand.refresh(had);
  assert.equal(scene.server.accepts(hand.access() ?? ""), "access");
  assert.ok(hand.isAccess(String(had["access_token"])) && scene.open().isAccess(String(had["access_token"])));
});

test("logged out while the server is asked: what it gives is thrown away, and nobody is logged in again by it", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hand = scene.open();
  const had = answerOf(await hand.ask(code));
  const out: SendTokens = async (body) => {
    rmSync(scene.slot);
    return scene.send(body);
  };
  const outcome = await hand.ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] }, out);
  assert.equal(ruleOf(outcome), "400 login:ended");
  assert.ok(!existsSync(scene.slot));
  assert.equal(hand.access(), undefined);
});

test("a file that is no login of ours is said so, and is not overwritten", () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  scene.open();
  writeFileSync(scene.slot, "{}");
  assert.throws(() => scene.open(), /is no login of Postern's/);
  assert.equal(readFileSync(scene.slot, "utf8"), "{}");
});

test("the seeker knows the tokens of now and of before, and every placeholder, as soon as they are there", async () => {
  using scene = new Scene("claude-code", "inside", giving(false));
  const hand = scene.open();
  const { seek, openSieve } = seekAll([], [{ id: "me", keep: hand.keep }]);
  const found = (text: string) =>
    seek({ kind: "body", bytes: Buffer.from(`x${text}y`) }).map(({ label, what }) => `${label} ${what}`);
  let had = answerOf(await hand.ask(code));
  const first = hand.access() ?? "";
  assert.deepEqual(found(first), ["me credential"]);
  assert.deepEqual(found(String(had["refresh_token"])), ["me placeholder"]);
  had = await hand.refresh(had);
  assert.deepEqual([found(first), found(hand.access() ?? "")], [["me credential"], ["me credential"]]);
  assert.equal(openSieve().push(Buffer.from(`a${hand.access()}`)), undefined);
  assert.deepEqual(found("harmless"), []);
});
