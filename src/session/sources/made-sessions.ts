// Sessions one after the other on a checkout that is made up for tests: each with a reader and a desk of its own, in this thread.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import type { Sources } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import { madeLines } from "../../inspection/source/made-source.ts";
import type { IncomingTold } from "../inspecting/incoming.ts";
import { openSourceDesk, type SourceDesk, type Told } from "./desk.ts";
import { type KeptPlace, openKeptPlace } from "./kept-place.ts";
import type { SourceRoot } from "./listing.ts";
import { Reader, settings } from "./reader.ts";

export const build = "b".repeat(64);
const hash = (text: string): string => createHash("sha256").update(text).digest("base64");
export const digest = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
/** So much later than it is that no file was changed a moment ago. */
export const later = (): number => Date.now() + 10_000;
/** Longer than times of files are coarse here. */
export const moment = 25;

export const textOf = (seed: number, lines = 30): string => `${madeLines(seed, lines).join("\n")}\n`;

export class Ground implements Disposable {
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), "postern-keeping-")));
  readonly tree = join(this.top, "tree");
  readonly state = join(this.top, "state");

  constructor(files: Readonly<Record<string, string>>) {
    mkdirSync(this.tree);
    mkdirSync(this.state, { mode: 0o700 });
    for (const [path, text] of Object.entries(files)) this.put(path, text);
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
    // whole seconds, which can be put back to the nanosecond
    utimesSync(this.at(path), 1_000, 1_000);
  }

  at(path: string): string {
    return join(this.tree, path);
  }

  root(more: Partial<SourceRoot> = {}): SourceRoot {
    const place = { checkout: this.tree, tree: this.tree, label: "workspace" } as const;
    return { ...place, labels: [], from: [""], below: [], without: [], store: undefined, ...more };
  }

  place(): KeptPlace {
    return openKeptPlace(this.state, build) ?? assert.fail("nothing can be kept");
  }

  /** All that is kept, but for what it is kept under. */
  kept(): readonly string[] {
    const names = readdirSync(join(this.state, "sources"), { recursive: true, encoding: "utf8" });
    return names.map((name) => join(this.state, "sources", name)).filter((path) => statSync(path).isFile());
  }

  [Symbol.dispose](): void {
    rmSync(this.top, { recursive: true, force: true });
  }
}

export interface Session {
  readonly desk: SourceDesk;
  /** Files that were read. */
  readonly read: number;
  readonly told: readonly (Told | IncomingTold)[];
}

/** Until all was told that there is, and kept; `between`: before it is told. */
export async function session(
  roots: readonly SourceRoot[],
  kept: KeptPlace | undefined,
  {
    now = later,
    most = 50_000,
    again = async (): Promise<void> => undefined,
    key = kept?.hashing ?? Buffer.alloc(32, 3),
    gathering = settings.gathering,
  } = {},
): Promise<Session> {
  const { port1, port2 } = new MessageChannel();
  const desk = openSourceDesk({ key, hash, open: () => [] });
  const told: (Told | IncomingTold)[] = [];
  let whole = Promise.withResolvers<number>();
  port1.on("message", (one: Told | IncomingTold) => {
    told.push(one);
    if (one.kind === "asked") port1.postMessage("taken");
    else if (!one.kind.startsWith("depend") && one.kind !== "own") desk.take(one as Told);
    if (one.kind === "whole") whole.resolve(one.read);
  });
  const reader = new Reader({ roots, trusted: [], kept, key, port: port2 }, { now, rest: 0, files: most, gathering });
  const all = reader.readAll();
  let read = await whole.promise;
  await all;
  whole = Promise.withResolvers<number>();
  await again();
  reader.readAgain();
  const total = await whole.promise;
  if (total > read) read = total;
  await pause(5);
  port1.close();
  return { desk, read, told };
}

const span = (text: string): Span => {
  const place = { from: 0, to: text.length, escaped: false };
  return { role: "result", kind: "text", place, text, path: "", fixed: false };
};

export function said({ desk }: Session, text: string): Sources {
  const sources = desk.look([span(text)], "one");
  const order = <Each>(all: readonly Each[]): Each[] =>
    all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    ...sources,
    lines: sources.lines.map((line) => ({ ...line, also: order(line.also) })),
    hashes: order(sources.hashes),
  };
}

export const files: Readonly<Record<string, string>> = {
  "src/a.ts": textOf(1),
  "src/b.ts": textOf(2),
  "src/deep/c.ts": `${textOf(3)}${textOf(1, 12)}`,
  "vendor/lib/d.ts": textOf(4),
  LICENSE: textOf(5),
  "e.bin": `\0${textOf(6)}`,
  "package-lock.json": textOf(7),
};

/** What a session knows that reads all of it now, under the same key. */
export const anew = (roots: readonly SourceRoot[], { hashing: key }: KeptPlace, most?: number): Promise<Session> =>
  session(roots, undefined, { key, ...(most === undefined ? {} : { most }) });

export async function isAsAnew(one: Session, roots: readonly SourceRoot[], place: KeptPlace, texts: readonly string[]) {
  const other = await anew(roots, place);
  for (const text of texts) {
    assert.deepEqual(said(one, text), said(other, text));
    const hashes = `${digest(text)} ${createHash("md5").update(text).digest("hex")}`;
    assert.deepEqual(said(one, hashes), said(other, hashes));
  }
  const paths = Object.keys(files).map((path) => `${digest(path)} ${digest(join(roots[0]?.checkout ?? "", path))}`);
  assert.deepEqual(said(one, paths.join(" ")), said(other, paths.join(" ")));
}

export const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
