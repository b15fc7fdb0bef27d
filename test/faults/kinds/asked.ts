// A part is asked to end: the person's signals to the command line; others' to the helper, which is the first process of its
// namespace and hears none but those that cannot be ignored.

import { type Kind, signal } from "../kind.ts";

const toTool: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGTERM: 143, SIGINT: 130, SIGQUIT: 131 };

export const asked: readonly Kind[] = [
  ...Object.entries(toTool).map(
    ([name, code]): Kind => ({
      name: `${name} to the command line`,
      // before the tool has begun it is the command line that ends by it
      strike: async ({ cli }) =>
        signal(cli, name as NodeJS.Signals) ? { ending: "closes", codes: [code, 124] } : undefined,
    }),
  ),
  {
    name: "SIGHUP to the command line",
    strike: async ({ cli }) => (signal(cli, "SIGHUP") ? { ending: "closes", codes: [124, 129] } : undefined),
  },
  ...(["SIGTERM", "SIGHUP"] as const).map(
    (name): Kind => ({
      name: `${name} to the helper`,
      strike: async ({ find }) => (signal(await find("helper"), name) ? { ending: "goes on" } : undefined),
    }),
  ),
];
