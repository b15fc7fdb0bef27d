// A session's own entries: that it began, what is held, that it lives, how it ended; and the one line that says so.

import type { Walls } from "../boundary/contract.ts";
import type { Append, Entry } from "../domain/entry.ts";
import { type Edits, sayLacks, sayMissing, toolLacks } from "../domain/session.ts";
import type { Book } from "../ledger/book.ts";
import type { Head } from "../ledger/writer.ts";
import { bannerOf } from "./banner.ts";
import type { Changes } from "./changed.ts";
import type { Checkouts } from "./checkout.ts";
import type { Commands } from "./commands.ts";
import type { SessionExit } from "./ends.ts";
import type { Gate } from "./gate.ts";
import type { Interrupted } from "./interrupted.ts";
import type { Prepared } from "./prepare.ts";
import { sessionsAround } from "./roll-call.ts";
import { hiddenFiles, type View } from "./view.ts";

/** Seconds between two signs of life in the record, so that silence is visible. */
const heartbeat = 60;

export interface Beginning {
  readonly checkouts: Checkouts;
  readonly interrupted: readonly Interrupted[];
  readonly walls: Pick<Walls, "lacks" | "missing">;
}

/** Files of rules for secrets, as they were. */
const rulesOf = ({ secretRules }: Prepared): object =>
  secretRules.length === 0
    ? {}
    : { "secret-rules": secretRules.map(({ rule, path, sha256, count }) => ({ rule, path, sha256, count })) };

const veilOf = ({ hidden, masked }: Beginning["checkouts"]["view"]): object => ({
  ...(hidden.length === 0 ? {} : { hidden: pathsOf(hidden) }),
  ...(masked.length === 0 ? {} : { masked: pathsOf(masked) }),
});

/** Durable before the tool runs. */
export async function enterStart(book: Book, prepared: Prepared, beginning: Beginning): Promise<void> {
  const { request, session, policy, credentials, logins, equipment } = prepared;
  const { checkouts, interrupted, walls } = beginning;
  const held = walls.missing.includes("files") ? [] : checkouts.held.map(({ path, pattern }) => ({ path, pattern }));
  const { hidden, masked } = checkouts.view;
  const around = sessionsAround(prepared.state, session);
  for (const other of around) request.tell({ kind: "warning", text: sayAround(other) });
  await Promise.all([
    book.append({
      kind: "session.start",
      counts: {
        credentials: credentials.length + logins.length,
        "files-held": held.length,
        ...(hidden.length + masked.length === 0
          ? {}
          : { "files-hidden": hidden.length, "files-masked": masked.length }),
      },
      sealed: {
        command: request.command,
        workspace: session.workspace,
        tool: { name: session.tool.name, path: session.tool.path },
        mode: session.mode,
        edits: session.edits,
        headless: session.headless,
        layers: policy.layers,
        ...(equipment.toolchains.length === 0
          ? {}
          : { toolchains: equipment.toolchains, shown: equipment.shown.slice(0, 200) }),
        lacks: walls.lacks,
        ...(walls.missing.length === 0 ? {} : { missing: walls.missing }),
        ...(around.length === 0 ? {} : { around }),
        ...veilOf(checkouts.view),
        ...rulesOf(prepared),
      },
    }),
    ...(held.length === 0
      ? []
      : [
          book.append({
            kind: "control-file",
            rule: "control-files",
            counts: { "files-held": held.length },
            sealed: { held: held.slice(0, 2000) },
          }),
        ]),
    ...interrupted.flatMap(({ session: killed, fresh }) =>
      fresh.map((file) => enterSwept(book.append, { ...file, session: killed })),
    ),
  ]);
}

const sayAround = (other: string): string =>
  `session ${other} runs in a checkout around this one: its tool could lead a directory elsewhere while this one was read`;

const pathsOf = (files: readonly { readonly path: string }[]): readonly string[] =>
  files.slice(0, 500).map(({ path }) => path);

interface Swept {
  readonly path: string;
  readonly pattern: string;
  readonly why: string;
  /** Where another session, killed before its end, had brought it. */
  readonly session?: string;
}

export function enterSwept(append: Append, { path, pattern, why, session }: Swept): Promise<unknown> {
  return append({
    kind: "control-file",
    verdict: "refuse",
    rule: "control-files",
    counts: { "files-quarantined": 1 },
    // of a name that is no UTF-8, what can be written
    sealed: { path: path.toWellFormed(), pattern, why, ...(session === undefined ? {} : { session }) },
  });
}

/** More than a person reads are counted. */
const mostPlanted = 500;

async function enterPlanted(append: Append, planted: Changes["planted"]): Promise<void> {
  const kind = { kind: "control-file", verdict: "refuse", rule: "control-files" } as const;
  const why = "changed in the private copy, where nothing runs it; it lands only by name";
  for (const { path, pattern } of planted.slice(0, mostPlanted))
    await append({ ...kind, counts: { refusals: 1 }, sealed: { path, pattern, why, copy: true } });
  const more = planted.length - mostPlanted;
  if (more > 0) await append({ ...kind, counts: { overflow: more } });
}

async function enterVeiled(append: Append, veiled: Changes["veiled"]): Promise<void> {
  const why = "made or changed in the private copy where the policy hides or masks; it does not land";
  for (const { path, rule } of veiled.slice(0, mostPlanted))
    await append({
      kind: "hidden-file",
      verdict: "refuse",
      rule,
      counts: { refusals: 1 },
      sealed: { path, why, copy: true },
    });
  const more = veiled.length - mostPlanted;
  if (more > 0) await append({ kind: "hidden-file", verdict: "refuse", rule: hiddenFiles, counts: { overflow: more } });
}

/** Until it is disposed of. A heartbeat that cannot be written has broken the book, which ends the session by itself. */
export function beat(append: Append): Disposable {
  const timer = setInterval(() => void append({ kind: "heartbeat" }).catch(() => undefined), heartbeat * 1000).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export interface Announced {
  readonly walls: Pick<Walls, "lacks" | "missing">;
  readonly checkouts: Pick<Checkouts, "copies" | "view">;
}

export function announce({ request, session, policy, credentials }: Prepared, { walls, checkouts }: Announced): void {
  const keyed = credentials.map(({ to }) => to.host);
  request.tell({ kind: "banner", text: bannerOf(session, policy, keyed) });
  for (const { tree } of checkouts.copies)
    request.tell({ kind: "banner", text: `postern: the edits are in ${tree} until postern review` });
  tellView(request, session.edits, checkouts.view);
  if (walls.missing.length > 0)
    request.tell({
      kind: "banner",
      text: `postern: not whole: without ${sayMissing(walls.missing)} (postern doctor says why)`,
    });
  if (toolLacks(walls.lacks).length > 0)
    request.tell({
      kind: "banner",
      text: `postern: lacking inside: ${sayLacks(toolLacks(walls.lacks))} (postern doctor says why)`,
    });
  if (policy.requested.length > 0)
    request.tell({
      kind: "warning",
      text: `this checkout's policy asks for ${policy.requested.length} things nobody granted`,
      hint: "look at them, then: postern trust",
    });
  for (const { id, message } of policy.voided)
    request.tell({ kind: "warning", text: `${id} does not count: ${message}` });
}

/** How much is hidden; no names, which may tell as much as what is in the files. */
function tellView({ tell }: Prepared["request"], edits: Edits, view: View): void {
  const { hidden, masked, whole, committed } = view;
  if (hidden.length + masked.length > 0)
    tell({ kind: "banner", text: `postern: hidden inside: ${hidden.length}, masked: ${masked.length}` });
  const some = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;
  if (whole.length > 0) {
    const text = `${some(whole.length, "file is", "files are")} hidden and not masked: no format that can be read to its end`;
    tell({ kind: "warning", text, hint: "dotenv, JSON, YAML, TOML and INI are masked, without anchors and tags" });
  }
  if (committed.length > 0) {
    const shown = edits === "live" ? "; git inside tells them as changed, commit them nowhere" : "";
    const text = `git has ${some(committed.length, "file", "files")} that the policy hides or masks: its history is readable inside${shown}`;
    tell({ kind: "warning", text, hint: "change those secrets, and take the files out of the history" });
  }
}

export interface Ending {
  readonly exit: SessionExit;
  readonly gate: Gate;
  readonly commands: Pick<Commands, "statistics">;
  readonly changes: Changes;
}

/** The last entries, and the head that seals them. Rejects where they cannot be written. */
export async function enterStop(book: Book, ending: Ending): Promise<Head> {
  for (const file of ending.changes.swept) await enterSwept(book.append, file);
  await enterPlanted(book.append, ending.changes.planted);
  await enterVeiled(book.append, ending.changes.veiled);
  await book.append({ kind: "session.stop", ...tellStop(ending) });
  return book.head();
}

function tellStop({ exit, gate, commands, changes }: Ending): Pick<Entry, "counts" | "sealed"> {
  const { run, asked } = commands.statistics();
  const { requests, refused, bytesIn, bytesOut } = gate.statistics();
  const count = (change: string) => changes.changed.filter((file) => file.change === change).length;
  const quarantined = changes.held.filter((file) => file.state === "quarantined");
  return {
    counts: {
      "exit-code": exit.code,
      execs: run,
      questions: asked,
      requests,
      refusals: refused,
      "bytes-in": bytesIn,
      "bytes-out": bytesOut,
      "files-added": count("added"),
      "files-changed": changes.changed.length - count("added") - count("deleted"),
      "files-deleted": count("deleted"),
      "files-quarantined": quarantined.length,
    },
    sealed: { exit, changed: changes.changed.slice(0, 5000), quarantined, warnings: changes.warnings.slice(0, 100) },
  };
}
