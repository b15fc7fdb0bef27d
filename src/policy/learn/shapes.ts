// One path that was seen → the glob a learned policy has for it. It is the path itself, but that what has the shape of an id
// becomes `*` within its segment: the next session has another. Nothing is ever joined because there is much of it, and `**`
// is never written.

import { checkPathGlob, matchesPath } from "../glob.ts";
import { maxLearnedPath } from "../limits.ts";

/** Each stands between characters that are no letter and no digit. One pass, so that no two of them can touch. */
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const date = /\d{4}-\d{2}-\d{2}/;
const version = /v?\d{1,6}\.\d{1,6}\.\d{1,9}(?:-(?:alpha|beta|canary|dev|next|rc)(?:[.-]?\d+)*)?/;
/** At least 8 hexadecimal digits, letters and figures among them. */
const hash = /(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}/;
const figures = /\d{4,}/;
/** At least 16 letters and figures, both among them. */
const token = /(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{16,}/;

const shapes = new RegExp(
  `(?<![0-9a-z]|\\d\\.)(?:${[uuid, date, version, hash, figures, token].map(({ source }) => source).join("|")})(?![0-9a-z]|\\.\\d)`,
  "gi",
);

/**
 * Undefined where it cannot be written as a glob that means this path and no other. `within`: globs it is not to lead out of.
 * Attacker-controlled.
 */
export function patternOf(path: string, within?: readonly string[]): string | undefined {
  if (!path.startsWith("/") || path.length > maxLearnedPath || /[*?#]/.test(path)) return undefined;
  if (checkPathGlob(path) !== undefined) return undefined;
  // what is percent-encoded stays as it is: a star must not stand for half a character
  const segments = path.split("/").map((segment) => (segment.includes("%") ? segment : segment.replace(shapes, "*")));
  // where nothing but ids is there, a star would stand for whatever else the host has
  if (!segments.some((segment) => segment !== "" && !segment.includes("*"))) return path;
  const pattern = segments.join("/");
  if (within !== undefined && !isWithinAny(pattern, within)) return path;
  return checkPathGlob(pattern) === undefined ? pattern : undefined;
}

/** Does one of the globs match all that this one does? As a path, a `*` is matched by nothing but a star. */
export function isWithinAny(glob: string, globs: readonly string[]): boolean {
  return globs.some((one) => matchesPath(one, glob));
}

/** A repository as a server over ssh is asked for it → the path that grants it and no other. Names are not generalised. */
export function repositoryOf(repository: string): string | undefined {
  const path = repository.startsWith("/") ? repository : `/${repository}`;
  if (path.length > maxLearnedPath || /[*?#]/.test(path)) return undefined;
  return checkPathGlob(path) === undefined ? path : undefined;
}
