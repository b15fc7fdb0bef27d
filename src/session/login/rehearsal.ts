// Logins for this folder's tests: a state directory and a home of their own, a server in memory, tools that ask as published ones
// do. Nothing here runs in a session.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SendTokens, TokenOutcome } from "../../domain/login.ts";
import type { LoginGrant } from "../../policy/policy.ts";
import { profileNamed } from "../../policy/profile.ts";
import { loginOf } from "./exchange.ts";
import { type Keep, openKeep } from "./keep.ts";
import { placeOf } from "./slot.ts";

export type Answer = Readonly<Record<string, unknown>>;

/** One session's hand on the login. */
export interface Hand {
  readonly keep: Keep;
  readonly access: () => string | undefined;
  readonly isAccess: (text: string) => boolean;
  /** The present token is answered with 401. */
  readonly reject: () => void;
  /** Octets go as they are. */
  readonly ask: (fields: object | Buffer, send?: SendTokens) => Promise<TokenOutcome>;
  /** What the tool has after a refresh with what it had. Throws where it has none. */
  readonly refresh: (had: Answer) => Promise<Answer>;
}

export interface Given {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** As far as a scene asks it by itself. */
export interface Server {
  readonly logIn: (account?: string) => Given;
  readonly refresh: (token: string) => Given | { readonly error: string };
}

/** Beginnings of tokens; milliseconds since 1970. */
export type ServerFor<Made extends Server> = (
  prefixes: { readonly access: string; readonly refresh: string },
  clock: () => number,
) => Made;

export class Scene<Made extends Server> implements Disposable {
  readonly base = mkdtempSync(join(tmpdir(), "postern-login-"));
  readonly grant: LoginGrant;
  readonly server: Made;
  /** Requests that reached the server. */
  asked = 0;
  /** Milliseconds since 1970. */
  now = 1_800_000_000_000;

  constructor(tool: string, of: LoginGrant["of"], serverFor: ServerFor<Made>) {
    const data = profileNamed(tool)?.login;
    if (data === undefined) throw new Error(`no login: ${tool}`);
    const { prefixes } = data;
    this.grant = { ...data, id: "me", rule: "user:credentials.me", tool, of } as unknown as LoginGrant;
    const shapes = { access: prefixes.access ?? "", refresh: prefixes.refresh ?? "" };
    this.server = serverFor(shapes, () => this.now);
  }

  get file(): string {
    return join(this.base, "home", this.grant.file.path);
  }

  get slot(): string {
    return placeOf(join(this.base, "logins"), "slot").file;
  }

  /** As the tool on the host would have written it, for Claude Code. */
  writeHost(given: Given): void {
    mkdirSync(dirname(this.file), { recursive: true });
    const { access_token: accessToken, refresh_token: refreshToken } = given;
    const own = {
      accessToken,
      refreshToken,
      expiresAt: this.now + 3_600_000,
      scopes: ["user:inference"],
      subscriptionType: "max",
    };
    writeFileSync(
      this.file,
      JSON.stringify({ claudeAiOauth: own, mcpOAuth: { other: { accessToken: "another-secret" } } }),
    );
  }

  readonly send: SendTokens = async (body) => {
    this.asked += 1;
    const fields = JSON.parse(body.toString()) as Record<string, string>;
    const { grant_type: grant, refresh_token: token = "" } = fields;
    const given = grant === "refresh_token" ? this.server.refresh(token) : this.server.logIn();
    return { status: "error" in given ? 400 : 200, body: Buffer.from(JSON.stringify(given)) };
  };

  open(): Hand {
    const place = placeOf(join(this.base, "logins"), "slot");
    const clock = (): number => this.now;
    const keep = openKeep({ grant: this.grant, place, file: this.file, clock });
    const login = loginOf({ grant: this.grant, keep, own: true, clock, onLogin: () => undefined });
    const ask: Hand["ask"] = (fields, send = this.send) => {
      const body = Buffer.isBuffer(fields) ? fields : Buffer.from(JSON.stringify(fields));
      return login.exchange({ contentType: "application/json", body }, send);
    };
    return {
      keep,
      access: () => login.access()?.reveal(),
      isAccess: login.isAccess,
      reject: () => {
        const token = login.access();
        if (token !== undefined) login.rejected(token);
      },
      ask,
      refresh: async (had) => answerOf(await ask({ grant_type: "refresh_token", refresh_token: had["refresh_token"] })),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true });
  }
}

export function answerOf(outcome: TokenOutcome): Answer {
  if (outcome.kind === "answer" && outcome.act !== "failed") return JSON.parse(outcome.body.toString()) as Answer;
  throw new Error(JSON.stringify(outcome));
}

/** What the tool sends for a code. */
export const code = { grant_type: "authorization_code", code: "c", code_verifier: "v" };
