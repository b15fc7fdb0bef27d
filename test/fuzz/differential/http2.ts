// What leaves us as HTTP/2, read by nginx: every request it passes on is on the record, at its host, with its target and its body.

import { readCorpus } from "../corpus.ts";
import { type Chance, mutate } from "../mutate.ts";
import { openFrontStage } from "../stage.ts";
import { strangers } from "../targets/front.ts";
import { target, whole } from "../targets/http2-front.ts";
import type { Disagreement } from "./differential.ts";
import type { Nginx } from "./nginx.ts";

export interface ComparedHttp2 {
  readonly cases: number;
  /** Requests that the record holds, and those that nginx passed on. */
  readonly judged: number;
  readonly read: number;
  readonly unexplained: readonly Disagreement[];
}

/** The corpus, then as many neighbours as there is time for. */
export async function compareHttp2(nginx: Nginx, chance: Chance, goesOn: () => boolean): Promise<ComparedHttp2> {
  const stage = await openFrontStage("h2", { port: nginx.ports.http2, taken: nginx.taken });
  const { found, inputs } = readCorpus("http2-front");
  const corpus = [...target.seeds, ...found.map(({ input }) => input), ...inputs];
  const material = {
    corpus,
    words: (target.words ?? []).map((word) => Buffer.from(word as string, "latin1")),
    longest: 1200,
    most: 2,
  };
  const unexplained: Disagreement[] = [];
  let [cases, judged, read] = [0, 0, 0];
  const left = [...corpus];
  while (left.length > 0 || goesOn()) {
    const bytes = left.shift() ?? mutate(chance, material);
    let passed = await stage.pass(whole(bytes));
    if (strangers(passed, false).length > 0) passed = await stage.passAgain(whole(bytes));
    cases += 1;
    judged += passed.judged.length;
    read += passed.sent.length;
    const unknown = strangers(passed, false);
    if (unknown.length > 0)
      unexplained.push({
        name: "HTTP/2",
        reader: "nginx",
        where: "behind us",
        bytes: bytes.toString("latin1"),
        ours: passed.judged,
        theirs: unknown,
        refused: passed.refused,
      });
  }
  await stage.close();
  return { cases, judged, read, unexplained };
}
