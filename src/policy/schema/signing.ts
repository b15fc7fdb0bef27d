// `signing`: with which key git's commits and tags are signed outside.

import { z } from "zod";
import * as v from "./vocabulary.ts";

export const signing = z.strictObject({
  key: v.path.meta({
    description: "A key's file, or its public part where your agent has the rest",
    examples: ["~/.ssh/id_ed25519"],
  }),
  use: z
    .enum(["allow", "ask"])
    .meta({ description: "allow where left out; ask: you are asked about each", examples: ["ask"] })
    .optional(),
  ...v.answered,
});
