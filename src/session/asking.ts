// What a person is asked about, a command or a push: a question is left for them, the attempt fails at once, and the retry
// passes where they said yes meanwhile. Nobody waits. In: one effect that a rule asks about. Out: may it be, and why.

import type { Append, Entry } from "../domain/entry.ts";
import type { Answer } from "../domain/push.ts";
import { digestEffect, type Effect, sayEffect } from "../review/effect.ts";
import { questionLimits } from "../review/limits.ts";
import {
  expiryOf,
  keepQuestion,
  newQuestionId,
  type Question,
  readQuestion,
  takeQuestion,
} from "../review/questions.ts";
import { ownMark } from "./interrupted.ts";
import type { Prepared } from "./prepare.ts";

export type Asked = Answer;

export interface Asking {
  readonly ask: (rule: string, effect: Effect) => Asked;
  /** `unasked`: nobody was there, in a headless session. */
  readonly counts: () => { readonly asked: number; readonly unanswered: number; readonly unasked: number };
  /** The session ends: what is still open no longer counts. */
  readonly close: () => Promise<void>;
}

export function openAsking(prepared: Prepared, append: Append): Asking {
  return new Desk(prepared, append);
}

interface Matter {
  readonly rule: string;
  readonly effect: Effect;
  readonly digest: Question["digest"];
}

class Desk implements Asking {
  readonly #prepared: Prepared;
  readonly #append: Append;
  /** Open questions of this session, by their effect's digest. */
  readonly #open = new Map<string, string>();
  readonly #entered: Promise<unknown>[] = [];
  #asked = 0;
  #unanswered = 0;
  #unasked = 0;

  constructor(prepared: Prepared, append: Append) {
    this.#prepared = prepared;
    this.#append = append;
  }

  readonly counts = () => ({
    asked: this.#asked,
    unanswered: this.#unanswered + this.#open.size,
    unasked: this.#unasked,
  });

  readonly ask = (rule: string, effect: Effect): Asked => {
    if (this.#prepared.session.headless) {
      this.#unasked += 1;
      return { kind: "refuse", reason: "a person would have to be asked, and this session is headless" };
    }
    const matter = { rule, effect, digest: digestEffect(effect) };
    const id = this.#open.get(matter.digest);
    return id === undefined ? this.#begin(matter) : this.#again(id, matter);
  };

  readonly close = async (): Promise<void> => {
    for (const [digest, id] of this.#open) {
      if (readQuestion(this.#state, id)?.answer === undefined) this.#drop(digest, id, "unanswered");
      else takeQuestion(this.#state, id);
    }
    this.#open.clear();
    await Promise.all(this.#entered);
  };

  get #state(): string {
    return this.#prepared.state.directory;
  }

  #begin(matter: Matter): Asked {
    if (this.#open.size >= questionLimits.open)
      return { kind: "refuse", reason: `${questionLimits.open} questions of this session are open already` };
    const question = this.#write(matter);
    const fault = keepQuestion(this.#state, question);
    if (fault !== undefined) return { kind: "refuse", reason: fault.message };
    const { rule, effect, digest } = matter;
    this.#open.set(digest, question.id);
    this.#asked += 1;
    const sealed = { question: question.id, digest, effect };
    this.#enter({ kind: "approval", verdict: "ask", rule, counts: { questions: 1 }, sealed });
    this.#prepared.request.tell({ kind: "question", id: question.id, words: sayEffect(effect) });
    return { kind: "ask", reason: "a person is asked about it", question: question.id };
  }

  /** The same effect was asked about before. */
  #again(id: string, matter: Matter): Asked {
    const known = readQuestion(this.#state, id);
    if (known === undefined || known.digest !== matter.digest) return this.#begin(matter);
    if (expiryOf(known) <= Date.now()) {
      this.#drop(matter.digest, id, "expired");
      return this.#begin(matter);
    }
    const { answer } = known;
    if (answer === undefined) return { kind: "ask", reason: "a person was asked about it", question: id };
    if (!answer.approved) return { kind: "refuse", reason: `${answer.by} said no`, question: id };
    this.#open.delete(matter.digest);
    // whoever takes it away may use it, once
    if (!takeQuestion(this.#state, id)) return this.#begin(matter);
    return { kind: "allow", reason: `${answer.by} said yes`, question: id };
  }

  #drop(digest: string, id: string, outcome: string): void {
    this.#open.delete(digest);
    if (!takeQuestion(this.#state, id)) return;
    this.#unanswered += 1;
    this.#enter({ kind: "approval", sealed: { question: id, outcome } });
  }

  /** An entry that cannot be written has broken the book, which ends the session by itself. */
  #enter(entry: Entry): void {
    this.#entered.push(this.#append(entry).catch(() => undefined));
  }

  #write({ rule, effect, digest }: Matter): Question {
    const { session, policy } = this.#prepared;
    return {
      id: newQuestionId(),
      session: session.id,
      owner: ownMark(),
      tool: session.tool.name,
      workspace: session.workspace,
      policy: policy.sha256,
      rule,
      effect,
      digest,
      asked: Date.now(),
    };
  }
}
