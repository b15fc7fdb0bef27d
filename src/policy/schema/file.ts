// The whole policy file as one zod schema: what may stand in it, with a sentence and an example each. Editors get it as
// JSON Schema; faults take their examples from it.

import { z } from "zod";
import { maxDepth, maxEntries, maxText } from "../limits.ts";
import { toolchains } from "../policy.ts";
import { covert, personalData } from "./content.ts";
import { credentials } from "./credentials.ts";
import { labels, protectedTrees, secretRules, trustedSources } from "./labels.ts";
import * as n from "./network.ts";
import { onObjects } from "./objects.ts";
import { outer } from "./outer.ts";
import { signing } from "./signing.ts";
import * as v from "./vocabulary.ts";

const mode = z.enum(["enforce", "audit"]);
const grade = z.enum(["full", "outer", "partial", "record-only"]);
const edits = z.enum(["live", "staged"]);
const sources = z.enum(["env", "file", "command", "login", "registry", "ssh", "gpg"]);

const files = z.strictObject({
  write: v
    .list(v.path)
    .meta({ description: "Writable inside; . is the workspace", examples: [["."]] })
    .optional(),
  read: v
    .list(v.path)
    .meta({ description: "Readable inside; the home is absent unless listed", examples: [["~/.gitconfig"]] })
    .optional(),
  hide: v
    .list(v.viewGlob)
    .meta({ description: "Absent inside", examples: [["secrets/**"]] })
    .optional(),
  mask: v
    .list(v.viewGlob)
    .meta({ description: "Present, values replaced by placeholders", examples: [[".env", ".env.*"]] })
    .optional(),
  toolchains: v
    .list(z.enum(toolchains))
    .meta({ description: "Found where they are, read-only", examples: [["node", "python"]] })
    .optional(),
});

const prefix = v.commandPrefix;
const commands = z.strictObject({
  ask: v
    .list(prefix)
    .meta({ description: "Argument prefixes that a person is asked about", examples: [[["git", "push"]]] })
    .optional(),
  deny: v
    .list(prefix)
    .meta({ description: "Argument prefixes that are refused", examples: [[["ssh"]]] })
    .optional(),
});

/** The key's name in the file; a literal `then` would look like a promise to the linters. */
// oxlint-disable-next-line unicorn/no-thenable
const consequence = "then";
/** A rule's example, as text for the same reason. */
const ruleExample: unknown = JSON.parse(
  '{"id":"secrets-never-leave","when":"disclosure.findings.exists(f, f.kind == \\"secret\\")","then":"redact"}',
);

const rule = z
  .strictObject({
    id: v.name.meta({ examples: ["secrets-never-leave"] }),
    when: z
      .string()
      .min(1)
      .max(maxText)
      .meta({ description: "A CEL condition", examples: ['"restricted" in disclosure.labels'] }),
    [consequence]: z
      .union([z.enum(["allow", "redact", "ask", "refuse"]), z.strictObject({ reroute: v.name })], {
        error: "is none of allow, redact, ask, refuse, { reroute: NAME }",
      })
      .meta({ examples: ["redact"] }),
    why: v.answered.why,
  })
  .meta({
    examples: [ruleExample],
  });

const tool = z
  .strictObject({
    status: z.enum(["allowed", "banned"]).meta({ examples: ["banned"] }),
    versions: z
      .string()
      .min(1)
      .max(256)
      .meta({ description: "A range of versions", examples: [">=2.1.0"] })
      .optional(),
    attest: z
      .enum(["pinned", "provenance"])
      .meta({ examples: ["pinned"] })
      .optional(),
    cooldown: v.duration.meta({ description: "The least age of a version", examples: ["7d"] }).optional(),
    "warn-from": v.date.meta({ description: "From this day a warning (UTC)", examples: ["2026-06-26"] }).optional(),
    from: v.date.meta({ description: "From this day it does not start (UTC)", examples: ["2026-07-10"] }).optional(),
    ...v.answered,
  })
  .refine((entry) => entry.status !== "allowed" || (entry.from === undefined && entry["warn-from"] === undefined), {
    ...onObjects,
    path: ["status"],
    message: "an allowed tool has no from and no warn-from",
    params: { hint: "these say when a ban begins: status: banned" },
  })
  .refine((entry) => entry["warn-from"] === undefined || entry.from !== undefined, {
    ...onObjects,
    path: ["warn-from"],
    message: "warn-from needs from",
    params: { hint: "warn-from is the day the warnings begin, from the day the ban does" },
  })
  .refine((entry) => (entry["warn-from"] ?? "") <= (entry.from ?? "~"), {
    ...onObjects,
    path: ["warn-from"],
    message: "warn-from is after from",
    params: { hint: "warnings come first" },
  })
  .meta({ examples: [{ status: "banned", from: "2026-07-10", why: "not approved" }] });

const limits = z.strictObject({
  mode: mode.meta({ description: "enforce: nobody may run in audit", examples: ["enforce"] }).optional(),
  edits: edits.meta({ description: "staged: nobody may edit live", examples: ["staged"] }).optional(),
  "accept-grades": z
    .array(grade)
    .min(1)
    .meta({ description: "Grades a session may have", examples: [["full", "outer"]] })
    .optional(),
  hosts: v
    .list(v.host)
    .meta({ description: "The widest that may be reached", examples: [["api.anthropic.com"]] })
    .optional(),
  credentials: v
    .list(sources)
    .meta({ description: "Sources a credential may have", examples: [["env", "file"]] })
    .optional(),
  files: z
    .strictObject({
      write: v
        .list(v.path)
        .meta({ examples: [["."]] })
        .optional(),
      read: v
        .list(v.path)
        .meta({ examples: [["~/.gitconfig"]] })
        .optional(),
    })
    .meta({ description: "Grants must lie at or below these" })
    .optional(),
  "second-approver": z
    .boolean()
    .meta({ examples: [true] })
    .optional(),
});

/** Keys whose names are fixed and whose detail comes with their work: any bounded value. */
const later = z.unknown().meta({ description: "Detail comes with the work that enforces it" }).optional();

const bounded = { ...onObjects, message: `more than ${maxEntries} entries` };
function map<Item extends z.ZodType>(item: Item): z.ZodRecord<typeof v.name, Item> {
  return z.record(v.name, item).refine((all) => Object.keys(all).length <= maxEntries, bounded);
}

export const policyFile = z
  .strictObject({
    version: z.literal(1).meta({ description: "The format's version", examples: [1] }),
    mode: mode
      .meta({ description: "audit: recorded and passed on; enforce: refused unless allowed", examples: ["enforce"] })
      .optional(),
    require: grade.meta({ description: "The least grade accepted", examples: ["full"] }).optional(),
    edits: edits
      .meta({ description: "live: the checkout itself; staged: a private copy", examples: ["live"] })
      .optional(),
    extends: v
      .list(v.name)
      .meta({ description: "Profiles to add by hand", examples: [["claude-code"]] })
      .optional(),
    limits: limits.meta({ description: "Organisation only: the widest anybody may grant" }).optional(),
    files: files.meta({ description: "What of the file system is there inside" }).optional(),
    network: n.network.meta({ description: "What may be reached" }).optional(),
    credentials: credentials.optional(),
    signing: signing.meta({ description: "How git's commits and tags are signed, outside" }).optional(),
    outer: map(outer)
      .meta({ description: "Containers somebody else built, for `run --outer NAME`; never a repository's to say" })
      .optional(),
    commands: commands.meta({ description: "Friction, not a wall" }).optional(),
    labels: labels.optional(),
    inference: n.inference.optional(),
    rules: z
      .array(rule)
      .max(maxEntries)
      .meta({ description: "First match in a layer, strictest across layers" })
      .optional(),
    tools: map(tool)
      .meta({ examples: [{ "some-agent": { status: "banned", why: "not approved" } }] })
      .optional(),
    retention: z
      .strictObject({
        bodies: v.duration.meta({ examples: ["30d"] }).optional(),
        entries: v.duration.meta({ examples: ["7y"] }).optional(),
      })
      .optional(),
    proxy: n.proxy.meta({ description: "How the gateway itself goes out" }).optional(),
    protected: protectedTrees.optional(),
    "secret-rules": secretRules.optional(),
    "personal-data": personalData.optional(),
    covert: covert.meta({ description: "Text that does not show" }).optional(),
    "trusted-sources": trustedSources.optional(),
    mcp: later,
    questions: later,
    witnesses: later,
    exporters: later,
  })
  .meta({ title: "Postern policy", description: `One policy file, at most ${maxDepth} levels deep` });

export type PolicyFile = z.infer<typeof policyFile>;
export type AllowEntry = NonNullable<NonNullable<PolicyFile["network"]>["allow"]>[number];
export type CredentialEntry = NonNullable<PolicyFile["credentials"]>[string];
