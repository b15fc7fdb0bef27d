// What may stand in a policy file of what is known: which files of the workspace are called what, other repositories of this machine
// that are known although no session shows them, rules by which secrets are, and whose text is one's own.

import { z } from "zod";
import { maxEntries, maxRuleFiles, maxWords } from "../limits.ts";
import { onObjects } from "./objects.ts";
import * as v from "./vocabulary.ts";

export const labels = z
  .record(v.name, v.list(v.viewGlob))
  .refine((all) => Object.values(all).flat().length <= maxWords, {
    ...onObjects,
    message: `more than ${maxWords} globs in all labels together`,
    params: { hint: "one `**` at the end is mostly enough" },
  })
  .meta({
    description: "Files of the workspace by name or place; what leaves of them is on the record under the label",
    examples: [{ restricted: ["src/pricing/**"] }],
  });

const protectedTree = z.strictObject({
  path: v.path.meta({ description: "A directory of this machine; from this file's own", examples: ["~/work/secret"] }),
  label: v.name
    .meta({ description: "What its files are called; protected where left out", examples: ["restricted"] })
    .optional(),
  ...v.answered,
});

export const protectedTrees = z
  .array(protectedTree)
  .max(maxEntries)
  .meta({
    description: "Other checkouts that are known although no session shows them; never a repository's to say",
    examples: [[{ path: "~/work/secret", label: "restricted" }]],
  });

export const secretRules = z
  .array(v.path)
  .max(maxRuleFiles)
  .meta({
    description: "Files of rules by which secrets are found beside the product's own; never a repository's to say",
    examples: [["acme-tokens.toml"]],
  });

/** What comes from there is not counted as come from outside. */
export const trustedSources = z
  .strictObject({
    hosts: v
      .list(v.host)
      .meta({ description: "Hosts whose replies are one's own", examples: [["docs.example.org"]] })
      .optional(),
    files: v
      .list(v.viewGlob)
      .meta({ description: "Dependencies that are one's own, from the workspace", examples: [["vendor/ours/**"]] })
      .optional(),
  })
  .meta({
    description: "What comes from there is not counted as come from outside; never a repository's to say",
    examples: [{ hosts: ["docs.example.org"], files: ["vendor/ours/**"] }],
  });
