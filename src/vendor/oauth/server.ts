// An authorisation server on loopback, and the service its tokens open: the page where a person says yes, codes for devices, a
// token endpoint, and everything else, which wants an access token. Plays no script; what it knows is in `grants.ts`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { readBody } from "../body.ts";
import { parseObject } from "../json.ts";
import { type Given, type GrantOptions, Grants, type OAuthError } from "./grants.ts";

export interface AuthorisationOptions extends Partial<GrantOptions> {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly paths: { readonly authorise: string; readonly token: string; readonly device: string };
  /** Awaited before a request for tokens is looked at; nothing happens where its connection has gone by then. */
  readonly pace?: (asked: Asked, gone: Promise<unknown>) => Promise<void>;
}

export type Asked = ReadonlyMap<string, string>;

export interface Authorisation extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly grants: Grants;
  /** `POST /v1/oauth/token refresh_token 200`, in order. Holds no tokens. */
  readonly log: readonly string[];
}

export async function openAuthorisation(options: AuthorisationOptions): Promise<Authorisation> {
  const grants = new Grants({
    lifetime: 3600,
    jwt: false,
    claims: {},
    prefixes: { access: "", refresh: "" },
    interval: 5,
    slower: 5,
    clock: Date.now,
    ...options,
  });
  const log: string[] = [];
  const server = createServer(options.tls, (request, response) => {
    serve({ options, grants, log }, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, grants, log, [Symbol.asyncDispose]: () => shut(server) };
}

function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

interface Part {
  readonly options: AuthorisationOptions;
  readonly grants: Grants;
  readonly log: string[];
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly location?: string;
}

async function serve(part: Part, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = URL.parse(`https://server.invalid${request.url ?? ""}`);
  const asked = parametersOf(await readBody(request), request.headers["content-type"] ?? "");
  if (path?.pathname === part.options.paths.token) {
    await part.options.pace?.(asked, new Promise((resolve) => request.socket.once("close", resolve)));
  }
  // whoever asked has gone: nothing of it happens
  if (path === null || request.socket.destroyed) return;
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const { status, body, location } = answerTo(part, path, { asked, bearer });
  part.log.push([request.method, path.pathname, asked.get("grant_type"), status].filter(Boolean).join(" "));
  response.writeHead(status, { "content-type": "application/json", ...(location === undefined ? {} : { location }) });
  response.end(JSON.stringify(body));
}

function answerTo({ options, grants }: Part, url: URL, { asked, bearer }: { asked: Asked; bearer: string }): Answer {
  switch (url.pathname) {
    case options.paths.authorise:
      return sayYes(grants, url);
    case options.paths.device:
      return { status: 200, body: { ...grants.askDevice(), verification_uri: "https://server.invalid/device" } };
    case options.paths.token: {
      const body = give(grants, asked);
      const error = "error" in body ? body.error : undefined;
      return { status: error === undefined ? 200 : error === "slow_down" ? 429 : 400, body };
    }
    default: {
      const account = grants.accountOf(bearer);
      return account === undefined
        ? { status: 401, body: { error: "invalid_token" } }
        : { status: 200, body: { account } };
    }
  }
}

/** RFC 6749 §4.1.1, §4.1.2; RFC 7636 §4.3. */
function sayYes(grants: Grants, url: URL): Answer {
  const given = (name: string): string => url.searchParams.get(name) ?? "";
  const redirect = URL.parse(given("redirect_uri"));
  if (redirect === null || given("response_type") !== "code" || given("code_challenge_method") !== "S256")
    return { status: 400, body: { error: "invalid_request" } };
  const challenge = given("code_challenge");
  const code = grants.authorise({ challenge, client: given("client_id"), redirect: given("redirect_uri") });
  redirect.searchParams.set("code", code);
  redirect.searchParams.set("state", given("state"));
  return { status: 302, body: {}, location: redirect.href };
}

function give(grants: Grants, asked: Asked): Given | OAuthError {
  const of = (name: string): string => asked.get(name) ?? "";
  switch (of("grant_type")) {
    case "authorization_code":
      return grants.redeem(of("code"), {
        verifier: of("code_verifier"),
        client: of("client_id"),
        redirect: of("redirect_uri"),
      });
    case "urn:ietf:params:oauth:grant-type:device_code":
      return grants.pollDevice(of("device_code"));
    case "refresh_token":
      return grants.refresh(of("refresh_token"));
    default:
      return { error: "unsupported_grant_type" };
  }
}

/** JSON, or a form: as the published tools send both. */
function parametersOf(body: Buffer | undefined, type: string): Asked {
  if (body === undefined) return new Map();
  if (!type.startsWith("application/json")) return new Map(new URLSearchParams(body.toString("latin1")));
  const fields = Object.entries(parseObject(body) ?? {});
  return new Map(fields.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])));
}
