// How a session may end: the tool by itself, the person, or a part of ours that failed. Whatever fails closes everything;
// and everything that was opened is closed, also when the way there threw.

import type { Walls } from "../boundary/contract.ts";
import { Fault } from "../domain/fault.ts";
import type { Grade } from "../domain/session.ts";
import type { Book } from "../ledger/book.ts";
import type { RunRequest } from "./request.ts";

/** As the summary tells it. */
export interface SessionExit {
  readonly code: number;
  readonly by: "tool" | "postern";
  readonly reason: string;
}

export interface Ends extends AsyncDisposable {
  readonly book: Book;
  readonly walls: Walls;
  /** Adds a part whose failing ends the session. */
  readonly watch: (part: { readonly failed: Promise<never> }) => void;
  /** Waits for the tool; ends it when the person or a failing part says so. */
  readonly until: (running: ReturnType<Walls["run"]>, request: RunRequest) => Promise<SessionExit>;
}

interface Reason {
  readonly message: string;
  /** What failed; undefined where the person ended it. */
  readonly failure?: unknown;
}

/** Both are opened at once; where one cannot be, the other is closed again and its fault thrown. */
export async function openEnds(opening: {
  readonly book: (grade: Grade) => Promise<Book>;
  readonly walls: Promise<Walls>;
}): Promise<Ends> {
  const [book, walls] = await Promise.allSettled([opening.book("full"), opening.walls]);
  if (book.status === "fulfilled" && walls.status === "fulfilled")
    return joinEnds(await atGrade(book.value, walls.value, opening.book), walls.value);
  if (book.status === "fulfilled") await book.value[Symbol.asyncDispose]();
  if (walls.status === "fulfilled") await walls.value[Symbol.asyncDispose]();
  throw book.status === "rejected" ? book.reason : walls.status === "rejected" ? walls.reason : undefined;
}

/** Nothing is in it yet: where the walls turned out weaker, one that says so is opened in its stead. */
async function atGrade(book: Book, walls: Walls, open: (grade: Grade) => Promise<Book>): Promise<Book> {
  if (walls.grade === "full") return book;
  try {
    await book[Symbol.asyncDispose]();
    return await open(walls.grade);
  } catch (error) {
    await walls[Symbol.asyncDispose]();
    throw error;
  }
}

function joinEnds(book: Book, walls: Walls): Ends {
  const ended = Promise.withResolvers<Reason>();
  // closed the other way round, once, each whatever became of the other
  const both = new AsyncDisposableStack();
  both.use(book);
  both.use(walls);
  const watch: Ends["watch"] = ({ failed }) => {
    failed.catch((error: unknown) => {
      ended.resolve({ message: reasonOf(error), failure: error });
      walls.kill();
    });
  };
  watch({ failed: book.broken });
  watch({ failed: walls.broken });
  return {
    book,
    walls,
    watch,
    until: async (running, request) => {
      request.hold({
        signal: walls.signal,
        end: (reason) => {
          ended.resolve({ message: reason });
          walls.kill();
        },
      });
      const exit = await Promise.race([
        running.catch((failure: unknown): Reason => ({ message: reasonOf(failure), failure })),
        ended.promise,
      ]);
      if ("byTool" in exit && exit.byTool) return { code: exit.code, by: "tool", reason: sayEnd(exit.code) };
      await running.catch(() => undefined);
      const { message, failure } = "byTool" in exit ? await unexplained(ended.promise) : exit;
      if (failure !== undefined) return endByFailure(failure, request.tell);
      return { code: 124, by: "postern", reason: message };
    },
    [Symbol.asyncDispose]: () => both.disposeAsync(),
  };
}

/** Something of ours failed: said, and 124, for the tool may have run; but without a view to run in, or a watch, it did not. */
export function endByFailure(failure: unknown, tell: RunRequest["tell"]): SessionExit {
  tell({ kind: "failure", error: failure });
  const nothingRan = failure instanceof Fault && (failure.code === "no-mount" || failure.code === "no-watch");
  return { code: nothingRan ? 125 : 124, by: "postern", reason: reasonOf(failure) };
}

export function reasonOf(failure: unknown): string {
  return failure instanceof Fault ? failure.message : `a defect: ${String(failure)}`;
}

/** The walls ended it: the reason may come a moment after the end itself. */
async function unexplained(reason: Promise<Reason>): Promise<Reason> {
  const unknown = { message: "the boundary ended" };
  const soon = new Promise<Reason>((resolve) => setTimeout(resolve, 200, unknown).unref());
  return Promise.race([reason, soon]);
}

function sayEnd(code: number): string {
  if (code === 126) return "the command could not be executed";
  if (code === 127) return "the command was not found inside";
  return code > 128 ? `ended by signal ${code - 128}` : "ended by itself";
}
