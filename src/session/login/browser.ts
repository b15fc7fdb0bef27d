// The way from a tool's `xdg-open` to the person's browser: a program inside writes the address into a directory of the
// session's own; here it is read, and where it is the page of a login the policy names, the person is shown it, and the port it
// leads back to is published until somebody has logged in. Nothing is opened here: that is the person's hand.

import {
  closeSync,
  constants,
  mkdirSync,
  opendirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Mount } from "../../boundary/contract.ts";
import type { Append } from "../../domain/entry.ts";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { mayRun, ownMark } from "../interrupted.ts";
import { removeTree } from "../removal.ts";
import type { RunRequest } from "../request.ts";
import type { KeptLogin } from "./open.ts";
import { type Page, parsePage } from "./page.ts";

/** Milliseconds between two looks. */
const pause = 300;
/** A person logs in within ten minutes, or asks again (ms). */
const lent = 600_000;
/** Pages shown in one session; a tool that asks for more is not logging in. */
const mostShown = 20;
const longest = 8192;

const inside = "/run/postern";
/** Also asked where nothing of that name is installed. */
const names = ["xdg-open", "sensible-browser", "www-browser"];
const script = `#!/bin/sh
# what is to be opened in a browser is left for Postern, which shows it to the person outside
printf '%s\\n' "$1" > ${inside}/asked/$$
`;

export interface Bridge {
  readonly mounts: readonly Mount[];
  /** First on PATH. */
  readonly searchPath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** On the host. */
  readonly directory: string;
}

/** Made for one session, below a directory of such; what sessions that were killed left there is taken away. */
export function makeBridge(bridges: string, session: string): Bridge {
  mkdirSync(bridges, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(bridges)) if (!isOwned(join(bridges, name))) isRemoved(join(bridges, name));
  const directory = join(bridges, session);
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, "owner"), ownMark());
  for (const name of ["bin", "asked"]) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  for (const name of names) writeFileSync(join(directory, "bin", name), script, { mode: 0o755 });
  return {
    mounts: [
      { kind: "read", path: `${inside}/bin`, from: join(directory, "bin") },
      { kind: "write", path: `${inside}/asked`, from: join(directory, "asked"), ours: true },
    ],
    searchPath: `${inside}/bin`,
    environment: { BROWSER: `${inside}/bin/xdg-open` },
    directory,
  };
}

function isOwned(directory: string): boolean {
  try {
    return mayRun(readFileSync(join(directory, "owner"), "utf8"));
  } catch (error) {
    // one that is being made
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}

/** What a tool made of it is no reason for a session not to begin, or not to end. */
function isRemoved(directory: string): boolean {
  try {
    removeTree(directory);
    return true;
  } catch {
    return false;
  }
}

export interface Watching {
  readonly prepared: {
    readonly bridge: Bridge | undefined;
    readonly logins: readonly Pick<KeptLogin, "grant" | "onLogin">[];
    readonly request: Pick<RunRequest, "tell">;
  };
  readonly gate: Pick<Gateway, "lend">;
  readonly inside: Inside;
  readonly append: Append;
}

/** Until it is disposed of. */
export function openBrowserWay(watching: Watching): Disposable {
  const { bridge, logins, request } = watching.prepared;
  if (bridge === undefined) return { [Symbol.dispose]: () => undefined };
  const asked = join(bridge.directory, "asked");
  const open = new Map<number, () => void>();
  let shown = 0;
  const look = (): void => {
    for (const text of takeAll(asked)) {
      if (shown >= mostShown) continue;
      shown += 1;
      const page = parsePage(text);
      const login = page && logins.find(({ grant }) => grant.authorise.includes(page.host));
      if (page === undefined || login === undefined) tellRefused(request, page);
      else show(watching, { page, login, open }).catch((error: unknown) => request.tell({ kind: "failure", error }));
    }
  };
  const timer = setInterval(look, pause).unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      for (const close of open.values()) close();
      if (!isRemoved(bridge.directory))
        request.tell({
          kind: "warning",
          text: `${bridge.directory} cannot be taken away; the next session tries again`,
        });
    },
  };
}

/** Everything in the directory is the tool's, and its own mode too; what was read is gone afterwards, or was not asked. */
function takeAll(directory: string): string[] {
  return someOf(directory).flatMap((name) => {
    const path = join(directory, name);
    const text = readAsked(path);
    // it is still being written
    if (text !== undefined && !text.includes("\n")) return [];
    return takeAway(path) && text !== undefined ? [text] : [];
  });
}

/** A few names, however many there are; none where the tool has closed its own directory. */
function someOf(path: string): readonly string[] {
  try {
    const directory = opendirSync(path);
    try {
      const entries = Array.from({ length: mostShown }, () => directory.readSync()?.name);
      return entries.filter((name) => name !== undefined);
    } finally {
      directory.closeSync();
    }
  } catch {
    return [];
  }
}

/** Never what lies below: a tree of the tool's takes as long as it likes. */
function takeAway(path: string): boolean {
  for (const remove of [unlinkSync, rmdirSync]) {
    try {
      remove(path);
      return true;
    } catch {
      // the other kind, or one that stays
    }
  }
  return false;
}

function readAsked(path: string): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const bytes = Buffer.alloc(longest);
      return bytes.toString("latin1", 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function tellRefused({ tell }: Watching["prepared"]["request"], page: Page | undefined): void {
  const where = page === undefined ? "something" : `a page of ${page.host}`;
  tell({ kind: "warning", text: `the tool wanted ${where} opened in your browser: it is no login of this policy's` });
}

interface Showing {
  readonly page: Page;
  readonly login: Pick<KeptLogin, "grant" | "onLogin">;
  /** Ports lent, and how to take each back. */
  readonly open: Map<number, () => void>;
}

async function show(watching: Watching, { page, login, open }: Showing): Promise<void> {
  const { gate, append, prepared } = watching;
  const { id, rule } = login.grant;
  await append({
    kind: "credential",
    rule,
    purpose: "login",
    sealed: { credential: id, host: page.host, act: "asked" },
  });
  const { port } = page;
  let hint = "the code it gives you is for the tool";
  if (port !== undefined && !open.has(port)) {
    try {
      const publication = await gate.lend({ port, rule }, watching.inside);
      const close = (): void => {
        publication.close();
        open.delete(port);
        clearTimeout(timer);
        login.onLogin.delete(close);
      };
      const timer = setTimeout(close, lent).unref();
      open.set(port, close);
      login.onLogin.add(close);
      hint = `it leads back to port ${port}, which is open on this machine until then`;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      hint = `${error.message}, so the page cannot lead back: ${error.hint ?? "paste the code instead"}`;
    }
  }
  prepared.request.tell({
    kind: "warning",
    text: `the tool asks you to log in (${id}), in your own browser: ${page.url}`,
    hint,
  });
}
