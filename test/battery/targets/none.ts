// No boundary at all: the control. A probe that lands nowhere even here would prove nothing anywhere. Where
// it would be the same user as this harness it has process numbers of its own, so that it ends nothing of others'.

import { launch, type Target } from "./target.ts";

const apart = ["unshare", "--pid", "--fork", "--kill-child", "--"];

export const none: Target = {
  name: "none",
  settings: "no boundary; the control",
  version: "",
  run: async (rig, field, { command }) => {
    // another user's processes cannot be ended by it; its own, where it is who runs this, could
    const enter = field.as.length > 0 ? field.world.enter : [...field.world.enter, ...apart];
    const ended = await launch(rig, { ...field, world: { ...field.world, enter } }, command);
    return { ended, record: { kind: "text", text: "" } };
  },
};
