// A git server on loopback, over https with Basic authentication: Debian's own git-http-backend behind Node, with bare
// repositories of the test's. Keeps what it was asked, and with which name and password.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse, type Http2Session } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import type { LargeFiles } from "./lfs-server.ts";

export interface GitRequest {
  readonly method: string;
  readonly target: string;
  /** Name and password, where any were given. */
  readonly pair: string | undefined;
  readonly status: number;
  /** Of HTTP. */
  readonly version: string;
  /** It waited to be told to go on. */
  readonly expects: boolean;
}

type Asked = IncomingMessage | Http2ServerRequest;
type Answering = ServerResponse | Http2ServerResponse;

export interface GitServer extends AsyncDisposable {
  readonly address: string;
  readonly ca: string;
  readonly requests: readonly GitRequest[];
}

const environment = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };

/** git on the host, apart from every configuration. */
export function git(words: readonly string[]): string {
  const who = ["-c", "user.name=host", "-c", "user.email=host@example.org", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...who, ...words], { env: environment, encoding: "utf8", stdio: "pipe" }).trim();
}

/** Where a reference stands; empty where there is none. */
export function headOf(bare: string, ref = "refs/heads/main"): string {
  return git(["-C", bare, "for-each-ref", "--format=%(objectname)", ref]);
}

/** A bare repository with one commit on main, of files and of submodules' commits; gives its path. */
export function makeBare(
  root: string,
  name: string,
  files: Readonly<Record<string, string>> = {},
  modules: Readonly<Record<string, string>> = {},
): string {
  const bare = join(root, name);
  git(["init", "-q", "--bare", bare]);
  git(["-C", bare, "config", "http.receivepack", "true"]);
  const lines = Object.entries({ "README.md": "hello\n", ...files }).flatMap(([path, text]) => [
    `M 100644 inline ${path}`,
    `data ${Buffer.byteLength(text)}`,
    text,
  ]);
  lines.push(...Object.entries(modules).map(([path, commit]) => `M 160000 ${commit} ${path}`));
  const commit = ["commit refs/heads/main", "committer host <host@example.org> 1700000000 +0000", "data 5", "first"];
  execFileSync("git", ["-C", bare, "fast-import", "--quiet"], {
    env: environment,
    input: [...commit, ...lines, "done", ""].join("\n"),
  });
  return bare;
}

/** How it speaks: HTTP/1.1 alone where nothing is said. */
export interface Speaking {
  readonly http2?: boolean;
  /** Kept beside its repositories. */
  readonly large?: LargeFiles;
}

export interface Serving extends Speaking {
  /** Directory of bare repositories. */
  readonly root: string;
  readonly name: string;
  /** `name:password`. */
  readonly pair: string;
}

export async function openGitServer(serving: Serving): Promise<GitServer> {
  const { root, name, pair, http2 = false, large } = serving;
  const issued = issueForLoopback([name]);
  const requests: GitRequest[] = [];
  const answer = (request: Asked, response: Answering): void => {
    const given = pairOf(request);
    const status = given === pair || large?.knows(request) ? 200 : 401;
    const { method = "", url: target = "", httpVersion: version, headers } = request;
    const expects = headers.expect !== undefined;
    requests.push({ method, target, pair: given, status, version, expects });
    if (status === 200 && large?.isAsked(request)) void large.answer(request, response);
    else if (status === 200) serveGit(request, response, root);
    else {
      request.resume();
      response.setHeader("www-authenticate", 'Basic realm="git"');
      response.statusCode = 401;
      response.end("who are you\n");
    }
  };
  const server = http2 ? createSecureServer({ ...issued, allowHTTP1: true }, answer) : createServer(issued, answer);
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session: Http2Session) => sessions.add(session));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: issued.ca,
    requests,
    [Symbol.asyncDispose]: async () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pairOf({ headers }: Asked): string | undefined {
  const [, text] = /^Basic (.*)$/.exec(headers.authorization ?? "") ?? [];
  return text === undefined ? undefined : Buffer.from(text, "base64").toString("latin1");
}

/** CGI (RFC 3875): git-http-backend(1). */
export function serveGit(request: Asked, response: Answering, root: string): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const { headers } = request;
  const child = spawn("git", ["http-backend"], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      REMOTE_USER: "host",
      ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: headers["content-length"] }),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.on("close", () => {
    const whole = Buffer.concat(parts);
    const end = whole.indexOf("\r\n\r\n");
    const lines = whole.toString("latin1", 0, end).split("\r\n");
    const fields = lines.map((line) => line.split(/: */, 2) as [string, string]);
    const status = fields.find(([field]) => field.toLowerCase() === "status")?.[1] ?? "200";
    for (const [field, value] of fields) if (field.toLowerCase() !== "status") response.setHeader(field, value);
    response.statusCode = Number.parseInt(status, 10);
    response.end(whole.subarray(end + 4));
  });
}
