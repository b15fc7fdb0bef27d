// What a session needs and nothing has to be known for, begun first: the ground its walls will stand on and the thread that
// will write its record get ready while the rest is still being loaded and read. Touches no file and shows nothing; a
// session that is refused leaves nothing of it.

import type { Ground, Streams } from "../boundary/contract.ts";
import { breakGround } from "../boundary/linux/ground.ts";
import { callScribe, type Scribe } from "../ledger/book.ts";

export interface HeadStart extends AsyncDisposable {
  readonly ground: Ground;
  readonly scribe: Scribe;
}

export function openHeadStart(streams: Streams): HeadStart {
  const ground = breakGround(streams);
  const scribe = callScribe();
  return {
    ground,
    scribe,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ground[Symbol.asyncDispose](), scribe[Symbol.asyncDispose]()]);
    },
  };
}
