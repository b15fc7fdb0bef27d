// Questions about commands, and their answers: what a person of this machine is asked by a session, in files of the state
// directory that nothing inside can reach. A question is bound to one effect, and an answer to one question: it is used up
// by the one retry it lets pass. Refuses to keep more than a person would read.

import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { Effect } from "./effect.ts";
import { questionLimits as limits } from "./limits.ts";

export interface Question {
  /** `q-` and eight characters of Crockford's base32. */
  readonly id: string;
  readonly session: string;
  /** Who asks: what a later process of the same number is told from. */
  readonly owner: string;
  readonly tool: string;
  readonly workspace: string;
  /** Of the policy in force. */
  readonly policy: Digest;
  readonly rule: string;
  readonly effect: Effect;
  /** Of the effect: what an answer lets pass. */
  readonly digest: Digest;
  /** Milliseconds since the epoch. */
  readonly asked: number;
}

export interface Answer {
  readonly approved: boolean;
  readonly by: string;
  readonly at: number;
}

export type Answered = Question & { readonly answer: Answer | undefined };

/** When it, or its answer, no longer counts. */
export function expiryOf({ asked, answer }: Answered): number {
  return (answer?.at ?? asked) + limits.milliseconds;
}

export function parseQuestionId(text: string): string | undefined {
  return /^q-[0-9A-HJKMNP-TV-Z]{8}$/.test(text) ? text : undefined;
}

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function newQuestionId(): string {
  return `q-${[...randomBytes(8)].map((byte) => alphabet[byte % 32]).join("")}`;
}

const folder = (state: string): string => join(state, "questions");
const questionFile = (state: string, id: string): string => join(folder(state), `${id}.json`);
const answerFile = (state: string, id: string): string => join(folder(state), `${id}.answer.json`);

/** Every one that is kept, expired ones too, oldest first. What cannot be read is none. */
export function listQuestions(state: string): readonly Answered[] {
  return names(state)
    .flatMap((name) => readQuestion(state, name.slice(0, -".json".length)) ?? [])
    .sort((a, b) => a.asked - b.asked);
}

function names(state: string): readonly string[] {
  try {
    return readdirSync(folder(state)).filter((name) => /^q-[^.]*\.json$/.test(name));
  } catch {
    return [];
  }
}

export function readQuestion(state: string, id: string): Answered | undefined {
  const question = read(questionFile(state, id)) as Question | undefined;
  if (question === undefined || question.id !== id) return undefined;
  return { ...question, answer: read(answerFile(state, id)) as Answer | undefined };
}

/** Ours, in a directory of ours; written whole or not at all. */
function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function keepQuestion(state: string, question: Question): Fault | undefined {
  return write(state, questionFile(state, question.id), question) === "unwritable" ? unwritable(state) : undefined;
}

/** The first answer counts. */
export function keepAnswer(state: string, id: string, answer: Answer): "kept" | "answered" | Fault {
  const written = write(state, answerFile(state, id), answer);
  return written === "unwritable" ? unwritable(state) : written;
}

function write(state: string, file: string, value: unknown): "kept" | "answered" | "unwritable" {
  const next = `${file}.${process.pid}.new`;
  try {
    mkdirSync(folder(state), { recursive: true, mode: 0o700 });
    writeFileSync(next, JSON.stringify(value), { mode: 0o600 });
  } catch {
    return "unwritable";
  }
  try {
    linkSync(next, file); // fails where there is one
    return "kept";
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EEXIST" ? "answered" : "unwritable";
  } finally {
    rmSync(next, { force: true });
  }
}

/** True for one caller only: whoever took it away. */
export function takeQuestion(state: string, id: string): boolean {
  try {
    unlinkSync(questionFile(state, id));
  } catch {
    return false;
  }
  rmSync(answerFile(state, id), { force: true });
  return true;
}

const unwritable = (state: string): Fault =>
  new Fault({
    code: "questions",
    message: `questions cannot be kept in ${folder(state)}`,
    hint: "see that it is writable and not full",
  });
