// The words a policy is written in, as zod schemas: hosts, globs, paths, dates, durations. What is wrong with one is
// said as `"value" <message>`, with a hint.

import { z } from "zod";
import { parseDay } from "../day.ts";
import { checkPathGlob, checkViewGlob } from "../glob.ts";
import { parseHostPattern, splitAddress, type Wrong } from "../host-pattern.ts";
import { maxPrefixBytes, maxText, maxWords } from "../limits.ts";
import { profiles } from "../profile.ts";
import { parseSize } from "../size.ts";

type Check = (text: string) => Wrong | undefined;

/** A bounded, non-empty string that passes `check`. */
export function word(check: Check): z.ZodString {
  return z
    .string()
    .max(maxText)
    .superRefine((text, context) => {
      const found =
        text.trim() === "" ? { message: "is empty", hint: "leave the key out, or fill it in" } : check(text);
      if (found === undefined) return;
      context.addIssue({ code: "custom", message: found.message, params: { hint: found.hint, quoted: true } });
    });
}

/** At most `maxWords` of them. */
export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item).max(maxWords);
}

function pattern(form: RegExp, message: string, hint: string): z.ZodString {
  return word((text) => (form.test(text) ? undefined : { message, hint }));
}

export const date = word((text) =>
  parseDay(text) === undefined ? { message: "is not a date", hint: "year, month, day: 2026-07-10" } : undefined,
);

export const duration = pattern(/^[1-9]\d{0,4}[hdwmy]$/, "is not a duration", "a number and h, d, w, m or y: 30d, 7y");

/** All bodies that wait have 2 GiB together. */
export const pushLimit = word((text) => {
  const size = parseSize(text);
  if (size === undefined) return { message: "is not a size", hint: "a number and MiB or GiB: 512MiB, 2GiB" };
  return size <= 2 ** 31 ? undefined : { message: "is more than is held at once", hint: "2GiB at most" };
});

export const host = word((text) => {
  const parsed = parseHostPattern(text);
  return parsed.ok ? undefined : parsed;
});

export const exactHost = word((text) => {
  const parsed = parseHostPattern(text);
  if (!parsed.ok) return parsed;
  if (parsed.pattern.kind === "exact") return undefined;
  return {
    message: "covers many hosts where exactly one is meant",
    hint: "a credential belongs to one host: api.example.org",
  };
});

export const pathGlob = word(checkPathGlob);
export const viewGlob = word(checkViewGlob);

/** A path of the host: from the workspace, the home (`~/`), or absolute. */
export const path = word((text) => {
  if (text.includes("\u0000")) return { message: "holds a NUL", hint: "write the path plainly" };
  if (/^~[^/]/.test(text)) return { message: "names another person's home", hint: "write the path out" };
  if (/^\/+$/.test(text)) return { message: "is the whole file system", hint: "name what the tool needs" };
  if (/[*?]/.test(text))
    return { message: "is a glob where one path is meant", hint: "name the directory: all in it is meant" };
  return undefined;
});

export const method = word((text) => {
  if (/^(?:CONNECT|TRACE|TRACK)$/i.test(text))
    return { message: "is never passed on", hint: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" };
  if (/^[A-Z]{1,32}$/.test(text)) return undefined;
  if (/^[A-Za-z]{1,32}$/.test(text))
    return { message: "is not written in capitals", hint: `write ${text.toUpperCase()}` };
  return { message: "is not a method", hint: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" };
});

export const port = z.int().min(1).max(65_535);

/** `host:port` or `[v6]:port`. */
export const address = word((text) => {
  const split = splitAddress(text);
  if (split === undefined) return { message: "is not an address", hint: "host:port, or [v6]:port: 127.0.0.1:8443" };
  const parsed = parseHostPattern(split.host);
  if (!parsed.ok) return parsed;
  return parsed.pattern.kind === "exact" ? undefined : { message: "is not one address", hint: "host:port" };
});

/** An address of one server of this machine or its network. */
export const service = word((text) => {
  const split = splitAddress(text);
  if (split === undefined) return { message: "is not an address", hint: "host:port, or [v6]:port: localhost:5432" };
  const plain = `write "localhost:${split.port}"`;
  if (/^(?:0\.0\.0\.0|[0:]+)$/.test(split.host))
    return { message: "is where a server listens, not where it is", hint: plain };
  if (/^::ffff:/i.test(split.host)) return { message: "is IPv4 written as IPv6", hint: plain };
  const parsed = parseHostPattern(split.host);
  if (!parsed.ok) return parsed;
  return parsed.pattern.kind === "exact"
    ? undefined
    : { message: "is not one server", hint: "one entry for each: db.example.org:5432" };
});

/** Names of things in the file; they stand in ids on the public record, so they can never be a host. */
export const name = pattern(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  "is not a name",
  "lower case letters, digits and hyphens: my-name",
);

const reserved =
  /^(?:PATH|HOME|SHELL|USER|TERM|PWD|IFS|ENV|BASH_ENV|NODE_OPTIONS|PYTHONPATH|LD_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|POSTERN_.*)$/;

export const variable = word((text) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text))
    return { message: "is not a variable's name", hint: "write ANTHROPIC_API_KEY, say" };
  return reserved.test(text)
    ? { message: "is a variable the boundary sets itself", hint: "choose another" }
    : undefined;
});

/** On another machine; it stands on a command line. */
export const sshUser = pattern(
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/,
  "is not a user's name",
  "as the server knows you: git, jane",
);

/** Beside a password (RFC 7617 §2: no colon), and in the words git is told of it by. */
export const basicUser = pattern(
  /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}$/,
  "is not a user's name",
  "as the server knows you: oauth2, x-access-token, jane",
);

const framing = /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/i;

export const header = word((text) => {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text))
    return { message: "is not a header's name", hint: "the name alone: x-api-key" };
  return framing.test(text)
    ? { message: "is a header the gateway sets itself", hint: "authorization, x-api-key, …" }
    : undefined;
});

export const httpUrl = word((text) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { message: "is not a URL", hint: "http://127.0.0.1:3128" };
  if (url.username !== "" || url.password !== "")
    return { message: "holds a password", hint: "a policy never holds a secret" };
  if (parseHostPattern(url.hostname.replace(/^\[|\]$/g, "")).ok) return undefined;
  return { message: "has no proper host", hint: "http://127.0.0.1:3128" };
});

/** The first words of a command: a program, by its name or its whole path, then arguments as they are. */
export const commandPrefix = list(
  word((text) => (text.includes("\u0000") ? { message: "holds a NUL", hint: "write the word plainly" } : undefined)),
)
  .min(1)
  .refine((words) => Buffer.byteLength(words.join("")) <= maxPrefixBytes, {
    message: `is longer than ${maxPrefixBytes} bytes`,
    params: { hint: "the first words that tell the command are enough" },
  })
  .superRefine(([program = ""], context) => {
    if (!program.includes("/") || /^\/.*[^/]$/.test(program)) return;
    context.addIssue({
      code: "custom",
      path: [0],
      message: "is neither a program's name nor its whole path",
      params: { hint: "write git, or /usr/bin/git", quoted: true },
    });
  });

/** Who answers for a grant and how long it holds; every grant may carry these. */
export const answered = {
  why: z
    .string()
    .max(maxText)
    .meta({ description: "Why it is there; printed beside it", examples: ["inference"] })
    .optional(),
  owner: z
    .string()
    .max(maxText)
    .meta({ description: "Who answers for it", examples: ["platform team"] })
    .optional(),
  until: date.meta({ description: "The last day on which it counts (UTC)", examples: ["2027-01-31"] }).optional(),
};

/** A profile that says how its tool logs in. */
export const login = word((text) => {
  const known = profiles.filter((profile) => profile.login !== undefined).map(({ name }) => name);
  if (known.includes(text)) return undefined;
  const whose = text === "host" || text === "inside" ? `write it as { login: ${known[0]}, of: ${text} }; ` : "";
  return { message: "names no tool whose login is known", hint: `${whose}one of ${known.join(", ")}` };
});
