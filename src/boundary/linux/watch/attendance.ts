// The CLI's side of the watch: what the helper tells goes to whoever watches, answers and acknowledgements go back. Out:
// when everything told was taken; the first failure of whoever watches.

import type { Watch } from "../../contract.ts";
import type { Order, Report } from "../channel.ts";

export interface Attendance {
  readonly take: (report: Report) => void;
  /** Resolves when everything told so far is on the record, or lost. */
  readonly settled: () => Promise<void>;
  /** Pending for ever, or rejects once. */
  readonly failed: Promise<never>;
}

export function attend(order: (order: Order) => void, watch: Watch): Attendance {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const waiting = new Set<Promise<void>>();
  const expect = (work: Promise<unknown>): void => {
    const done: Promise<void> = work.then(() => undefined, failure.reject).finally(() => waiting.delete(done));
    waiting.add(done);
  };
  let count = 0;
  /** What was entered in one turn is acknowledged in one message. */
  const acknowledge = (): void => {
    count += 1;
    if (count > 1) return;
    setImmediate(() => {
      order({ kind: "entered", count });
      count = 0;
    });
  };
  return {
    take: (report) => {
      if (report.kind === "executions")
        for (const execution of report.executions) expect(watch.told(execution).then(acknowledge));
      else if (report.kind === "attempt") expect(watch.attempted(report.attempt));
      else if (report.kind === "attempts") expect(watch.attemptedMore(report.more));
      else if (report.kind === "bounded") expect(watch.bounded({ bound: report.bound, times: 1 }));
      else if (report.kind === "question") {
        const { id, execution } = report;
        expect(watch.judge(execution).then((allow) => order({ kind: "answer", id, allow })));
      } else if (report.kind === "learnt") {
        for (const [key, digest] of report.digests) watch.remembered.set(key, digest);
      }
    },
    settled: async () => {
      await Promise.all(waiting);
    },
    failed: failure.promise,
  };
}
