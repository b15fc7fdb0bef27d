// A checkout, a private copy of it made as for a session, and hands in both: what a session would do is done in the copy
// from outside the boundary, so that landing alone is tried. Ground truth is a listing of the checkout: kinds, permissions,
// contents, references, head and index.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Digest, SessionId } from "../../src/domain/brand.ts";
import { Fault } from "../../src/domain/fault.ts";
import { findControlFiles } from "../../src/review/control-files.ts";
import type { Journal } from "../../src/review/landing/journal.ts";
import { land } from "../../src/review/landing/land.ts";
import { makeReady, type Ready } from "../../src/review/landing/ready.ts";
import { openReview, type Review } from "../../src/review/landing/review.ts";
import { makeCopy } from "../../src/review/staged/copy.ts";
import { type StagedCopy, treeOf } from "../../src/review/staged/record.ts";

export function good<Value>(value: Value | Fault): Value {
  if (value instanceof Fault) assert.fail(`${value.message} ${String(value.cause)}`);
  return value;
}

export interface Desk extends Disposable {
  readonly root: string;
  readonly work: string;
  readonly state: string;
}

export interface Laid extends Desk {
  readonly copy: StagedCopy;
  readonly tree: string;
}

/** Path → text, in a repository with one commit. */
export function openDesk(files: Readonly<Record<string, string>>): Desk {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postern-landing-")));
  const [work, state] = [join(root, "work"), join(root, "state")];
  mkdirSync(work);
  mkdirSync(state, { mode: 0o700 });
  for (const [path, text] of Object.entries(files)) put(work, path, text);
  git(work, ["init", "-q", "-b", "main"]);
  git(work, ["add", "-A"]);
  git(work, ["commit", "-q", "-m", "first"]);
  return { root, work, state, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

export function put(root: string, path: string, text: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

let sessions = 0;

export async function stage(desk: Desk): Promise<Laid> {
  sessions += 1;
  const id = `s-${String(sessions).padStart(8, "0")}` as SessionId;
  const found = findControlFiles(desk.work);
  const session = { id, policy: "0".repeat(64) as Digest };
  const concealing = { veil: { hide: [], mask: [], hidden: [], masked: [], at: "" }, texts: new Map<string, string>() };
  const making = { state: desk.state, session, number: 0, owner: "nobody", found, concealing };
  const { copy, settled } = await makeCopy(making);
  await settled;
  return { ...desk, copy, tree: treeOf(copy) };
}

/** The root repository's git directory in the copy. */
export function copiedGit({ copy }: Laid): string {
  return join(copy.directory, copy.repositories[0]?.kept ?? "");
}

/** As the session's own git inside would. */
export function gitInCopy(laid: Laid, words: readonly string[], input = ""): string {
  const environment = {
    GIT_DIR: copiedGit(laid),
    GIT_WORK_TREE: laid.tree,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(laid.work, ".git/objects"),
  };
  return run(laid.tree, words, { environment, input });
}

export function git(work: string, words: readonly string[]): string {
  return run(work, words, { environment: {}, input: "" });
}

interface Within {
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
}

function run(work: string, words: readonly string[], { environment, input }: Within): string {
  const who = [
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.org",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
  ];
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", ...environment };
  return execFileSync("git", [...who, ...words], {
    maxBuffer: 2 ** 26,
    cwd: work,
    encoding: "utf8",
    env,
    input,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

export async function review({ copy }: Pick<Laid, "copy">): Promise<Review> {
  return good(await openReview(copy));
}

export function shownOf({ items }: Review): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map(({ id, digest }) => [id, digest]));
}

export interface Said {
  readonly rest?: boolean;
  /** Undefined: as it is now. */
  readonly shown?: Readonly<Record<string, string>>;
}

export async function ready(
  laid: Pick<Laid, "copy">,
  words: readonly string[],
  said: Said = {},
): Promise<Ready | Fault> {
  const shown = said.shown ?? shownOf(await review(laid));
  return makeReady(laid.copy, { words, rest: said.rest ?? false, spell: (id) => id, shown });
}

export async function readyJournal(
  laid: Pick<Laid, "copy">,
  words: readonly string[],
  said: Said = {},
): Promise<Journal> {
  const made = good(await ready(laid, words, said));
  if (made.kind !== "ready")
    assert.fail(JSON.stringify(made.kind === "refused" ? made : { ...made, review: undefined }));
  return made.journal;
}

/** What landed, or what was refused and why. */
export async function accept(laid: Laid, words: readonly string[], said: Said = {}): Promise<string> {
  const made = await ready(laid, words, said);
  if (made instanceof Fault) return `fault: ${made.message}`;
  if (made.kind === "refused") return `refused: ${made.why}`;
  if (made.kind === "changed") return `changed: ${made.ids.join(" ")}`;
  const landed = good(await land(laid.copy, made.journal));
  return landed.kind === "landed" ? `landed: ${made.journal.accepted.join(" ")}` : `taken back: ${landed.why}`;
}

/** Kinds, permissions and contents of everything below, git's own left out. */
export function listing(root: string, at = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(root, at))
      .filter((name) => !(at === "" && name === ".git"))
      .flatMap((name) => {
        const path = at === "" ? name : `${at}/${name}`;
        const stats = lstatSync(join(root, path));
        const mode = (stats.mode & 0o7777).toString(8);
        if (stats.isSymbolicLink()) return [[path, `link ${readlinkSync(join(root, path))}`]];
        if (stats.isDirectory()) return [[`${path}/`, "directory"], ...Object.entries(listing(root, path))];
        if (!stats.isFile()) return [[path, "other"]];
        return [
          [
            path,
            `${mode} ${createHash("sha256")
              .update(readFileSync(join(root, path)))
              .digest("hex")}`,
          ],
        ];
      }),
  );
}

/** References, head, index and what git says of all three. */
export function history(work: string): string {
  return [
    git(work, ["for-each-ref", "--format=%(refname) %(objectname)"]),
    readFileSync(join(work, ".git/HEAD"), "utf8"),
    git(work, ["ls-files", "--stage"]),
    git(work, ["status", "--porcelain"]),
  ].join("\n");
}
