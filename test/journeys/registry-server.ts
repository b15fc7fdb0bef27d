// A registry of the tests' own: serves the files of a directory over TLS, and over plain HTTP on the next port (below `/git/`,
// bare repositories by git's own protocol), and keeps every request in a file of lines. Started in the world outside (registry-world.ts), never by hand; one JSON argument (`Serving`).

import { appendFileSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { serveGit } from "./git-server.ts";
import { servedAt } from "./packages.ts";

export interface Serving {
  readonly root: string;
  /** Where requests are written. */
  readonly log: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  /** Beginning of a path → the one `authorization` that opens it. */
  readonly locked: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

const { root, log, port, cert, key, locked } = JSON.parse(process.argv[2] ?? "") as Serving;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url: path = "", headers } = request;
  const asked: Asked = { method, host: headers.host ?? "", path, authorization: headers.authorization };
  appendFileSync(log, `${JSON.stringify(asked)}\n`);
  const plain = decodeURIComponent(path.split("?")[0] ?? "");
  const lock = Object.keys(locked).find((below) => plain.startsWith(below));
  if (lock !== undefined && headers.authorization !== locked[lock])
    return void response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end("who are you?");
  if (plain.startsWith("/git/")) {
    serveGit(request, response, root);
    return;
  }
  const file = servedAt(root, path);
  if (file === undefined) return void response.writeHead(404).end("{}");
  response.writeHead(200, { "content-type": file.type }).end(readFileSync(file.path));
}

const servers = [createSecureServer({ cert, key }, answer).listen(port), createServer(answer).listen(port + 1)];
let open = 0;
for (const server of servers)
  server.on("listening", () => {
    open += 1;
    if (open === servers.length) process.stdout.write("listening\n");
  });
