// Where a person's record, undo points and private homes lie: one directory, readable by nobody else.

import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Fault, orFault } from "../domain/fault.ts";

export interface State {
  readonly directory: string;
  /** One tool's private home for one workspace. */
  readonly home: (tool: string, workspace: string) => string;
  /** What is kept of tools' own logins. */
  readonly logins: string;
  /** By which tools inside ask for a page to be opened, one a session. */
  readonly bridges: string;
  /** What belongs to one workspace: undo objects, synthetic addresses. */
  readonly workspace: (workspace: string) => string;
  /** What package managers inside keep for later, for every session of this person. */
  readonly caches: string;
  readonly sessions: string;
  readonly quarantine: string;
  readonly trust: string;
  /** What placeholders are made of. */
  readonly placeholders: string;
  /** What is typed in a tool's place; first on the person's PATH. */
  readonly shims: string;
  /** Sessions that run now. */
  readonly running: string;
  /** What is shown inside in the stead of what is hidden: an empty file nobody can read, an empty directory. */
  readonly blanks: string;
}

/** Makes the directory where it is missing (0700); throws a Fault (`state-unwritable`, `state-shared`) where it cannot be used. */
export function openState(directory: string): State {
  const message = `the state directory ${directory} cannot be written`;
  const hint = "make it writable for you, or point POSTERN_HOME at a directory that is";
  orFault({ code: "state-unwritable", message, hint }, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  });
  if ((statSync(directory).mode & 0o077) !== 0)
    throw new Fault({
      code: "state-shared",
      message: `the state directory ${directory} can be read by others`,
      hint: `chmod 700 ${directory}`,
    });
  return describeState(directory);
}

/** The same places, nothing made or checked: for commands that only read. */
export function describeState(directory: string): State {
  const named = (path: string) => createHash("sha256").update(path).digest("hex").slice(0, 16);
  return {
    directory,
    home: (tool, workspace) =>
      join(
        directory,
        "homes",
        `${tool.replaceAll(/[^a-z0-9-]/gi, "_").slice(0, 40)}-${named(`${tool}\0${workspace}`)}`,
      ),
    workspace: (workspace) => join(directory, "workspaces", named(workspace)),
    logins: join(directory, "logins"),
    bridges: join(directory, "bridges"),
    caches: join(directory, "caches"),
    sessions: join(directory, "sessions"),
    quarantine: join(directory, "quarantine"),
    trust: join(directory, "trust.json"),
    placeholders: join(directory, "placeholders"),
    shims: join(directory, "shims"),
    running: join(directory, "running"),
    blanks: join(directory, "blanks"),
  };
}

/** Those around others first. */
export function byDepth(paths: readonly string[]): string[] {
  return paths.toSorted((a, b) => a.split("/").length - b.split("/").length);
}
