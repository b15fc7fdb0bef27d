// What large files are to be asked for with, over ssh (git-lfs-authenticate): the server's answer is collected outside, and the tool gets it
// with placeholders. To send files a person may have to say yes; what is sent then goes by https, judged as every request.

import type { Receipt } from "../../domain/entry.ts";
import type { Started } from "../../domain/git-desk.ts";
import type { Answer } from "../../domain/push.ts";
import { conceal, holdsCredential } from "../conceal.ts";
import type { Allowed, Call } from "./call.ts";
import { dismiss } from "./call.ts";
import { kinds, writeFrame } from "./frames.ts";

export const waiting = "a person is asked whether large files may be sent there: try it again once they have said yes";

export function askUpload({ desk }: Call, { request, verdict, order }: Allowed): Answer {
  if (verdict.push === "allow") return { kind: "allow", reason: verdict.reason };
  const place = { protocol: "ssh", host: order.host, port: order.port, user: order.user } as const;
  return desk.askUpload(verdict.rule, { ...place, repository: request.repository });
}

export async function lend(call: Call, { request, verdict, order }: Allowed, intent: Receipt): Promise<void> {
  const { gate, desk, stream } = call;
  const end = (outcome: string, bytes: number): void => {
    gate.tally.bytes(request.host, 0, bytes);
    const counts = { "bytes-out": 0, "bytes-in": bytes, "duration-ms": Math.round(gate.clock() - call.started) };
    const sealed = { intent: intent.index, host: request.host, outcome: conceal(gate.seek, outcome) };
    gate.recorder.note({ kind: "reply", purpose: verdict.purpose, counts, sealed });
  };
  // its end was told already
  if (stream.destroyed) return end("whoever asked has gone", 0);
  const ssh = desk.start(order);
  stream.on("close", ssh.kill);
  ssh.input.end();
  const { bytes, code } = await collect(call, ssh);
  if (code !== 0) {
    end(`ssh ended with ${code}: ${ssh.complaint()}`, bytes.length);
    return dismiss(call, conceal(gate.seek, ssh.complaint()) || "nothing was answered");
  }
  const taken = desk.takePass(bytes, order);
  // by now it is known what the values look like: none may stand anywhere else in it
  const bad = typeof taken === "string" || holdsCredential(gate.seek, taken.toString("latin1"));
  const outcome = typeof taken === "string" ? `its answer cannot be read: ${taken}` : "a real credential came back";
  end(bad ? outcome : "whole", bytes.length);
  if (typeof taken === "string" || bad) return dismiss(call, "its answer cannot be passed on");
  await writeFrame(stream, kinds.data, taken);
  await writeFrame(stream, kinds.exit, Buffer.from([0]));
}

/** As long and as much as anybody needs for it. */
async function collect({ gate }: Call, ssh: Started): Promise<{ readonly bytes: Buffer; readonly code: number }> {
  const timer = setTimeout(ssh.kill, gate.limits.lending);
  const parts: Buffer[] = [];
  let size = 0;
  ssh.output.on("data", (part: Buffer) => {
    size += part.length;
    if (size > gate.limits.lent) ssh.kill();
    else parts.push(part);
  });
  const code = await ssh.ended;
  clearTimeout(timer);
  return { bytes: Buffer.concat(parts), code: size > gate.limits.lent ? 255 : code };
}
