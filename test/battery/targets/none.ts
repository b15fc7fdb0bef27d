// No boundary at all: the control. A probe that lands nowhere even here would prove nothing anywhere.

import { launch, type Target } from "./target.ts";

export const none: Target = {
  name: "none",
  settings: "no boundary; the control",
  version: "",
  run: async (rig, field, { command, ...more }) => ({
    ended: await launch(rig, field, command, more),
    record: { kind: "text", text: "" },
  }),
};
