// What a program inside a container that somebody else built says to the gateway: one of four short answers, or nothing.

import assert from "node:assert/strict";
import { parseAnswer } from "../../../src/boundary/outer/words.ts";
import { latin1, type Target } from "../target.ts";

const digest = "a".repeat(64);
export const target: Target = {
  seeds: [
    latin1('{"kind":"here","port":40000,"pid":7,"home":"/root","path":"/usr/bin","node":"v24.0.0"}'),
    latin1(`{"kind":"looked","path":"/usr/bin/sh","sha256":"${digest}","directory":{"device":1,"inode":2}}`),
    latin1('{"kind":"probed","answers":{"tcp 192.0.2.1":"ENETUNREACH"},"interfaces":["eth0"]}'),
    latin1('{"kind":"ended","code":7}'),
  ],
  words: ['"kind":', '"__proto__":', "1e999", '"code":256', '"port":0'],
  run: (bytes) => {
    const answer = parseAnswer(bytes.toString("utf8"));
    if (answer === undefined) return "none";
    if (answer.kind === "ended") assert.ok(Number.isInteger(answer.code) && answer.code >= 0 && answer.code <= 255);
    if (answer.kind === "here") assert.ok(answer.port > 0 && answer.port < 65_536 && answer.path.length <= 4_096);
    if (answer.kind === "probed") assert.ok(answer.interfaces.length <= 64);
    if (answer.kind === "looked") assert.match(answer.sha256 ?? digest, /^[0-9a-f]{64}$/);
    return answer.kind;
  },
};
