// What is outside fails: an upstream that never answers, one that breaks off, names that nobody answers for.

import { failing } from "../../journeys/outside-failing.ts";
import { type Kind, pause, signal } from "../kind.ts";
import { deafHost } from "../place.ts";

const upstream = (name: string, more: Pick<Kind, "target" | "host">): readonly Kind[] => [
  {
    ...more,
    name: `${name}; the tool ends`,
    working: true,
    strike: async ({ chance }) => {
      await pause(chance(300));
      return { ending: "goes on" };
    },
  },
  {
    ...more,
    name: `${name}; the command line is killed`,
    working: true,
    strike: async ({ cli }) => (signal(cli, "SIGKILL") ? { ending: "cut" } : undefined),
  },
];

export const network: readonly Kind[] = [
  ...upstream("upstream never answers", { target: failing.never }),
  ...upstream("upstream breaks off", { target: failing.partly }),
  ...upstream("upstream resets before it replies", { target: failing.reset }),
  ...upstream("resolver never answers", { host: deafHost }),
];
