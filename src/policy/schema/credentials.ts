// `credentials`: real values the tool never sees, where they lie and the one place where each is put in.

import { z } from "zod";
import { maxCredentials } from "../limits.ts";
import { onObjects } from "./objects.ts";
import { registry } from "./registry.ts";
import * as v from "./vocabulary.ts";

const from = z
  .strictObject({
    env: v.variable
      .meta({ description: "A variable of your own environment", examples: ["ANTHROPIC_API_KEY"] })
      .optional(),
    file: v.path
      .meta({ description: "A file, without its last line feed", examples: ["~/.keys/anthropic"] })
      .optional(),
    command: v
      .list(v.word(() => undefined))
      .min(1)
      .meta({
        description: "A program and its arguments; its standard output",
        examples: [["pass", "show", "anthropic"]],
      })
      .optional(),
    login: v.login
      .meta({ description: "The tool's own login, by its profile's name", examples: ["claude-code"] })
      .optional(),
    registry: registry
      .meta({ description: "What a package manager's own configuration has for its registries", examples: ["npm"] })
      .optional(),
    of: z
      .enum(["inside", "host"])
      .meta({ description: "inside: one made inside; host: the one this machine has already", examples: ["host"] })
      .optional(),
  })
  .refine(
    ({ env, file, command, login, registry: client }) =>
      [env, file, command, login, client].filter((value) => value !== undefined).length === 1,
    {
      ...onObjects,
      message: "a credential comes from exactly one place",
      params: { hint: "env, file, command, login or registry" },
    },
  )
  .refine((source) => source.of === undefined || source.login !== undefined, {
    ...onObjects,
    path: ["of"],
    message: "of says whose login is meant, and there is no login here",
    params: { hint: "name the tool too, or take of out", example: "from: { login: claude-code, of: host }" },
  })
  .meta({ description: "Where the real value is", examples: [{ env: "ANTHROPIC_API_KEY" }] });

const basicExample =
  "credentials:\n  forge:\n    from: { file: ~/.keys/forge }\n    to: { host: git.example.com, header: authorization, scheme: basic }";

const to = z
  .strictObject({
    host: v.exactHost.meta({ description: "The one host that gets it", examples: ["api.anthropic.com"] }),
    header: v.header.meta({ description: "The header it stands in", examples: ["x-api-key"] }),
    paths: v
      .list(v.pathGlob)
      .min(1)
      .meta({ description: "Only on these", examples: [["/v1/**"]] })
      .optional(),
    scheme: z
      .enum(["basic"])
      .meta({
        description: "basic: as the password of Basic authentication, which git is made to ask for",
        examples: ["basic"],
      })
      .optional(),
    user: v.basicUser.meta({ description: "The name beside the password", examples: ["oauth2"] }).optional(),
  })
  .refine((place) => place.scheme !== "basic" || place.header.toLowerCase() === "authorization", {
    ...onObjects,
    path: ["header"],
    message: "scheme basic stands in the header authorization",
    params: { hint: "header: authorization", example: basicExample },
  })
  .refine((place) => place.user === undefined || place.scheme === "basic", {
    ...onObjects,
    path: ["user"],
    message: "user needs scheme: basic",
    params: { hint: "only Basic authentication has a name beside the secret", example: basicExample },
  })
  .meta({
    description: "The one place where it is put in",
    examples: [{ host: "api.anthropic.com", header: "x-api-key" }],
  });

const loginExample = "credentials:\n  claude:\n    from: { login: claude-code }";

function isPlacedElsewhere(from: { readonly login?: unknown; readonly registry?: unknown } | undefined): boolean {
  return from?.login !== undefined || from?.registry !== undefined;
}

const credential = z
  .strictObject({
    from,
    to: to.optional(),
    as: v.variable
      .meta({ description: "The variable inside that holds the placeholder", examples: ["ANTHROPIC_API_KEY"] })
      .optional(),
    ...v.answered,
  })
  .refine((entry) => entry.to !== undefined || isPlacedElsewhere(entry.from), {
    ...onObjects,
    path: ["to"],
    message: "`to` is missing: where it is put in",
    params: { hint: "one host and one header", example: "to: { host: api.example.com, header: authorization }" },
  })
  .refine((entry) => entry.to === undefined || !isPlacedElsewhere(entry.from), {
    ...onObjects,
    path: ["to"],
    message: "a login has its places from the tool's profile, a registry from its client's configuration",
    params: { hint: "take `to` out", example: loginExample },
  })
  .refine((entry) => entry.as === undefined || !isPlacedElsewhere(entry.from), {
    ...onObjects,
    path: ["as"],
    message: "a login has no variable, nor has a registry: placeholders lie where the tool looks for such tokens",
    params: { hint: "take `as` out", example: loginExample },
  })
  .meta({ examples: [{ from: { env: "ANTHROPIC_API_KEY" }, to: { host: "api.anthropic.com", header: "x-api-key" } }] });

export const credentials = z
  .record(v.name, credential)
  .refine((all) => Object.keys(all).length <= maxCredentials, {
    ...onObjects,
    message: `more than ${maxCredentials} credentials`,
  })
  .meta({
    description: "Real values the tool never sees",
    examples: [
      { anthropic: { from: { env: "ANTHROPIC_API_KEY" }, to: { host: "api.anthropic.com", header: "x-api-key" } } },
    ],
  });
