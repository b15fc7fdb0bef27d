// `postern pending`: what is asked now, whole, so that nobody says yes to what they have not seen.

import type { RefUpdate } from "../../domain/push.ts";
import { type CommandEffect, type PushEffect, placeOf, type SignatureEffect } from "../../review/effect.ts";
import { type Answered, expiryOf } from "../../review/questions.ts";
import { openQuestions } from "../../session/approvals.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller } from "../caller.ts";
import { writeCommandLine } from "../command-line.ts";
import { print } from "../speech.ts";
import { duration, show } from "../table.ts";

export function pending(flags: { readonly json: boolean }): Promise<number> {
  const caller = readCaller();
  const questions = openQuestions(describeState(stateDirectory(caller.environment, caller.home)));
  for (const question of questions) print(flags.json ? toJson(question) : toText(question));
  if (questions.length === 0 && !flags.json) print("nothing is asked");
  return Promise.resolve(0);
}

function toJson({ owner: _owner, ...question }: Answered): string {
  const expires = new Date(expiryOf({ ...question, owner: "" })).toISOString();
  const asked = new Date(question.asked).toISOString();
  return JSON.stringify({ ...question, asked, expires, answer: question.answer ?? null });
}

function toText(question: Answered): string {
  const { id, session, tool, workspace, rule, answer } = question;
  const left = duration((expiryOf(question) - Date.now()) / 1000);
  const state =
    answer === undefined ? `${left} left` : `${answer.approved ? "approved" : "denied"}, ${left} left to try again`;
  return [
    `${id}  ${tellEffect(question)}`,
    `            asked by ${show(tool, 40)} in ${show(workspace, 80)}, ${session}, under ${rule}; ${state}`,
  ].join("\n");
}

/** Never cut: what is not shown is not approved. */
export function tellEffect({ effect }: Pick<Answered, "effect">): string {
  if (!("kind" in effect)) return tellCommand(effect);
  if (effect.kind === "upload") return `send large files (LFS) to ${writeCommandLine([placeOf(effect)])}`;
  return effect.kind === "push" ? tellPush(effect) : tellSignature(effect);
}

/** Line by line, each as a word of the shell would be written: what is signed may be any text. */
function tellSignature({ object, text }: SignatureEffect): string {
  const lines = Buffer.from(text, "latin1").toString("utf8").trimEnd().split("\n");
  return [
    `sign a ${object}:`,
    ...lines.map((line) => `            ${line === "" ? "" : writeCommandLine([line])}`),
  ].join("\n");
}

function tellPush(effect: PushEffect): string {
  const { updates, options } = effect;
  return [
    `push to ${writeCommandLine([placeOf(effect)])}`,
    ...updates.map((update) => `            ${tellUpdate(update)}`),
    ...options.map((option) => `            with the option ${writeCommandLine([option])}`),
  ].join("\n");
}

/** Object names whole: they are what is approved. */
function tellUpdate({ old, new: after, ref }: RefUpdate): string {
  const none = /^0+$/;
  const name = writeCommandLine([ref]);
  if (none.test(after)) return `deletes ${name}, which is at ${old}`;
  return none.test(old) ? `makes ${name} at ${after}` : `moves ${name} from ${old} to ${after}`;
}

function tellCommand(effect: CommandEffect): string {
  const { arguments: words, executable, sha256, interpreters, directory } = effect;
  const programs = [{ executable, sha256 }, ...interpreters];
  return [
    writeCommandLine(words),
    ...programs.map((one) => `            ${writeCommandLine([one.executable])}  sha256 ${one.sha256}`),
    `            in ${writeCommandLine([directory])}`,
  ].join("\n");
}
