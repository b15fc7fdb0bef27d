// A request that is a push of git's: what it asks for is read before it is judged, and where the judge wants a person asked,
// they are. In: the exchange and its body. Out: a verdict that lets it go, or the reason why not.

import type { Answer, PushRead } from "../../domain/push.ts";
import { pushHead } from "../../domain/push.ts";
import type { Verdict } from "../../domain/verdict.ts";
import type { Body } from "./body.ts";
import { type Asked as Asking, bind } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";

export async function readPushOf({ gate, head, path }: Exchange, body: Body): Promise<PushRead | undefined> {
  const { method, headers } = head;
  const request = { method, path, headers };
  if (gate.pushes.read({ ...request, head: Buffer.alloc(0) }) === undefined) return undefined;
  return gate.pushes.read({ ...request, head: await beginningOf(body) });
}

/**
 * Bytes this request's body may have. A large file, or a push that the policy lets pass, or has asked about, may be a whole history; told by its head,
 * before a byte of it is read. Anybody may call a request a push: it gains room in the spool by it, and is judged like any.
 */
export function mostOf({ gate, head, path, destination }: Exchange): number {
  const { method, headers } = head;
  const isPush = gate.pushes.read({ method, path, headers, head: Buffer.alloc(0) }) !== undefined;
  if (!isPush && !isLargeFile(gate, { destination, path, headers })) return gate.limits.body;
  const asked = { destination, method, path, findings: [], unreadable: undefined, push: undefined };
  const { kind, grant } = gate.judge.decide(asked);
  return kind === "allow" && grant?.push !== "refuse" ? (grant?.pushLimit ?? gate.limits.push) : gate.limits.body;
}

/** A server has handed out what this is asked with, for this very place. */
function isLargeFile(gate: Exchange["gate"], asked: Asking): boolean {
  return gate.passes !== undefined && bind(gate, asked).used.some(({ id }) => id === gate.passes?.id);
}

async function beginningOf(body: Body): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.chunks()) {
    parts.push(chunk.subarray(0, pushHead - size));
    size += chunk.length;
    if (size >= pushHead) break;
  }
  return Buffer.concat(parts);
}

export interface Asked {
  readonly verdict: Verdict;
  /** For the tool, where it is only to wait. */
  readonly text?: string | undefined;
  /** Where somebody was asked. */
  readonly part: { readonly question?: string };
}

const waiting = "A person is asked about this push: try it again once they have said yes.";

/** The verdict as it stands once somebody was asked. A verdict to ask about anything else is no permission. */
export function settle({ gate, destination }: Exchange, verdict: Verdict, push: PushRead | undefined): Asked {
  if (verdict.kind !== "ask") return { verdict, part: {} };
  const { scheme: protocol, host, port } = destination;
  const answer: Answer =
    push?.kind !== "push" || protocol === "tcp"
      ? { kind: "refuse", reason: "nobody can be asked about it" }
      : gate.pushes.ask(verdict.rule, { protocol, host, port, repository: push.repository }, push.push);
  const kind = answer.kind === "allow" ? "allow" : "refuse";
  const { reason, question } = answer;
  const text = answer.kind === "ask" ? waiting : undefined;
  return { verdict: { ...verdict, kind, reason }, text, part: question === undefined ? {} : { question } };
}
