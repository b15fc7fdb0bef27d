// `postern approve ID`, `postern deny ID`: one answer to one question, from another terminal of the same person.

import { Fault } from "../../domain/fault.ts";
import { questionLimits } from "../../review/limits.ts";
import { parseQuestionId } from "../../review/questions.ts";
import { answerQuestion } from "../../session/approvals.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller } from "../caller.ts";
import { print, warn } from "../speech.ts";
import { duration, show } from "../table.ts";
import { tellEffect } from "./pending.ts";

export const approve = (id: string): Promise<number> => answer(id, true);
export const deny = (id: string): Promise<number> => answer(id, false);

async function answer(text: string, approved: boolean): Promise<number> {
  const id = parseQuestionId(text);
  if (id === undefined) {
    warn(`"${show(text, 40)}" is no question`, "a question is q- and eight characters: postern pending lists them");
    return 2;
  }
  const caller = readCaller();
  const state = describeState(stateDirectory(caller.environment, caller.home));
  const { name, uid, host } = caller;
  const answered = await answerQuestion(state, { id, approved, principal: { name, uid, host } });
  if (answered instanceof Fault) {
    warn(answered.message, answered.hint);
    return 1;
  }
  const how = approved ? `approved, for once, within ${duration(questionLimits.milliseconds / 1000)}` : "denied";
  print(`${how}: ${tellEffect(answered)}`);
  return 0;
}
