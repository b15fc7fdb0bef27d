// The policy's logins → whoever keeps each, for one session. A login of the host that is not there is a refusal, never a silent
// start without it.

import { basename, join } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Login } from "../../domain/login.ts";
import { Lock } from "../../ledger/lock.ts";
import type { LoginGrant, Policy } from "../../policy/policy.ts";
import { leading, showing } from "../seclusion.ts";
import type { State } from "../state.ts";
import { loginOf } from "./exchange.ts";
import { findHostFile } from "./host-file.ts";
import { type Keep, openKeep } from "./keep.ts";
import { seedLogin } from "./seed.ts";
import { placeOf } from "./slot.ts";

export interface KeptLogin {
  readonly id: string;
  readonly grant: LoginGrant;
  readonly keep: Keep;
  readonly login: Login;
  /** Called whenever somebody has logged in by this session. */
  readonly onLogin: Set<() => void>;
}

export interface LoginPlaces {
  /** The one that runs. */
  readonly tool: string;
  readonly workspace: string;
  readonly state: State;
  /** The person's home on the host. */
  readonly home: string;
  /** The tool's private home, on the host. */
  readonly own: string;
  /** Trees of the host that the tool will see. */
  readonly shown: readonly string[];
}

export function openLogins({ logins }: Pick<Policy, "logins">, places: LoginPlaces): readonly KeptLogin[] | Fault {
  try {
    const opened = logins.map((grant) => openLogin(grant, places));
    // of two that a page may belong to, the running tool's comes first
    return [...opened.filter(({ login }) => login.own), ...opened.filter(({ login }) => !login.own)];
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function openLogin(grant: LoginGrant, { tool, workspace, state, home, own, shown }: LoginPlaces): KeptLogin {
  const named = join(home, grant.file.path);
  const file = grant.of === "host" ? findHostFile(named) : named;
  const place =
    grant.of === "host"
      ? placeOf(state.logins, `host.${grant.tool}`)
      : placeOf(state.logins, `${basename(own)}.${grant.tool}`, workspace);
  const clock = Date.now;
  const keep = openKeep({ grant, place, file, clock });
  const held = keep.held();
  if (grant.of === "host") {
    if (held === undefined) throw notThere(grant, named);
    const tree = showing(file, shown);
    if (tree !== undefined) throw seen(grant, file, tree);
    const ledBy = leading(named, shown);
    if (ledBy !== undefined) throw led(grant, named, ledBy);
  }
  finish(keep);
  if (grant.of === "host") seedLogin({ grant, keep, from: file, home: own });
  const onLogin = new Set<() => void>();
  const tell = (): void => {
    for (const told of onLogin) told();
  };
  const login = loginOf({ grant, keep, own: grant.tool === tool, clock, onLogin: tell });
  return { id: grant.id, grant, keep, login, onLogin };
}

/** What a session that was killed could not bring to its place; where one is at it now, it does so itself. */
function finish(keep: Keep): void {
  using turn = new Lock(keep.lock);
  turn.attempt(() => keep.settle(), 0);
}

/** The tool would read the real tokens where they lie. */
function seen({ tool, rule }: LoginGrant, file: string, tree: string): Fault {
  return new Fault({
    code: "login-shown",
    message: `the host's login to ${tool} (${rule}) lies in ${file}, and ${tree} would be shown inside`,
    hint: "list what the tool needs of it, not the whole, or run in another directory",
  });
}

/** The tool would have the tokens written to a place of its choice. */
function led({ tool, rule }: LoginGrant, file: string, tree: string): Fault {
  return new Fault({
    code: "login-shown",
    message: `the host's login to ${tool} (${rule}), ${file}, is found by a link in ${tree}, which would be shown inside`,
    hint: "list what the tool needs of it, not the whole, or put the file itself in the link's place",
  });
}

function notThere({ tool, rule, file: { elsewhere } }: LoginGrant, file: string): Fault {
  const inside = `log in outside first, or log in inside: from: { login: ${tool} }`;
  return new Fault({
    code: "credential-absent",
    message:
      elsewhere === undefined
        ? `nobody is logged in to ${tool} on this host (${rule}): there is no login in ${file}`
        : `no login to ${tool} is in ${file} (${rule}): nobody is logged in on this host, or it is kept in ${elsewhere.where}, which is not read`,
    hint: elsewhere === undefined ? inside : `${inside}; kept elsewhere: ${elsewhere.remedy}`,
  });
}
