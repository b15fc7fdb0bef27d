// One fetch or push over ssh: read, judged, on the record, and only then is ssh started; its bytes go both ways, counted. Of
// a push nothing goes to the server before it was read, judged and entered.

import type { Receipt } from "../../domain/entry.ts";
import type { Started } from "../../domain/git-desk.ts";
import { conceal, holdsCredential } from "../conceal.ts";
import { type Allowed, type Ask, type Call, dismiss, refuse, seal } from "./call.ts";
import { kinds, push as write, writeFrame } from "./frames.ts";
import { askUpload, lend, waiting } from "./lending.ts";
import { Trickle } from "./trickle.ts";
import { openUpload, type Upload } from "./upload.ts";

export async function carrySsh(call: Call, ask: Ask): Promise<void> {
  const { gate, desk } = call;
  const words = ask.words.join(" ");
  const request = holdsCredential(gate.seek, words)
    ? "a real credential stands in it"
    : desk.parse(ask.words, ask.version);
  if (typeof request === "string") {
    const sealed = { scheme: "ssh", words: conceal(gate.seek, words), process: await call.process, reason: request };
    gate.tally.count("stopped");
    await gate.recorder.enter({ kind: "refusal", verdict: "refuse", rule: "gateway:ssh-request", sealed });
    return dismiss(call, "this use of ssh is not permitted here");
  }
  gate.tally.request(request.host);
  const verdict = desk.judge(request);
  if (verdict.kind !== "allow" || verdict.order === undefined) {
    await refuse(call, request, verdict);
    return dismiss(call, "this is not permitted by the policy of this environment");
  }
  const allowed = { request, verdict, order: verdict.order };
  const sends = request.operation === "upload" ? askUpload(call, allowed) : undefined;
  if (sends !== undefined && sends.kind !== "allow") {
    await refuse(call, request, { ...verdict, ...sends });
    return dismiss(call, sends.kind === "ask" ? waiting : "large files may not be sent there");
  }
  const { rule, purpose } = verdict;
  const { reason = verdict.reason, question } = sends ?? {};
  const asked = question === undefined ? {} : { question };
  const sealed = { carried: "ssh", ...(await seal(call, request, verdict.order)), ...asked, reason };
  const intent = await gate.recorder.enter({ kind: "connection", verdict: "allow", rule, purpose, sealed });
  gate.tally.allowed(request.host);
  await (request.operation === undefined ? carry(call, allowed, intent) : lend(call, allowed, intent));
}

async function carry(call: Call, allowed: Allowed, intent: Receipt): Promise<void> {
  const { gate, desk, stream } = call;
  const host = allowed.request.host;
  const { purpose } = allowed.verdict;
  // its end was told already, and would be told to nobody: ssh would go on for as long as the server likes
  if (stream.destroyed) {
    const sealed = { intent: intent.index, host, outcome: "whoever asked has gone" };
    return gate.recorder.note({ kind: "reply", purpose, sealed });
  }
  const ssh = desk.start(allowed.order);
  stream.on("close", ssh.kill);
  const upload = openUpload(call, allowed);
  const sent = send(call, ssh, upload);
  const inward = await bring(call, ssh);
  const code = await ssh.ended;
  const { out, why } = upload.told();
  const outcome = why ?? inward.why ?? (code === 0 ? "whole" : `ssh ended with ${code}: ${ssh.complaint()}`);
  const said = why === undefined ? conceal(gate.seek, ssh.complaint()) : `postern: ${why}\n`;
  if (said !== "") await writeFrame(stream, kinds.said, Buffer.from(said));
  await writeFrame(stream, kinds.exit, Buffer.from([why === undefined ? code : 255]));
  gate.tally.bytes(host, out, inward.bytes);
  const counts = { "bytes-out": out, "bytes-in": inward.bytes, "duration-ms": Math.round(gate.clock() - call.started) };
  const sealed = { intent: intent.index, host, outcome: conceal(gate.seek, outcome) };
  gate.recorder.note({ kind: "reply", purpose, counts, sealed });
  stream.end();
  await sent;
}

/** From inside to the server, as far as it may go. Never rejects. */
async function send({ frames }: Call, ssh: Started, upload: Upload): Promise<void> {
  try {
    for await (const { kind, bytes } of frames) {
      if (kind === kinds.end) ssh.input.end();
      if (kind !== kinds.data) continue;
      const passed = await upload.take(bytes);
      // what comes after is read and thrown away: whoever leaves off reading closes the stream, and nobody could be told why
      if (passed === undefined) ssh.kill();
      else await write(ssh.input, passed);
    }
    ssh.input.end();
  } catch {
    // it left, or the record is gone
    ssh.kill();
  }
}

/** From the server to inside, but no further than to a real credential. */
async function bring(
  { gate, stream }: Call,
  ssh: Started,
): Promise<{ readonly bytes: number; readonly why: string | undefined }> {
  const trickle = new Trickle(gate.openSieve);
  let bytes = 0;
  try {
    for await (const chunk of ssh.output as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      const passed = trickle.push(chunk);
      if (passed === undefined) {
        ssh.kill();
        return { bytes, why: "a real credential came back" };
      }
      if (passed.length > 0) await writeFrame(stream, kinds.data, passed);
    }
    return { bytes, why: undefined };
  } catch {
    return { bytes, why: "ssh ended early" };
  }
}
