// No boundary at all: the control. A probe that lands nowhere even here would prove nothing anywhere. It has process
// numbers of its own, so that what it kills and leaves behind is its own.

import { launch, type Target } from "./target.ts";

const apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

export const none: Target = {
  name: "none",
  settings: "no boundary; the control",
  version: "",
  run: async (rig, field, command) => {
    const [enter, as] = [[...field.world.enter, ...apart], field.as];
    const ended = await launch(rig, { ...field, world: { ...field.world, enter }, as }, command);
    return { ended, record: { kind: "text", text: "" } };
  },
};
