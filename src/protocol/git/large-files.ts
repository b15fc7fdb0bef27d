// A batch of git-lfs (its docs/api/batch.md): which request is one, and its answer with the headers it hands out replaced. Pure. The
// request is attacker-controlled, the answer the server's.

import { parseHost } from "../../domain/brand.ts";
import type { KeepPass, PassUse } from "../../domain/pass.ts";
import { plainly } from "../../domain/plain-path.ts";
import { isDeeper } from "../nesting.ts";

/** git-lfs asks for a hundred objects at once. */
const mostObjects = 1000;
const mostActions = 4;
const mostHeaders = 16;
/** An answer's own are six. */
const mostLevels = 16;

/** By its path alone, as the most forgiving server would read it: what the tool says it takes is the tool's to say. */
export function isBatch({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method.toUpperCase() === "POST" && /\/objects\/batch(?:\.[a-z0-9+.-]*)?$/.test(plainly(path));
}

/** Attacker-controlled: whether a request can do no more than fetch, whoever reads it. */
export function isFetch({ method, path, headers, body }: Omit<PassUse, "used">): boolean {
  if (headers.some((name, at) => at % 2 === 0 && /^x-(?:http-)?method(?:-override)?$/i.test(name))) return false;
  if (method === "GET" || method === "HEAD") return true;
  return isBatch({ method, path }) && body !== undefined && asksToFetch(body);
}

/** Twice, in another case or escaped, one reader could take another operation for it than the next. */
function asksToFetch(body: Buffer): boolean {
  const asked = parse(body);
  const text = body.toString("latin1");
  const named = text.match(/"operation"\s*:/gi) ?? [];
  return isFields(asked) && asked["operation"] === "download" && named.length === 1 && !text.includes("\\");
}

type Fields = Record<string, unknown>;

/** What git-lfs reads. Its own JSON reader takes names in any case, so what is spelled otherwise is not left for it to find. */
const read = {
  answer: ["transfer", "objects", "hash_algo", "message", "documentation_url", "request_id"],
  object: ["oid", "size", "authenticated", "actions", "_links", "error"],
  action: ["href", "header", "expires_in", "expires_at"],
  error: ["code", "message"],
} as const;

/** What may hold more than one value; anywhere else git-lfs finds none, and somebody might. */
const structures = ["objects", "actions", "_links", "header", "error"];

function only(fields: Fields, names: readonly string[]): Fields {
  const fits = ([name, value]: [string, unknown]): boolean =>
    names.includes(name) && (typeof value !== "object" || value === null || structures.includes(name));
  return Object.fromEntries(Object.entries(fields).filter(fits));
}

/** Every header it hands out whose name says that it is a credential's is `keep`'s to replace; of the rest stays what git-lfs reads. */
export function replaceHanded(body: Buffer, keep: KeepPass): Buffer | string {
  const answer = parse(body);
  if (!isFields(answer)) return "it is no batch of large files";
  const { objects } = answer;
  // an error has none
  if (objects === undefined) return Buffer.from(JSON.stringify(only(answer, read.answer)));
  if (!Array.isArray(objects) || objects.length > mostObjects) return "it has no list of objects, or too long a one";
  const told: Fields[] = [];
  for (const object of objects as readonly unknown[]) {
    const replaced = isFields(object)
      ? replaceInObject(only(object, read.object), keep)
      : "it has an object that is none";
    if (typeof replaced === "string") return replaced;
    told.push(replaced);
  }
  return Buffer.from(JSON.stringify({ ...only(answer, read.answer), objects: told }));
}

/** Where the one way to say what can be done says nothing of an action, git-lfs looks into the other: both are. */
function replaceInObject(object: Fields, keep: KeepPass): Fields | string {
  for (const way of ["actions", "_links"]) {
    const actions = object[way];
    if (actions === undefined || actions === null) continue;
    if (!isFields(actions) || Object.keys(actions).length > mostActions) return "it has an object that is none";
    const told: Fields = {};
    for (const [name, action] of Object.entries(actions)) {
      if (!isFields(action)) return "it has an action that is none";
      const kept = only(action, read.action);
      const fault = replaceIn(kept, name === "download", keep);
      if (fault !== undefined) return fault;
      told[name] = kept;
    }
    object[way] = told;
  }
  const { error } = object;
  if (isFields(error)) object["error"] = only(error, read.error);
  return object;
}

/** What `git-lfs-authenticate` says (docs/api/authentication.md): one place, and all below it. */
export function replaceLent(body: Buffer, fetches: boolean, keep: KeepPass): Buffer | string {
  const answer = parse(body);
  if (!isFields(answer) || typeof answer["href"] !== "string") return "it names no place";
  const told = only(answer, read.action);
  const below: KeepPass = (handed) => keep({ ...handed, path: `${handed.path.replace(/\/+$/, "")}/**` });
  return replaceIn(told, fetches, below) ?? Buffer.from(JSON.stringify(told));
}

/** Why it cannot be done. */
function replaceIn(action: Fields, fetches: boolean, keep: KeepPass): string | undefined {
  const { header, href } = action;
  if (header === undefined || header === null) return undefined;
  if (!isFields(header) || Object.keys(header).length > mostHeaders) return "its headers are none";
  for (const [name, value] of Object.entries(header)) {
    if (typeof value !== "string" || !/^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/i.test(name)) return "its headers are none";
    if (!isCredential(name)) continue;
    const place = placeOf(href);
    if (place === undefined) return "it hands out a credential for a place that is none";
    if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,8190}[\x21-\x7e])?$/.test(value))
      return "it hands out a credential that cannot be one";
    const kept = keep({ ...place, header: name.toLowerCase(), value, fetches });
    if (kept === undefined) return "it hands out a credential that is another place's, or more than can be kept";
    header[name] = kept;
  }
  return undefined;
}

function isCredential(name: string): boolean {
  return /auth|token|cookie|secret|key|password|credential/i.test(name);
}

/** Over https alone; a path whose signs a glob would read is no place. */
function placeOf(href: unknown) {
  const url = typeof href === "string" && URL.canParse(href) ? new URL(href) : undefined;
  const host =
    url?.protocol === "https:" && url.username === "" && url.password === "" ? parseHost(url.hostname) : undefined;
  if (url === undefined || host === undefined || /[*?[\]{}!\\]/.test(url.pathname)) return undefined;
  return { host, path: url.pathname };
}

/** Undefined where it is no JSON, or nested deeper than any of its kind: to write it anew would take the stack. */
function parse(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return isDeeper(value, mostLevels) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
