// Ctrl-Z: the tool has stopped, and so does this process, for the caller's shell to say `fg`. It holds nothing then that
// other sessions wait for. Where no shell could ever say it, the kernel drops the stop (its process group is orphaned), and
// the tool goes on at once.

import { setTimeout } from "node:timers/promises";
import type { Book } from "../ledger/book.ts";
import { outOfTurn } from "./login/turn.ts";

/** Milliseconds in which a stop that was asked for has come, if it comes at all. */
const settling = 50;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Resolves when the tool may go on. `ended`: it never will. With it stop all of the caller's job, as Ctrl-Z would have: npx may stand above us. */
export async function rest(book: Pick<Book, "quiet">, ended: () => boolean): Promise<void> {
  await outOfTurn(() =>
    book.quiet(() => {
      // it may have waited long, and nothing is left that would say `fg`
      if (ended()) return;
      process.kill(0, "SIGTSTP");
      // any of our threads may be the one that takes it; nothing is begun before
      Atomics.wait(sleeper, 0, 0, settling);
    }),
  );
  await setTimeout(settling);
}
