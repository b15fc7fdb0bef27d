// A signature: what git wants signed is read whole, must be a commit or a tag, is judged and on the record, and only then is
// the program that signs started outside. Where a person is asked the tool waits for them: a commit tried again is another commit.

import { createHash } from "node:crypto";
import type { SignedObject, SigningDesk } from "../../domain/git-desk.ts";
import { Pieces } from "../../domain/pieces.ts";
import type { Answer } from "../../domain/push.ts";
import { conceal, holdsCredential } from "../conceal.ts";
import { dismiss, type Visit } from "./call.ts";
import { kinds, writeFrame } from "./frames.ts";

export async function sign(visit: Visit, desk: SigningDesk, words: readonly string[]): Promise<void> {
  const { gate } = visit;
  const bytes = await readWhole(visit);
  if (bytes === undefined) return;
  const object = desk.isForGit(words) ? desk.parse(bytes) : "it is not for git that a signature is wanted";
  const no = typeof object === "string" ? object : hold(visit, object);
  if (typeof object === "string" || no !== undefined) {
    await refuse(visit, desk, { reason: no ?? "", object: undefined });
    return dismiss(visit, "nothing but git's own commits and tags is signed here");
  }
  const answer = await wait(visit, desk, object);
  if (answer.kind !== "allow") {
    await refuse(visit, desk, { reason: answer.reason, object, question: answer.question });
    return dismiss(visit, "this is not signed: a person would have had to say yes");
  }
  const sealed = { ...(await seal(visit, object, answer.question)), reason: answer.reason };
  const entry = { kind: "credential", verdict: "allow", rule: desk.rule, counts: { credentials: 1 }, sealed } as const;
  await gate.recorder.enter(entry);
  gate.tally.count("credentials");
  await make(visit, desk, bytes);
}

function hold({ gate }: Visit, { text }: SignedObject): string | undefined {
  return holdsCredential(gate.seek, text) ? "a real credential stands in it" : undefined;
}

/** Undefined where it is longer than anybody signs, or does not end in time. */
async function readWhole({ frames, stream, gate }: Visit): Promise<Buffer | undefined> {
  const parts = new Pieces();
  let size = 0;
  const timer = setTimeout(() => stream.destroy(), gate.limits.opening);
  try {
    for (;;) {
      const { value } = await frames.next();
      if (value === undefined) return undefined;
      if (value.kind === kinds.end) return Buffer.concat(parts.all);
      size += value.bytes.length;
      if (value.kind !== kinds.data || size > gate.limits.signed) return undefined;
      parts.add(value.bytes);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** As long as it is only asked, and the tool is there. */
async function wait({ stream, gate }: Visit, desk: SigningDesk, object: SignedObject): Promise<Answer> {
  const until = gate.clock() + gate.limits.asked;
  for (;;) {
    const answer = desk.ask(object);
    if (answer.kind !== "ask") return answer;
    if (stream.destroyed) return { ...answer, kind: "refuse", reason: "whoever wanted it signed has gone" };
    if (gate.clock() > until) return { ...answer, kind: "refuse", reason: "nobody answered" };
    await new Promise((resolve) => setTimeout(resolve, gate.limits.look));
  }
}

async function seal({ process, gate }: Visit, { kind, text, subject }: SignedObject, question: string | undefined) {
  const asked = question === undefined ? {} : { question };
  const sha256 = createHash("sha256").update(text, "latin1").digest("hex");
  return {
    credential: "signing",
    object: kind,
    sha256,
    subject: conceal(gate.seek, subject),
    process: await process,
    ...asked,
  };
}

interface Refused {
  readonly reason: string;
  readonly object: SignedObject | undefined;
  readonly question?: string | undefined;
}

async function refuse(visit: Visit, { rule }: SigningDesk, { reason, object, question }: Refused): Promise<void> {
  const { gate } = visit;
  gate.tally.count("stopped");
  const what = object === undefined ? { process: await visit.process } : await seal(visit, object, question);
  const sealed = { method: "sign", ...what, reason };
  await gate.recorder.enter({ kind: "refusal", verdict: "refuse", rule, sealed });
}

async function make({ stream, gate }: Visit, desk: SigningDesk, bytes: Buffer): Promise<void> {
  // its end was told already
  if (stream.destroyed) return;
  const program = desk.start();
  stream.on("close", program.kill);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    program.kill();
  }, gate.limits.asked);
  const parts: Buffer[] = [];
  let size = 0;
  program.output.on("data", (part: Buffer) => {
    size += part.length;
    if (size <= gate.limits.signed) parts.push(part);
  });
  program.input.end(bytes);
  const code = await program.ended;
  clearTimeout(timer);
  const whole = code === 0 && size > 0 && size <= gate.limits.signed;
  if (whole) await writeFrame(stream, kinds.data, Buffer.concat(parts));
  else {
    const complaint = late ? "nobody let the key be used in time" : program.complaint();
    if (!stream.destroyed) desk.failed(complaint);
    await writeFrame(stream, kinds.said, Buffer.from(complaint));
  }
  await writeFrame(stream, kinds.exit, Buffer.from([whole ? 0 : 255]));
}
