// What the tool sends to a server over ssh. A fetch's bytes pass as they come; of a push all are held until it has said what
// it changes, that was judged, and is on the record. Real credentials are looked for in either. Attacker-controlled.

import type { Answer, Push } from "../../domain/push.ts";
import { type Allowed, type Call, refuse, seal } from "./call.ts";
import { Trickle } from "./trickle.ts";

export interface Upload {
  /** What may go on now; undefined: nothing of it, ever. */
  readonly take: (chunk: Buffer) => Promise<Buffer | undefined>;
  /** Bytes that went on, and why no more do, in words for the tool. */
  readonly told: () => { readonly out: number; readonly why: string | undefined };
}

export function openUpload(call: Call, allowed: Allowed): Upload {
  const trickle = new Trickle(call.gate.openSieve);
  const reading = allowed.request.service === "git-receive-pack" ? call.desk.openPush() : undefined;
  let held: Buffer[] | undefined = reading === undefined ? undefined : [];
  let [out, why]: [number, string | undefined] = [0, undefined];
  const pass = async (chunk: Buffer): Promise<Buffer | undefined> => {
    const passed = trickle.push(chunk);
    if (passed === undefined) {
      why = "it was ended: it holds what must not leave";
      const reason = "a real credential stands in what is sent";
      await refuse(call, allowed.request, { ...allowed.verdict, rule: "gateway:credential-foreign", reason });
      return undefined;
    }
    out += passed.length;
    return passed;
  };
  const take = async (chunk: Buffer): Promise<Buffer | undefined> => {
    if (why !== undefined) return undefined;
    if (held === undefined || reading === undefined) return pass(chunk);
    held.push(chunk);
    const state = reading.add(chunk);
    if (state.kind === "more") return Buffer.alloc(0);
    const push = state.kind === "push" ? state.push : undefined;
    const no = await settle(call, allowed, push ?? (state.kind === "unreadable" ? state.reason : ""));
    if (no !== undefined) {
      why = no;
      return undefined;
    }
    const all = Buffer.concat(held);
    held = undefined;
    return pass(all);
  };
  return { take, told: () => ({ out, why }) };
}

/** Undefined where it may go, and that is durable; else the word for the tool, entered as a refusal. */
async function settle(call: Call, { request, verdict }: Allowed, push: Push | string): Promise<string | undefined> {
  const { gate, desk } = call;
  const answer = answerTo(desk.ask, { request, verdict, push });
  const { question } = answer;
  if (answer.kind !== "allow") {
    await refuse(call, request, { ...verdict, reason: answer.reason, question });
    return answer.kind === "ask"
      ? "a person is asked about this push: try it again once they have said yes"
      : "this push is not permitted here";
  }
  const asked = question === undefined ? {} : { question };
  const what = typeof push === "string" ? { unread: push } : { push };
  const sealed = { ...(await seal(call, request, verdict.order)), ...what, ...asked, reason: answer.reason };
  const { rule, purpose } = verdict;
  await gate.recorder.enter({ kind: "request", verdict: "allow", rule, purpose, counts: { requests: 1 }, sealed });
  const shown = { host: request.host, method: request.service, path: request.repository };
  gate.tally.emit({ kind: "request", ...shown, rule });
  return undefined;
}

interface Matter extends Pick<Allowed, "request" | "verdict"> {
  readonly push: Push | string;
}

function answerTo(ask: Call["desk"]["ask"], { request, verdict, push }: Matter): Answer {
  if (verdict.push === "allow") return { kind: "allow", reason: verdict.reason };
  if (typeof push === "string") return { kind: "refuse", reason: `a push that nobody can be asked about: ${push}` };
  if (push.updates.length === 0) return { kind: "allow", reason: "it changes nothing" };
  const { order } = verdict;
  if (order === undefined) return { kind: "refuse", reason: "nobody can be asked about it" };
  const place = { protocol: "ssh", host: order.host, port: order.port, user: order.user } as const;
  return ask(verdict.rule, { ...place, repository: request.repository }, push);
}
