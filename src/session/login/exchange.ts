// What a tool asks of its token endpoint → what it gets: placeholders. One refresher for all of a person's sessions, in turn: who
// comes with what has been refreshed meanwhile gets what is there, and the server is not asked. What the server gives is durable
// before the tool has its answer. Where a session is killed between the server's answer and that write, a refresh token that
// serves once is lost; the next refresh says so.

import type { Claim, Login, SendTokens, TokenOutcome, TokenReply } from "../../domain/login.ts";
import { Secret } from "../../domain/secret.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import { makePlaceholder, readPlaceholder } from "../../protocol/oauth/placeholder.ts";
import { parseTokenReply, type Tokens } from "../../protocol/oauth/reply.ts";
import { parseTokenRequest, type TokenAsk } from "../../protocol/oauth/request.ts";
import type { Keep } from "./keep.ts";
import type { Held } from "./storing.ts";
import { inTurn } from "./turn.ts";

/** Milliseconds somebody waits for another's refresh: longer than a server takes. */
const patience = 60_000;
/** An access token that ends within this time (ms) is refreshed, also where somebody else did so already. */
const nearEnd = 60_000;

export interface Keeper {
  readonly grant: LoginGrant;
  readonly keep: Keep;
  /** It is the login of the tool that runs. */
  readonly own: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Somebody has logged in. */
  readonly onLogin: () => void;
}

/** What one session knows beside. */
interface Refresher extends Keeper {
  /** An access token that was answered with 401. */
  dead: string | undefined;
}

export function loginOf(keeper: Keeper): Login {
  const { grant, keep } = keeper;
  const refresher: Refresher = { ...keeper, dead: undefined };
  return {
    id: grant.id,
    rule: grant.rule,
    places: grant.places,
    endpoint: grant.endpoint,
    own: keeper.own,
    claim: ({ contentType, body }) => claim(keeper, parseTokenRequest(contentType, body)),
    isAccess: (text) => readPlaceholder(text, keep.marks.access) !== undefined,
    access: () => {
      try {
        const held = keep.held();
        return held === undefined ? undefined : new Secret(held.access);
      } catch {
        // said where the login is asked for; here it is as if nobody were logged in
        return undefined;
      }
    },
    rejected: (token) => {
      refresher.dead = token.reveal();
    },
    exchange: async ({ contentType, body }, send) => {
      try {
        return await exchange(refresher, parseTokenRequest(contentType, body), { body, send });
      } catch (error) {
        return refuse(503, "login:state", `what is kept of the login cannot be used: ${String(error)}`);
      }
    },
  };
}

function claim({ grant, keep }: Keeper, ask: TokenAsk): Claim {
  if (ask.kind === "code") return grant.of === "host" ? "not mine" : "perhaps";
  if (ask.kind !== "refresh") return "not mine";
  return readPlaceholder(ask.token, keep.marks.refresh) === undefined ? "not mine" : "mine";
}

interface Sending {
  readonly body: Buffer;
  readonly send: SendTokens;
}

async function exchange(keeper: Refresher, ask: TokenAsk, { body, send }: Sending): Promise<TokenOutcome> {
  const { grant, keep } = keeper;
  switch (ask.kind) {
    case "unreadable":
      return refuse(400, "login:request", `the request for tokens cannot be read: ${ask.why}`);
    case "other":
      return refuse(403, "login:grant", `no login comes about by the grant ${ask.grant}`);
    case "code": {
      if (grant.of === "host") return refuse(403, "login:host", "the host's own login is in use: log in outside");
      const reply = await send(body);
      return wait(keep, async () => take(keeper, reply, "login"));
    }
    case "refresh": {
      const generation = readPlaceholder(ask.token, keep.marks.refresh);
      if (generation === undefined) return refuse(400, "login:foreign", "a refresh token that is not one of ours");
      return wait(keep, () => refresh({ keeper, generation, write: ask.write, send }));
    }
  }
}

async function wait(keep: Keep, work: () => Promise<TokenOutcome>): Promise<TokenOutcome> {
  const turn = await inTurn(keep.lock, patience, work);
  return turn?.result ?? refuse(503, "login:busy", "another session refreshes the login and does not come to an end");
}

interface Refresh {
  readonly keeper: Refresher;
  readonly generation: number;
  readonly write: (token: string) => Buffer;
  readonly send: SendTokens;
}

async function refresh({ keeper, generation, write: writeAnew, send }: Refresh): Promise<TokenOutcome> {
  const { keep } = keeper;
  keep.settle();
  const held = keep.held();
  if (held?.refresh === undefined) return refuse(400, "login:ended", "nobody is logged in any more");
  if (generation < held.generation && lasts(keeper, held)) return kept(keeper, held);
  // attacker-controlled: where it cannot be written anew, nothing was sent
  const body = writeAnew(held.refresh);
  const lost = keep.sending();
  const reply = await send(body);
  if (keep.isOut()) return refuse(400, "login:ended", "logged out while the server was asked");
  const outcome = take(keeper, reply, "refresh");
  if (outcome.kind !== "answer" || outcome.act !== "failed") return outcome;
  keep.heard();
  // the tool on the host was quicker: what it has is as good
  const now = keep.held();
  if (now !== undefined && now.refresh !== held.refresh) return kept(keeper, now);
  return lost ? { ...outcome, why: `${outcome.why}; an earlier answer was lost: log in again` } : outcome;
}

function lasts({ clock, dead }: Refresher, { access, expires }: Held): boolean {
  if (access === dead) return false;
  return expires === undefined || expires - clock() > nearEnd;
}

/** What the server said, kept, → what the tool is told. Synchronous from here to the disk. */
function take(keeper: Keeper, reply: TokenReply | string, act: "login" | "refresh"): TokenOutcome {
  const { grant, keep, onLogin } = keeper;
  if (typeof reply === "string") return refuse(502, "login:unreached", reply);
  const answer = parseTokenReply(reply.body);
  const success = reply.status >= 200 && reply.status < 300;
  if (answer.kind === "tokens" && success) {
    const held = keep.store(answer.tokens, answer.rest);
    if (act === "login") onLogin();
    const expiresIn = answer.tokens.expiresIn;
    return {
      kind: "answer",
      act,
      status: reply.status,
      body: write(grant, keep, { held, given: answer.tokens, expiresIn }),
    };
  }
  if (answer.kind === "none")
    return {
      kind: "answer",
      act: "failed",
      status: reply.status,
      body: Buffer.from(JSON.stringify(answer.rest)),
      why: `the server gave no tokens: ${answer.error ?? reply.status}`,
    };
  const why = answer.kind === "unreadable" ? answer.why : `tokens and a status of ${reply.status} do not go together`;
  return refuse(502, "login:reply", `the reply for tokens cannot be used: ${why}`);
}

/** As the server would have answered: all that is there, and the time that is left. */
function kept({ grant, keep, clock }: Keeper, held: Held): TokenOutcome {
  const expiresIn = held.expires === undefined ? undefined : Math.max(0, Math.floor((held.expires - clock()) / 1000));
  const body = write(grant, keep, { held, given: held, expiresIn });
  return { kind: "answer", act: "kept", status: 200, body };
}

interface Written {
  readonly held: Held;
  /** Which of the tokens are named. */
  readonly given: Pick<Tokens, "access"> & { readonly refresh?: string | undefined; readonly id?: string | undefined };
  readonly expiresIn: number | undefined;
}

function write({ prefixes }: LoginGrant, { marks }: Keep, { held, given, expiresIn }: Written): Buffer {
  const { generation, rest } = held;
  const make = (real: string | undefined, kind: "access" | "refresh" | "id"): string | undefined => {
    const prefix = kind === "id" ? undefined : prefixes[kind];
    return real === undefined ? undefined : makePlaceholder(real, { mark: marks[kind], generation, prefix });
  };
  return Buffer.from(
    JSON.stringify({
      token_type: "Bearer",
      ...rest,
      access_token: make(given.access, "access"),
      refresh_token: make(given.refresh, "refresh"),
      id_token: make(given.id, "id"),
      expires_in: expiresIn,
    }),
  );
}

function refuse(status: 400 | 403 | 502 | 503, rule: string, reason: string): TokenOutcome {
  return { kind: "refuse", status, rule, reason };
}
