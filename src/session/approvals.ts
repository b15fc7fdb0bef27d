// A person's answer to a question, given outside of any session: entered in the record first, then left for whoever asked.
// What enters: the question's id, who answers. Refuses what is not asked, was answered, or has expired with its session.

import { Fault } from "../domain/fault.ts";
import type { Principal, Session } from "../domain/session.ts";
import { openBook } from "../ledger/book.ts";
import { type Answered, expiryOf, keepAnswer, listQuestions, readQuestion, takeQuestion } from "../review/questions.ts";
import { digestBuild } from "./build.ts";
import { mayRun } from "./interrupted.ts";
import { newSessionId } from "./prepare.ts";
import type { State } from "./state.ts";

/** Those that an answer would still reach; others are taken away. Oldest first. */
export function openQuestions({ directory }: State): readonly Answered[] {
  const now = Date.now();
  return listQuestions(directory).filter((question) => {
    if (!mayRun(question.owner)) takeQuestion(directory, question.id);
    else if (expiryOf(question) > now) return true;
    return false;
  });
}

export interface Answering {
  readonly id: string;
  readonly approved: boolean;
  readonly principal: Principal;
}

/** The question as it was answered, or why it was not. */
export async function answerQuestion(state: State, { id, approved, principal }: Answering): Promise<Answered | Fault> {
  const question = readQuestion(state.directory, id);
  if (question === undefined || !mayRun(question.owner) || expiryOf(question) <= Date.now()) return nothingAsked(id);
  if (question.answer !== undefined) return answeredBefore(question);
  await using book = await openBook({ state: state.directory, session: standIn(question, principal) });
  const { session, digest, effect } = question;
  await book.append({
    kind: "approval",
    verdict: approved ? "allow" : "refuse",
    rule: question.rule,
    sealed: { question: id, session, digest, effect },
  });
  const answer = { approved, by: principal.name, at: Date.now() };
  const kept = keepAnswer(state.directory, id, answer);
  if (kept instanceof Fault) return kept;
  const now = readQuestion(state.directory, id);
  if (kept === "answered") return answeredBefore(now ?? question);
  return now === undefined ? nothingAsked(id) : { ...question, answer };
}

/** What Postern does outside a run is a session of its own (docs/spec/leaf.md). */
function standIn(question: Answered, principal: Principal): Session {
  const build = digestBuild();
  return {
    id: newSessionId(),
    principal,
    tool: { name: "postern", recognised: true, version: undefined, path: "", sha256: build },
    mode: "enforce",
    edits: "live",
    grade: "record-only",
    headless: true,
    workspace: question.workspace,
    policy: question.policy,
    build,
  };
}

function nothingAsked(id: string): Fault {
  return new Fault({
    code: "question",
    message: `nothing is asked under ${id}: it was used, it expired, or its session has ended`,
    hint: "postern pending lists what is asked now",
  });
}

function answeredBefore({ id, answer }: Answered): Fault {
  const what = answer?.approved === true ? "approved" : "denied";
  return new Fault({
    code: "question",
    message: `${id} was ${what} already${answer === undefined ? "" : ` by ${answer.by}`}`,
    hint: "the first answer counts; the tool has to try again, and is asked anew after that",
  });
}
