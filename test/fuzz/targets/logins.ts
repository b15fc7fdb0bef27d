// Requests to and replies of token endpoints: what is written anew is what was read, with the one token changed; no token is
// among what the tool may see.

import assert from "node:assert/strict";
import { limits } from "../../../src/protocol/oauth/limits.ts";
import { parseTokenReply } from "../../../src/protocol/oauth/reply.ts";
import { parseTokenRequest } from "../../../src/protocol/oauth/request.ts";
import { latin1, type Target } from "../target.ts";

const types = ["application/json", "application/x-www-form-urlencoded; charset=utf-8", "text/plain"] as const;
const other = 'another-token-0123456789&=%+ "\\';

function checkRequest(type: string, body: Buffer): string {
  const asked = parseTokenRequest(type, body);
  if (asked.kind !== "refresh") return `${type} ${asked.kind} ${asked.kind === "unreadable" ? asked.why : ""}`;
  const written = asked.write(asked.token);
  // escaped it may be longer than is read
  if (written.length > limits.request - 200) return `${type} long`;
  const again = parseTokenRequest(type, written);
  assert.equal(again.kind === "refresh" ? again.token : again.kind, asked.token);
  const changed = parseTokenRequest(type, asked.write(other));
  assert.equal(changed.kind === "refresh" ? changed.token : changed.kind, other);
  return `${type} refresh`;
}

function checkReply(body: Buffer): string {
  const answer = parseTokenReply(body);
  if (answer.kind === "unreadable") return answer.why;
  const shown = JSON.stringify(answer.rest);
  assert.doesNotMatch(shown, /"(?:access_token|refresh_token|id_token)":/);
  if (answer.kind === "none") return `none ${answer.error === undefined}`;
  const { access, refresh, id, expiresIn } = answer.tokens;
  for (const token of [access, refresh, id]) if (token !== undefined) assert.match(token, /^[\x21-\x7e]{16,}$/);
  if (expiresIn !== undefined) assert.ok(Number.isSafeInteger(expiresIn) && expiresIn >= 0);
  return `tokens ${refresh === undefined} ${id === undefined} ${expiresIn === undefined}`;
}

function check(bytes: Buffer): string {
  const how = (bytes[0] ?? 0) % 4;
  const body = bytes.subarray(1);
  return how === 3 ? checkReply(body) : checkRequest(types[how] ?? "", body);
}

const token = "a-token-that-is-long-enough";
export const target: Target = {
  seeds: [
    latin1(`\0{"grant_type":"refresh_token","refresh_token":"${token}","client_id":"a","scope":["b"]}`),
    latin1(`\x01grant_type=refresh_token&refresh_token=${token}&client_id=a%20b`),
    latin1('\0{"grant_type":"authorization_code","code":"c"}'),
    latin1("\x02grant_type=password"),
    latin1(
      `\x03{"access_token":"${token}","refresh_token":"${token}2","expires_in":"3600","token_type":"Bearer","account":{"name":"n","token":"t"}}`,
    ),
    latin1('\x03{"error":"invalid_grant","error_description":"d"}'),
  ],
  words: [
    '"refresh_token":',
    "refresh_token=",
    '"grant_type":"refresh_token",',
    "grant_type=",
    '"id_token":"aaaaaaaaaaaa.bbbbbbbbbbbb.c",',
    "null",
    "1e400",
    "-0",
    '"__proto__":',
    "%2",
    "%00",
    "+",
    "\\u0000",
    "\\ud800",
    "[[[[[[[[[[[[[[[[[[[[",
    "]]]]]]]]]]]]]]]]]]]]",
    "urn:ietf:params:oauth:grant-type:device_code",
  ],
  longest: 60_000,
  run: check,
};
