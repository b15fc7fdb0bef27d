// Globs over the path of a URL: `*` stays within a segment, `**` crosses; the query is no part of the path. Checked
// when a policy is read, matched without backtracking (pattern times path at worst).

import type { Wrong } from "./host-pattern.ts";
import { maxStars } from "./limits.ts";

/** What is wrong with a glob over URL paths, or undefined. */
export function checkPathGlob(glob: string): Wrong | undefined {
  // first: what follows may show it as it stands
  if (/[^\u0021-\u007e]/.test(glob))
    return { message: "holds a space, control or non-ASCII character", hint: "percent-encode it" };
  if (!glob.startsWith("/") && !glob.startsWith("**")) {
    return { message: "does not begin with a slash", hint: `write "/${glob.replace(/^\*?\/?/, "")}"` };
  }
  if (/[?#]/.test(glob))
    return { message: "holds a query or fragment", hint: "the query is not part of the path: leave it out" };
  if (glob.includes("***"))
    return { message: "has three stars in a row", hint: "`*` stays within a segment, `**` crosses" };
  if (/[[\]{}!]/.test(glob))
    return { message: "holds a character class or alternation", hint: "write one entry for each" };
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(glob))
    return { message: "holds a `.` or `..` segment", hint: "write the path it leads to" };
  if (/\/\/|\\|;|%(?:2e|2f|5c|00|3b)/i.test(glob)) {
    return { message: "could never match", hint: "paths with `//`, `\\`, `;`, %2e, %2f are refused as ambiguous" };
  }
  if (stars(glob) > maxStars)
    return { message: `has more than ${maxStars} stars`, hint: "one `**` at the end is mostly enough" };
  return undefined;
}

/** What is wrong with a glob over files of the workspace, or undefined. */
export function checkFileGlob(glob: string): Wrong | undefined {
  if (glob.startsWith("/") || glob.startsWith("~"))
    return { message: "is absolute", hint: "globs are read from the workspace: secrets/**" };
  if (glob.split("/").includes(".."))
    return { message: "leads out of the workspace", hint: "globs are read from the workspace: secrets/**" };
  if (glob.startsWith("!")) return { message: "is negated", hint: "name what is meant, not what is not" };
  if (glob.includes("***"))
    return { message: "has three stars in a row", hint: "`*` stays within a segment, `**` crosses" };
  if (/[[\]{}\\]/.test(glob))
    return { message: "holds a character class or alternation", hint: "write one entry for each" };
  if (/\p{Cc}/u.test(glob)) return { message: "holds a control character", hint: "write the name plainly" };
  if (stars(glob) > maxStars)
    return { message: `has more than ${maxStars} stars`, hint: "one `**` at the end is mostly enough" };
  return undefined;
}

/** The same for those that hide or mask: what git keeps for itself is never meant. */
export function checkViewGlob(glob: string): Wrong | undefined {
  const found = checkFileGlob(glob);
  if (found !== undefined) return found;
  if (glob.split("/").some((name) => name.toLowerCase() === ".git"))
    return {
      message: "names git's own directory, which is neither hidden nor masked",
      hint: "keep no secret in it; what is committed is in the history that git inside reads",
    };
  const names = glob
    .replace(/^(?:\.\/+)+/, "")
    .replace(/\/+$/, "")
    .split("/");
  if (names.length > 1 && names.some((name) => name === "" || name === "."))
    return { message: "could never match", hint: "write the path it leads to, without `//` and `.`: secrets/key" };
  if (glob.trim() !== glob) return { message: "begins or ends with a space", hint: "leave it out: .env, *.pem" };
  if (glob.includes("?")) return { message: "holds a question mark", hint: "`*` stands for any part of a name" };
  if (/^[./*]+$/.test(glob) && !/\*/.test(glob)) return { message: "names no file", hint: "secrets/**, .env, *.pem" };
  return undefined;
}

function stars(glob: string): number {
  return glob.split(/\*+/).length - 1;
}

/** Does the glob match the whole path? The path is attacker-controlled; cost is at most stars times its length. */
export function matchesPath(glob: string, path: string): boolean {
  const [head = "", ...rest] = glob.split(/(\*\*|\*)/);
  if (!path.startsWith(head)) return false;
  if (rest.length === 0) return path === head;
  // reached[j]: the tokens so far match the first j characters
  let reached = new Uint8Array(path.length + 1);
  reached[head.length] = 1;
  for (const token of rest) reached = advance(reached, token, path);
  return reached[path.length] === 1;
}

function advance(reached: Uint8Array, token: string, path: string): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(path.length + 1);
  const star = token === "*" || token === "**";
  for (let j = 0; j <= path.length; j++) {
    if (star) {
      const spread = next[j - 1] === 1 && (token === "**" || path[j - 1] !== "/");
      if (reached[j] === 1 || spread) next[j] = 1;
    } else if (reached[j] === 1 && path.startsWith(token, j)) next[j + token.length] = 1;
  }
  return next;
}
