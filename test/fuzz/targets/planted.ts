// No parser: what the thread that attends a target must notice from outside, planted.

import type { Target } from "../target.ts";

function hang(): never {
  for (;;);
}

export const target: Target = {
  seeds: [Buffer.from("a well-formed one")],
  run: async (bytes) => {
    const text = bytes.toString("latin1");
    if (text.startsWith("hang")) hang();
    if (text.startsWith("loose")) {
      setImmediate(() => {
        throw new Error("thrown where nobody waits");
      });
      await new Promise(() => undefined);
    }
    return text;
  },
};
