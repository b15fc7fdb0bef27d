// `postern review [SESSION]`: what a session changed, by file and hunk; of a staged one, what is to land. Accepting is bound
// to what was shown last: whatever is no longer the same is shown again and does not land.

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { parseSessionId, type SessionId } from "../../domain/brand.ts";
import { Fault } from "../../domain/fault.ts";
import { openReview, type Review } from "../../review/landing/review.ts";
import { listCopies, removeCopy, type StagedCopy, treeOf } from "../../review/staged/record.ts";
import { mayRun } from "../../session/interrupted.ts";
import { landCopy } from "../../session/land.ts";
import { type Around, lookAround } from "../around.ts";
import { page } from "../pager.ts";
import { lander, resume } from "../resume.ts";
import { chooseEach } from "../review-each.ts";
import { reviewObjects } from "../review-json.ts";
import { tellReview } from "../review-text.ts";
import { print, warn } from "../speech.ts";
import { show, showWhole } from "../table.ts";
import { reviewLive } from "./review-live.ts";

export interface ReviewFlags {
  readonly accept?: readonly string[];
  readonly shown?: string;
  readonly each: boolean;
  readonly rest: boolean;
  readonly discard: boolean;
  readonly json: boolean;
}

export async function review(name: string | undefined, flags: ReviewFlags): Promise<number> {
  const session = name === undefined ? undefined : parseSessionId(name);
  if (name !== undefined && session === undefined) {
    warn(
      `"${show(name, 40)}" is no session`,
      "a session is s- and eight characters: postern log --kind session.start lists them",
    );
    return 2;
  }
  const around = lookAround({});
  const copies = listCopies(around.state.directory).filter((copy) =>
    session === undefined ? copy.workspace === around.workspace : copy.session === session,
  );
  await resume(around, [around.workspace, ...copies.map((copy) => copy.workspace)]);
  if (copies.length === 0 && flags.accept === undefined && !flags.discard) return reviewLive(around, session, flags);
  if (copies.length === 0) return nothing(session);
  if (session === undefined && copies.length > 1) return list(copies, flags);
  const codes: number[] = [];
  for (const copy of copies) codes.push(await reviewCopy(around, copy, flags));
  return Math.max(...codes);
}

function nothing(session: SessionId | undefined): number {
  warn(
    session === undefined ? "nothing waits to land in this checkout" : `nothing of session ${session} waits to land`,
  );
  return 1;
}

function list(copies: readonly StagedCopy[], { json }: ReviewFlags): number {
  for (const { session, started, workspace, directory } of copies) {
    const at = new Date(started).toISOString();
    if (json) print(JSON.stringify({ kind: "copy", session, workspace, started: at, tree: treeOf({ directory }) }));
    else print(`${session}  ${at.slice(0, 16).replace("T", " ")}  ${show(treeOf({ directory }), 1000)}`);
  }
  if (!json) warn("several sessions wait", "name one: postern review SESSION");
  return 1;
}

async function reviewCopy(around: Around, copy: StagedCopy, flags: ReviewFlags): Promise<number> {
  if (mayRun(copy.owner)) {
    warn(`session ${copy.session} may still be running`, "end it first");
    return 1;
  }
  if (flags.discard) {
    removeCopy(copy);
    print(`thrown away: the copy of session ${copy.session}`);
    return 0;
  }
  if (flags.each) return askEach(around, copy, flags);
  return flags.accept === undefined ? showCopy(copy, flags) : accept(around, copy, flags);
}

/** Shown piece by piece; what was said yes to lands, and nothing else was shown. */
async function askEach(around: Around, copy: StagedCopy, flags: ReviewFlags): Promise<number> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    warn("nobody is here to be asked", `postern review ${copy.session}, then --accept`);
    return 1;
  }
  const opened = await openReview(copy);
  if (opened instanceof Fault) throw opened;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const { words, seen } = await chooseEach(opened, { tell: print, ask: (question) => terminal.question(question) });
  terminal.close();
  if (words.length === 0) {
    print("nothing has landed");
    return 0;
  }
  keepShown(opened, seen);
  return accept(around, copy, { ...flags, accept: words, rest: true });
}

async function showCopy(copy: StagedCopy, flags: ReviewFlags): Promise<number> {
  const opened = await openReview(copy);
  if (opened instanceof Fault) throw opened;
  await present(opened, flags);
  return 0;
}

/** From here on it is what was shown. */
async function present(opened: Review, { json }: Pick<ReviewFlags, "json">): Promise<void> {
  if (json) for (const object of reviewObjects(opened)) print(JSON.stringify(object));
  else await page(tellReview(opened, process.stdout), opened.copy.workspace);
  keepShown(
    opened,
    opened.items.map(({ id }) => id),
  );
}

function keepShown(opened: Review, seen: readonly string[]): void {
  const shown = opened.items.filter(({ id }) => seen.includes(id));
  const items = Object.fromEntries(shown.map(({ id, digest }) => [id, digest]));
  writeFileSync(shownFile(opened.copy), JSON.stringify({ digest: opened.digest, items }), { mode: 0o600 });
}

const shownFile = ({ directory }: StagedCopy): string => `${directory}/shown.json`;

interface Shown {
  readonly digest: string;
  readonly items: Readonly<Record<string, string>>;
}

function readShown(copy: StagedCopy): Shown | undefined {
  try {
    // written by `present`, in a directory nobody else can write
    return JSON.parse(readFileSync(shownFile(copy), "utf8")) as Shown;
  } catch {
    return undefined;
  }
}

async function accept(around: Around, copy: StagedCopy, flags: ReviewFlags): Promise<number> {
  const shown = readShown(copy);
  if (shown === undefined) {
    await showCopy(copy, flags);
    warn("nothing has landed: it was not shown before", "say it again now that it was");
    return 1;
  }
  if (flags.shown !== undefined && (flags.shown.length < 16 || !shown.digest.startsWith(flags.shown))) {
    warn(`what was shown last is ${shown.digest.slice(0, 16)}`, "postern review shows it once more");
    return 1;
  }
  const wanted = { words: flags.accept ?? [], rest: flags.rest, spell: showWhole, shown: shown.items };
  const outcome = await landCopy(lander(around), copy, wanted);
  switch (outcome.kind) {
    case "refused":
      warn(show(outcome.why, 1000), outcome.hint);
      return 1;
    case "changed":
      await present(outcome.review, flags);
      warn(
        `nothing has landed: ${outcome.ids.length} of it changed since it was shown`,
        "look at it again, then say it again",
      );
      return 1;
    case "taken-back":
      warn(`nothing has landed: ${show(outcome.why, 1000)}`, "postern review shows what waits now");
      return 1;
    case "landed":
      return tellLanded(copy, outcome.journal.accepted, flags);
  }
}

async function tellLanded(copy: StagedCopy, accepted: readonly string[], { json }: ReviewFlags): Promise<number> {
  const left = await openReview(copy);
  const done = !(left instanceof Fault) && left.items.length + left.conflicts.length + left.told.length === 0;
  if (done) removeCopy(copy);
  if (json) print(JSON.stringify({ kind: "landed", session: copy.session, accepted, left: !done }));
  else {
    for (const id of accepted) print(`landed  ${showWhole(id)}`);
    if (accepted.length === 0) print("nothing was there to land");
    print(done ? "nothing is left in the copy, which is gone" : `the rest waits: postern review ${copy.session}`);
    if (accepted.length > 0) print(`take it back:  postern undo ${copy.session}`);
  }
  return 0;
}
