// A program of this machine's, started for git inside: ssh, or whoever signs. So many at once and no more.

import type { Started } from "../domain/git-desk.ts";
import { limits } from "./limits.ts";
import { startNothing, startTethered } from "./tether.ts";

/** Of this process, which is one session's. */
let running = 0;

/** A tool could ask for as many as the gate takes connections, each a process of the person's. */
function tooMany(): Started {
  const complaint = (): string => `${limits.programs} programs for git run already: try again when one has ended`;
  return { ...startNothing(), complaint, ended: Promise.resolve(255) };
}

/** Apart from the checkout, where what the person's configuration names could be a tool's file. A proxy it started ends with it. */
export function startProgram(words: readonly string[], environment: Readonly<Record<string, string>>): Started {
  if (running >= limits.programs) return tooMany();
  running += 1;
  const program = startTethered(words, { directory: "/", environment });
  let complaint = "";
  program.complaint.on("data", (chunk: Buffer) => {
    if (complaint.length < limits.complaint) complaint += chunk.toString("utf8");
  });
  const ended = program.ended.then((end) => {
    running -= 1;
    if (end.kind === "absent") complaint ||= `${words[0]} cannot be started on this machine`;
    return end.kind === "ended" ? end.code : 255;
  });
  return {
    input: program.input,
    output: program.output,
    complaint: () => complaint.slice(0, limits.complaint).replace(/[^\P{Cc}\n]/gu, " "),
    ended,
    kill: program.kill,
  };
}
