// One request at the desk: what every step of serving it needs, and what of it is entered.

import type { Duplex } from "node:stream";
import type { SshDesk, SshOrder, SshRequest, SshVerdict } from "../../domain/git-desk.ts";
import type { SealedProcess } from "../conceal.ts";
import type { Gate } from "../gate.ts";
import { type Frame, kinds, writeFrame } from "./frames.ts";

/** Somebody who came to the desk. */
export interface Visit {
  readonly gate: Gate;
  readonly stream: Duplex;
  readonly frames: AsyncGenerator<Frame>;
  readonly process: Promise<SealedProcess>;
  readonly started: number;
}

/** One request of git's for ssh. */
export interface Call extends Visit {
  readonly desk: SshDesk;
}

export interface Ask {
  readonly signs: boolean;
  readonly words: readonly string[];
  readonly version: string | undefined;
}

/** A request that was let go. */
export interface Allowed {
  readonly request: SshRequest;
  readonly verdict: SshVerdict;
  readonly order: SshOrder;
}

/** What is sealed of a request, wherever it is entered. */
export async function seal(
  { process }: Call,
  { host, port, user, service, operation, repository }: SshRequest,
  order?: SshOrder,
) {
  const meant = { port: order?.port ?? port, user: order?.user ?? user };
  const what = operation === undefined ? service : `${service} ${operation}`;
  return { scheme: "ssh", method: what, host, ...meant, target: repository, process: await process };
}

/** A generic word for the tool, as ssh would say it, and ssh's own exit code for what went wrong before the other side spoke. */
export async function dismiss({ stream }: Visit, text: string): Promise<void> {
  await writeFrame(stream, kinds.said, Buffer.from(`postern: ${text}\n`));
  await writeFrame(stream, kinds.exit, Buffer.from([255]));
}

type Refused = Pick<SshVerdict, "rule" | "reason" | "purpose"> & { readonly question?: string | undefined };

export async function refuse(
  call: Call,
  request: SshRequest,
  { rule, reason, purpose, question }: Refused,
): Promise<void> {
  const { gate } = call;
  gate.tally.refusal(request.host);
  const asked = question === undefined ? {} : { question };
  const sealed = { ...(await seal(call, request)), ...asked, reason };
  await gate.recorder.enter({ kind: "refusal", verdict: "refuse", rule, purpose, sealed });
  const by = await call.process;
  const executable = by === "gone" ? undefined : by.executable;
  const shown = { host: request.host, method: request.service, path: request.repository };
  gate.tally.emit({ kind: "refusal", ...shown, rule, reason, executable });
}
