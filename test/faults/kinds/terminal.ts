// Whoever watches goes: standard output and errors lead nowhere any more, the terminal is gone.

import { type Kind, pause, signal } from "../kind.ts";

/** script(1) keeps the other end of the terminal: with it goes the terminal. */
const inTerminal = ["bash", "-c", `exec script -qefc "$(printf '%q ' "$@")" /dev/null`, "bash"];

export const terminal: readonly Kind[] = [
  {
    name: "nobody listens any more",
    strike: async ({ started }) => {
      started.child.stdout?.destroy();
      started.child.stderr?.destroy();
      return { ending: "goes on", unheard: true };
    },
  },
  {
    name: "terminal goes away",
    before: inTerminal,
    working: true,
    strike: async ({ started, chance }) => {
      await pause(chance(100));
      // its code is script's; what the session's end was, the record says
      return signal(started.child.pid, "SIGKILL")
        ? { ending: "closes", codes: [137], stop: 124, unheard: true }
        : undefined;
    },
  },
];
