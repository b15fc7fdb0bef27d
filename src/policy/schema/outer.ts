// `outer`: containers and machines that somebody else built, in which a tool may be started; and the directory both sides see.

import { z } from "zod";
import { maxWords } from "../limits.ts";
import { onObjects } from "./objects.ts";
import * as v from "./vocabulary.ts";

const inside = v.word((text) =>
  /^\/[^\u0000]*[^/\u0000]$/.test(text) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(text)
    ? undefined
    : { message: "is not a whole path inside", hint: "as it is seen there: /run/postern-door" },
);

/** Started outside, so never looked for: whoever could put a program on the PATH would choose it. */
const entering = z
  .array(v.word((text) => (text.includes("\u0000") ? { message: "holds a NUL", hint: "write it plainly" } : undefined)))
  .min(1)
  .max(maxWords)
  .refine(([program = ""]) => /^\/.*[^/]$/.test(program), {
    ...onObjects,
    path: [0],
    message: "is not a program's whole path",
    params: { hint: "write /usr/bin/docker" },
  });

export const outer = z
  .strictObject({
    enter: entering.meta({
      description: "What a command is put behind to run inside, its input and output passed on",
      examples: [["/usr/bin/docker", "exec", "-i", "work"]],
    }),
    terminal: entering
      .meta({
        description: "The same where the tool has a terminal; enter where left out",
        examples: [["/usr/bin/docker", "exec", "-it", "work"]],
      })
      .optional(),
    door: z
      .strictObject({
        host: v.path.meta({ description: "A directory that only you may enter", examples: ["~/.postern-door"] }),
        inside: inside.meta({
          description: "The same directory, as it is seen inside",
          examples: ["/run/postern-door"],
        }),
      })
      .meta({ examples: [{ host: "~/.postern-door", inside: "/run/postern-door" }] }),
    workspace: inside
      .meta({ description: "The checkout inside; the same path where left out", examples: ["/work"] })
      .optional(),
    node: v
      .word((text) => (/^(?:\/.*)?[^/\u0000]+$/.test(text) ? undefined : { message: "is no program", hint: "node" }))
      .meta({ description: "Node inside, 18 or later; node where left out", examples: ["/usr/local/bin/node"] })
      .optional(),
    ...v.answered,
  })
  .meta({
    examples: [
      {
        enter: ["/usr/bin/docker", "exec", "-i", "work"],
        door: { host: "~/.postern-door", inside: "/run/postern-door" },
      },
    ],
  });
