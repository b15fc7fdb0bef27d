// What servers hand out for large files, kept here: the real value, the placeholder the tool has for it, and the places it may be put in
// at. Each is a credential like the policy's, and is looked for like them; those used longest ago go.

import { randomBytes } from "node:crypto";
import { ambiguity } from "../decision/request-path.ts";
import type { Host } from "../domain/brand.ts";
import type { SshDesk } from "../domain/git-desk.ts";
import type { Handed, KeepPass, Passes, PassUse } from "../domain/pass.ts";
import type { Credential } from "../domain/reach.ts";
import { Secret } from "../domain/secret.ts";
import { formsOf } from "../inspection/forms.ts";
import { matchesPath } from "../policy/glob.ts";
import { isBatch, isFetch, replaceHanded, replaceLent } from "../protocol/git/large-files.ts";
import type { KeptLogin } from "./login/open.ts";
import { type Seekers, seekAll } from "./login/seek.ts";

/** The label of what is found of them; no credential of a policy can be called so. */
export const passId = "git-lfs:handed";

/** Different values at once: a server gives one for a batch, or one for each of its hundred objects. */
const most = 128;
/** Of all of them together: the oldest one's go first. */
const mostPlaces = 4096;

interface Kept extends Credential {
  readonly fetches: boolean;
  readonly to: { readonly host: Credential["to"]["host"]; readonly header: string; readonly paths: string[] };
}

export interface KeptPasses extends Passes {
  /** Those of the policy, and what is kept: it changes. */
  readonly credentials: readonly Credential[];
  /** The same for one place over ssh: `git-lfs-authenticate`. */
  readonly takeLent: SshDesk["takePass"];
  /** What looks for all of these, and for logins. */
  readonly seekers: Seekers;
}

export function openPasses(policys: readonly Credential[], logins: readonly KeptLogin[]): KeptPasses {
  const credentials: Credential[] = [...policys];
  const kept: Kept[] = [];
  let revision = 0;
  const seekers = seekAll(credentials, logins, () => String(revision));
  // of these alone: to look for all that is kept would be built anew with each value of an answer
  const fixed = seekAll(policys, logins);
  const bound = [...policys.map(({ to }) => to), ...logins.flatMap(({ login }) => login.places)];
  const add = (pass: Kept): void => {
    const gone = kept.length >= most ? kept.shift() : undefined;
    if (gone !== undefined) credentials.splice(credentials.indexOf(gone), 1);
    kept.push(pass);
    credentials.push(pass);
    revision += 1;
  };
  const keepFrom = (from: Host, { host, path, header, value, fetches }: Handed): string | undefined => {
    const place = { host, path, header };
    if (from !== host && isBound(bound, place)) return undefined;
    const real = fixed.seek({ kind: "header", name: header, value }).filter(({ what }) => what === "credential");
    if (!real.every(({ label }) => isHome(policys, label, place))) return undefined;
    const [scheme = "", secret = ""] = split(value);
    if (kept.some((pass) => pass.to.host !== host && holds(value, pass))) return undefined;
    const known = kept.find((pass) => pass.fetches === fetches && isOf(pass, { host, header, secret }));
    const pass = known ?? makePass(secret, fetches, { host, header, paths: [] });
    if (!pass.to.paths.includes(path)) pass.to.paths.push(path);
    if (known === undefined) add(pass);
    if (kept.reduce((sum, { to }) => sum + to.paths.length, 0) > mostPlaces)
      kept.find(({ to }) => to.paths.length > 0)?.to.paths.shift();
    return `${scheme}${pass.placeholder}`;
  };
  const by = (from: Host): KeepPass => keepFrom.bind(undefined, from);
  return {
    id: passId,
    credentials,
    seekers,
    isAsked: isBatch,
    take: (body, from) => replaceHanded(body, by(from)),
    takeLent: (answer, { host, operation }) => replaceLent(answer, operation !== "upload", by(host)),
    objection: (use) => objectionTo(kept, use),
  };
}

/**
 * A server may hand out what it was asked with. An answer that some other page of it only echoes could name any place, and the tool
 * might have written it: so such a value is for its own place alone, where the tool can have it put in anyhow.
 */
function isHome(policys: readonly Credential[], label: string, { host, path, header }: Place): boolean {
  return policys.some(
    ({ id, to }) =>
      id === label &&
      to.host === host &&
      to.header === header &&
      ambiguity(path) === undefined &&
      (to.paths === undefined || to.paths.some((glob) => matchesPath(glob, path))),
  );
}

type Place = Omit<Handed, "value" | "fetches">;

/**
 * The policy puts a credential in there. What another server hands out for it would be an account of somebody else's, used unseen where a
 * foreign credential is refused. Whatever lies below a lent place could be the credential's.
 */
function isBound(places: readonly Credential["to"][], { host, path, header }: Place): boolean {
  return places.some(
    ({ paths, registry, ...to }) =>
      to.host === host &&
      to.header === header &&
      (paths === undefined ||
        registry !== undefined ||
        path.endsWith("/**") ||
        paths.some((glob) => matchesPath(glob, path))),
  );
}

function objectionTo(kept: readonly Kept[], { used, ...request }: PassUse): string | undefined {
  const fetches = kept.some((pass) => pass.fetches && used.includes(pass));
  return fetches && !isFetch(request) ? "what was lent to fetch large files with is to fetch with alone" : undefined;
}

type Identity = Pick<Handed, "host" | "header"> & { readonly secret: string };

function isOf(pass: Kept, { host, header, secret }: Identity): boolean {
  return pass.to.host === host && pass.to.header === header && pass.secret.reveal() === secret;
}

/** In any form that a server could read it in again. */
function holds(value: string, { secret }: Kept): boolean {
  const plain = secret.reveal();
  const bytes = Buffer.from(value);
  return value.includes(plain) || formsOf(plain).some((form) => bytes.includes(form.bytes));
}

function makePass(secret: string, fetches: boolean, to: Kept["to"]): Kept {
  const placeholder = `postern${randomBytes(24).toString("hex")}`;
  return { id: passId, secret: new Secret(secret), placeholder, variable: undefined, fetches, to };
}

/** An authentication scheme with its blanks (RFC 9110 §11.4), where there is one, and what follows. */
function split(value: string): readonly string[] {
  const [, scheme = "", secret = ""] = /^([A-Za-z][A-Za-z0-9-]{0,31} +)?(.*)$/s.exec(value) ?? [];
  return [scheme, secret];
}
