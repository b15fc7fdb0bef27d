// A gate that is wholly open, and what its upstreams read: nothing reaches them but what the record holds, in its order, at the
// host it was judged for, with the target and the body it was judged with.

import assert from "node:assert/strict";
import { type FrontStage, openFrontStage, type Passed, type Seen } from "../stage.ts";
import type { Target } from "../target.ts";

/** Without a port: both sides have the scheme's own. */
function plainHost(host: string): string {
  return host.replace(/:80$/, "").replace(/\.$/, "").toLowerCase();
}

function same(judged: Seen, sent: Passed["sent"][number]): boolean {
  return (
    judged.method === sent.method &&
    judged.host === sent.upstream &&
    judged.host === plainHost(sent.host) &&
    judged.size === sent.size &&
    judged.target === sent.target
  );
}

/** What was sent and is not on the record as it was read. `inTurn`: one after the other, as on HTTP/1.1; what was passed over never left. */
export function strangers({ judged, sent }: Pick<Passed, "judged" | "sent">, inTurn: boolean): readonly Seen[] {
  const left = [...judged];
  return sent.filter((one) => {
    const at = left.findIndex((other) => same(other, one));
    if (at < 0) return true;
    left.splice(inTurn ? 0 : at, inTurn ? at + 1 : 1);
    return false;
  });
}

function checkPassed(passed: Passed, inTurn: boolean): void {
  assert.deepEqual(passed.unread, [], "an upstream cannot read what it was sent");
  const unknown = strangers(passed, inTurn);
  assert.deepEqual(unknown, [], `an upstream read what is not on the record: ${JSON.stringify(passed.judged)}`);
}

export function frontTarget(
  version: "http/1.1" | "h2",
  around: (bytes: Buffer) => Buffer | undefined,
): Pick<Target, "run" | "close"> {
  let opened: Promise<FrontStage> | undefined;
  const inTurn = version === "http/1.1";
  return {
    run: async (bytes) => {
      opened ??= openFrontStage(version);
      const stage = await opened;
      const whole = around(bytes);
      if (whole === undefined) return "nothing for this front";
      let passed = await stage.pass(whole);
      // on a busy machine the record, or a decoder's thread, may be behind
      if (strangers(passed, inTurn).length > 0) passed = await stage.passAgain(whole);
      checkPassed(passed, inTurn);
      const status = passed.reply.match(/HTTP\/1\.1 \d+/g) ?? [];
      const counts = `${passed.judged.length} ${passed.sent.length}`;
      return `${counts} ${status.slice(0, 3).join()} ${passed.refused.slice(0, 2).join()}`;
    },
    close: async () => (await opened)?.close(),
  };
}
