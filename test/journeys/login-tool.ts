// A tool with a login of its own, for journeys: runs inside, from the checkout, and does what published tools do. It keeps its
// tokens in its own file, refreshes them, asks its vendor with them; or logs in by a page with PKCE, a pasted code, a device.

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

const tokens = "https://platform.claude.com/v1/oauth/token";
const vendor = "https://api.anthropic.com/api/oauth/profile";
const messages = "https://api.anthropic.com/v1/messages";
const folder = `${homedir()}/.claude`;
const file = `${folder}/.credentials.json`;

interface Given {
  readonly access_token: string;
  readonly refresh_token: string;
}
interface Own {
  claudeAiOauth: { accessToken: string; refreshToken: string };
}

const post = (url: string, body: object | URLSearchParams): Promise<Response> =>
  body instanceof URLSearchParams
    ? fetch(url, { method: "POST", body })
    : fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const say = (name: string, value: unknown): void => writeFileSync(`${name}.said`, JSON.stringify(value));

function save({ access_token: accessToken, refresh_token: refreshToken }: Given): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify({ claudeAiOauth: { accessToken, refreshToken } }));
}

/** Refreshes and asks once for each turn it is given, until it is told to end. */
async function rounds(): Promise<void> {
  let { accessToken, refreshToken } = (JSON.parse(readFileSync(file, "utf8")) as Own).claudeAiOauth;
  for (let done = ""; ; ) {
    const turn = existsSync("turn") ? readFileSync("turn", "utf8") : "";
    if (turn === "end") return;
    if (turn === done || turn === "") {
      await pause(10);
      continue;
    }
    const reply = await post(tokens, { grant_type: "refresh_token", refresh_token: refreshToken, client_id: "c" });
    const given = (await reply.json()) as Given;
    if (reply.ok) {
      save(given);
      accessToken = given.access_token;
      refreshToken = given.refresh_token;
    }
    const asked = await fetch(vendor, bearer(accessToken));
    await asked.text();
    say("rounds", { turn, refresh: reply.status, ask: asked.status });
    done = turn;
  }
}

/** Asks for each turn, and refreshes where it is told that its token is worth nothing. */
async function lazy(): Promise<void> {
  let { accessToken, refreshToken } = (JSON.parse(readFileSync(file, "utf8")) as Own).claudeAiOauth;
  const ask = async (): Promise<number> => {
    const asked = await fetch(vendor, bearer(accessToken));
    await asked.text();
    return asked.status;
  };
  for (let done = ""; done !== "end"; await pause(10)) {
    const turn = existsSync("turn") ? readFileSync("turn", "utf8") : "";
    if (turn === done || turn === "") continue;
    done = turn;
    const asks = [await ask()];
    if (asks[0] === 401) {
      const reply = await post(tokens, { grant_type: "refresh_token", refresh_token: refreshToken, client_id: "c" });
      ({ access_token: accessToken, refresh_token: refreshToken } = (await reply.json()) as Given);
      asks.push(await ask());
    }
    say("lazy", { turn, asks });
  }
}

function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

async function redeem(code: string, verifier: string, redirect: string): Promise<Given> {
  const request = {
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: redirect,
    client_id: "c",
  };
  const reply = await post(tokens, new URLSearchParams(request));
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Given;
}

const pageFor = (redirect: string, challenge: string): string =>
  `https://claude.ai/oauth/authorize?${new URLSearchParams({ response_type: "code", client_id: "c", redirect_uri: redirect, code_challenge: challenge, code_challenge_method: "S256", state: "s" }).toString()}`;

/** By a page that leads back to a port of ours. */
async function byPage(): Promise<Given> {
  const { verifier, challenge } = pkce();
  const came = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    came.resolve(URL.parse(`http://localhost${request.url}`)?.searchParams.get("code") ?? "");
    response.end("back to the tool");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const redirect = `http://localhost:${(server.address() as AddressInfo).port}/callback`;
  execFileSync("xdg-open", [pageFor(redirect, challenge)]);
  const given = await redeem(await came.promise, verifier, redirect);
  server.close();
  return given;
}

/** By a code the person brings. */
async function byPaste(name = "paste"): Promise<Given> {
  const { verifier, challenge } = pkce();
  const redirect = "https://platform.claude.com/oauth/code/callback";
  say(name, { page: pageFor(redirect, challenge) });
  // a file that is being written is there before its words are
  let code = "";
  for (; code === ""; await pause(20)) code = existsSync(`${name}d`) ? readFileSync(`${name}d`, "utf8") : "";
  return redeem(code, verifier, redirect);
}

/** By a code typed elsewhere; asks too early once, and is told. */
async function byDevice(): Promise<Given> {
  const url = "https://chat.qwen.ai/api/v1/oauth2";
  const device = (await (await post(`${url}/device/code`, new URLSearchParams({ client_id: "c" }))).json()) as Record<
    string,
    string
  >;
  say("device", { user: device["user_code"] });
  const grant = "urn:ietf:params:oauth:grant-type:device_code";
  const errors: string[] = [];
  for (;;) {
    const poll = { grant_type: grant, device_code: device["device_code"] ?? "", client_id: "c" };
    const reply = await post(`${url}/token`, new URLSearchParams(poll));
    const said = (await reply.json()) as Given & { readonly error?: string };
    if (said.error === undefined) {
      say("polls", errors);
      return said;
    }
    errors.push(said.error);
    await pause(errors.length * 400);
  }
}

async function login(): Promise<void> {
  const statuses: Record<string, number> = {};
  for (const [name, way] of Object.entries({ page: byPage, paste: () => byPaste() })) {
    const given = await way();
    save(given);
    statuses[name] = (await fetch(vendor, bearer(given.access_token))).status;
    statuses[`${name} elsewhere`] = (await fetch("https://other.example.com/", bearer(given.access_token))).status;
  }
  const given = await byDevice();
  statuses["device"] = (await post("https://portal.qwen.ai/v1/chat/completions", {})).status;
  const reply = await fetch("https://portal.qwen.ai/v1/chat/completions", {
    method: "POST",
    body: "{}",
    ...bearer(given.access_token),
  });
  statuses["device"] = reply.status;
  say("statuses", statuses);
  while (!existsSync("turn")) await pause(20);
}

/** Logs in, is logged out by the person meanwhile, and logs in again. */
async function again(): Promise<void> {
  const first = await byPaste("first-paste");
  const ask = async ({ access_token }: Given): Promise<number> => (await fetch(vendor, bearer(access_token))).status;
  const refresh = async ({ refresh_token }: Given): Promise<Response> =>
    post(tokens, { grant_type: "refresh_token", refresh_token, client_id: "c" });
  const before = await ask(first);
  say("in", { before });
  while (!existsSync("out")) await pause(20);
  const out = { ask: await ask(first), refresh: (await refresh(first)).status };
  const second = await byPaste("second-paste");
  save(second);
  const after = { ask: await ask(second), refresh: (await refresh(second)).status };
  say("again", { before, out, after });
}

/** Logs in once. */
async function once(): Promise<void> {
  const status = await byPaste("once-paste").then(
    async ({ access_token: token }) => (await fetch(messages, { method: "POST", body: "{}", ...bearer(token) })).status,
    (error: unknown) => String(error),
  );
  say("once", { status });
}

const modes: Readonly<Record<string, () => Promise<void>>> = { rounds, lazy, again, once, login };
await modes[process.argv[2] ?? ""]?.();
