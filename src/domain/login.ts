// A tool's own login as the gate needs it: where its access token is put in, where tokens are given out, and whom to ask about
// both. The tokens are with whoever keeps them; the tool holds placeholders.

import type { Host } from "./brand.ts";
import type { Credential } from "./reach.ts";
import type { Secret } from "./secret.ts";

export interface TokenEndpoint {
  readonly host: Host;
  /** Globs. */
  readonly paths: readonly string[];
}

/** What the tool sent to a token endpoint. Attacker-controlled. */
export interface TokenRequest {
  readonly contentType: string;
  readonly body: Buffer;
}

/** What came back, transfer and content coding taken off. The server may be hostile. */
export interface TokenReply {
  readonly status: number;
  readonly body: Buffer;
}

/** Sends the tool's request with this body in place of its own; a text where no reply came, saying why. */
export type SendTokens = (body: Buffer) => Promise<TokenReply | string>;

/** `login`: tokens were given for a code. `refresh`: for a refresh token. `kept`: the server was not asked. `failed`: it gave none. */
export type TokenAct = "login" | "refresh" | "kept" | "failed";

export type TokenOutcome =
  | {
      readonly kind: "answer";
      readonly act: TokenAct;
      readonly status: number;
      readonly body: Buffer;
      readonly why?: string;
    }
  /** Nothing of it reaches the tool but an error; `status` is what the tool is told. */
  | { readonly kind: "refuse"; readonly status: 400 | 403 | 502 | 503; readonly rule: string; readonly reason: string };

/** Of several logins whose tokens are given out at one place. `perhaps`: a code, which says nothing of whose it is. */
export type Claim = "mine" | "not mine" | "perhaps";

export interface Login {
  /** Its key in the policy; the label of findings. */
  readonly id: string;
  readonly rule: string;
  /** Where the access token may be put in. */
  readonly places: readonly Credential["to"][];
  readonly endpoint: TokenEndpoint;
  /** It is the login of the tool that runs. */
  readonly own: boolean;
  readonly claim: (request: TokenRequest) => Claim;
  /** This whole text is one of the placeholders that stand for the access token. Attacker-controlled text. */
  readonly isAccess: (text: string) => boolean;
  /** The real access token as it is now, whoever refreshed it; undefined where nobody is logged in. */
  readonly access: () => Secret | undefined;
  /** Somebody answered 401 to this access token: the next who asks for another gets another, whatever its time is. */
  readonly rejected: (token: Secret) => void;
  /** Never rejects. Nobody is asked but through `send`; what it gave is durable before this resolves. */
  readonly exchange: (request: TokenRequest, send: SendTokens) => Promise<TokenOutcome>;
}
